/** The page that describes the bytes says what the code writes. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
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
})
