/**
 * Generated codecs under hostile bytes. The first byte of an input chooses a shape, the rest is what its decoder gets. Bytes give a value
 * or `WV_PROTOCOL`; a value that was accepted can be sent on, and arrives as it was.
 */

import fc from 'fast-check'
import { WeaveError } from '../../runtime/errors.ts'
import type { Shape } from '../../runtime/shape.ts'
import { codecOf } from '../codegen/evaluate.ts'
import { isSame } from '../codegen/same.ts'
import { anyOf } from '../codegen/values.ts'
import type { Target } from './loop.ts'
import { DEFINITIONS, SHAPES } from './shapes.ts'

const CODECS = SHAPES.map((shape) => codecOf(shape, DEFINITIONS))

/** Values a shape to begin from. */
const SEEDS = 4

function seedsOf(shape: Shape, at: number): Uint8Array[] {
  const values = fc.sample(anyOf(shape, DEFINITIONS, 3), { numRuns: SEEDS, seed: 1 })
  return values.map((value) => Buffer.concat([Buffer.of(at), CODECS[at]!.encode(value)]))
}

export const codec: Target = {
  name: 'codec',
  seeds: SHAPES.flatMap(seedsOf),
  tokens: [],
  run(input) {
    const at = (input[0] ?? 0) % CODECS.length
    const own = CODECS[at]!
    let value: unknown
    try {
      value = own.decode(Buffer.from(input.subarray(1)))
    } catch (error) {
      if (isRefusal(error) || (error as Error).message?.endsWith('bytes were not read')) return
      throw error
    }
    // An error gets a stack from its sender where it has none.
    if (SHAPES[at]!.kind === 'error') value = own.decode(own.encode(value))
    const again = own.decode(own.encode(value))
    if (!isSame(again, value)) throw new Error('What was decoded is another value once it was sent on.')
  },
}

/** What bytes that aren't the protocol may lead to. */
export function isRefusal(error: unknown): boolean {
  return error instanceof WeaveError && error.code === 'WV_PROTOCOL'
}
