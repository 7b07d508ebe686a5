/** The page that describes the bytes says what the code writes. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LIMITS } from '../../runtime/limits.ts'
import { FRAME } from '../../runtime/transport/socket/frames.ts'
import { PROTOCOL } from '../../runtime/transport/socket/handshake.ts'
import { PAGE, pageWith } from './vectors.ts'

const page = readFileSync(PAGE, 'utf8')

test('the vectors of docs/wire.md are what is written (node test/codec/vectors.ts --write)', () => {
  expect(pageWith(page)).toBe(page)
})

test('docs/wire.md lists every kind of frame by its number, and the protocol of today', () => {
  for (const [name, kind] of Object.entries(FRAME)) expect(page).toContain(`| ${kind} | \`${name}\` |`)
  expect(page).toContain(`protocol ${PROTOCOL}`)
  const { wholeBytesMax, partBytes, partsAheadBytesMax } = LIMITS
  const [whole, part, ahead] = [wholeBytesMax, partBytes, partsAheadBytesMax].map((bytes) => `${bytes / 1024} KiB`)
  expect(page).toContain(`A message longer than ${whole} is sent as parts, each but the last of exactly ${part};`)
  expect(page).toContain(`${ahead} ahead of what the receiver has`)
})
