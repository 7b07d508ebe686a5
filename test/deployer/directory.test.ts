import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SocketDirectory } from '../../deployer/directory.ts'
import { DEPLOYER_LIMITS } from '../../deployer/limits.ts'

test('a folder whose sockets would have too long a path is refused', () => {
  const parent = join(tmpdir(), 'x'.repeat(100))
  const bytes = Buffer.byteLength(join(parent, 'weave-XXXXXX', 'p000-00000000'))
  expect(() => new SocketDirectory(parent)).toThrow(
    `The folder for temporary files, ${parent}, has too long a path: a socket in it would have ${bytes} bytes, and ${DEPLOYER_LIMITS.socketPathBytesMax} are the most that fit; set TMPDIR to a shorter one, such as /tmp.`,
  )
})

test('every path in it is as short as was reckoned', () => {
  const directory = new SocketDirectory(tmpdir())
  const longest = join(directory.path, 'p000-00000000').length
  expect(directory.data(DEPLOYER_LIMITS.processesMax, 99_999_999).length).toBe(longest)
  expect(directory.listener(999_999_999_999).length).toBe(longest)
  expect(directory.control.length).toBeLessThan(longest)
  directory.remove()
})
