/** What an event loop is said to be busy for, while V8 samples stacks by signals; in a process of its own, since it is told of a process's first thread. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const file = (name: string) => JSON.stringify(join(import.meta.dirname, '..', '..', 'runtime', 'measure', name))

/** Share of half a second in which the loop was busy, as it is told. */
function share(doing: string): number {
  const program = `
    import { openInspector } from ${file('inspector.ts')}
    import { loopBusyMs } from ${file('loop.ts')}
    import { setTimeout } from 'node:timers/promises'
    const inspector = await openInspector(20_000)
    const [atMs, busyMs] = [performance.now(), loopBusyMs()]
    ${doing}
    console.log((loopBusyMs() - busyMs) / (performance.now() - atMs))
    inspector.close()`
  return Number(
    execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', program], { encoding: 'utf8' }),
  )
}

test('one that waits is not busy, though signals end its waits', () => {
  expect(share('await setTimeout(500)')).toBeLessThan(0.5)
})

test('one that works is, also while others have its core', () => {
  expect(share('while (performance.now() < atMs + 500);')).toBeGreaterThan(0.9)
})
