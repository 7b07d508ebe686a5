/** `weave run` and a main that forgets its signal: what is said, and what the second Ctrl-C does. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Project } from '../hosts/project.ts'
import { Running } from './process.ts'

let project: Project
beforeEach(() => {
  project = new Project('hello')
})
afterEach(() => project.remove())

test('weave run says how to end what does not end', async () => {
  project.edit(
    'src/hello.ts',
    'async main(): Promise<void> {',
    "async main(): Promise<void> {\n    console.log('forever')\n    await new Promise(() => {})",
  )
  await using app = new Running(project, 'run')
  await app.until(/forever/)
  app.child.kill('SIGINT')
  await app.until(/stopping; Ctrl-C again kills\n/)
  app.child.kill('SIGINT')
  expect(await app.exit).toBe(130)
})

test('weave run ends also what is too busy to see a signal', async () => {
  project.edit(
    'src/hello.ts',
    'async main(): Promise<void> {',
    "async main(): Promise<void> {\n    process.stdout.write('busy\\n')\n    const end = Date.now() + 30_000\n    while (Date.now() < end);",
  )
  await using app = new Running(project, 'run')
  await app.until(/busy/)
  app.child.kill('SIGINT')
  await app.until(/stopping; Ctrl-C again kills\n/)
  app.child.kill('SIGINT')
  expect(await app.exit).toBe(137)
})
