import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { SocketDirectory } from '../../deployer/directory.ts'
import { DEPLOYER_LIMITS } from '../../deployer/limits.ts'

test('a folder whose sockets would have too long a path is refused', () => {
  const parent = join(tmpdir(), 'x'.repeat(100))
  const bytes = Buffer.byteLength(join(parent, 'weave-XXXXXX', 'p000-00000000'))
  expect(() => SocketDirectory.make(parent)).toThrow(
    `The folder for temporary files, ${parent}, has too long a path: a socket in it would have ${bytes} bytes, and ${DEPLOYER_LIMITS.socketPathBytesMax} are the most that fit; set TMPDIR to a shorter one, such as /tmp.`,
  )
})

test('every path in it is as short as was reckoned', () => {
  const directory = SocketDirectory.make(tmpdir())
  const longest = join(directory.path, 'p000-00000000').length
  expect(directory.data(DEPLOYER_LIMITS.processesMax, 99_999_999).length).toBe(longest)
  expect(directory.listener(999_999_999_999).length).toBe(longest)
  expect(directory.control.length).toBeLessThan(longest)
  directory.remove()
})

test('folders of deployers that are gone are removed, and nothing else', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'weave-test-'))
  const gone = spawn(process.execPath, ['-e', ''])
  await once(gone, 'exit')
  const own = SocketDirectory.make(parent)
  const others = {
    'weave-killed': `${gone.pid} ${hostname()}`,
    'weave-remote': `${gone.pid} elsewhere`,
    'weave-living': `${process.ppid} ${hostname()}`,
    'weave-others': undefined,
    'another-one1': `${gone.pid} ${hostname()}`,
  }
  for (const [name, owner] of Object.entries(others)) {
    mkdirSync(join(parent, name))
    if (owner !== undefined) writeFileSync(join(parent, name, 'owner'), owner)
  }
  const next = SocketDirectory.make(parent)
  const kept = ['another-one1', 'weave-living', 'weave-others', 'weave-remote', basename(own.path), basename(next.path)]
  expect(readdirSync(parent).sort()).toEqual(kept.sort())
  rmSync(parent, { recursive: true })
})
