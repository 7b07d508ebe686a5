/** Inputs made of other inputs: one to four small changes, of the kinds that break parsers. The same seed makes the same inputs. */

export type Random = () => number

/** Mulberry32 (Tommy Ettinger, public domain): small, fast, and good enough to draw mutations from. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Where lengths, counts and signs turn over. */
const BYTES = [0, 1, 2, 3, 7, 8, 0x0f, 0x10, 0x1f, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xbf, 0xc0, 0xfe, 0xff]
const WORDS = [0, 1, 4, 5, 9, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 2 ** 26, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]
const INPUT_BYTES_MAX = 4 * 1024

export interface Pool {
  readonly inputs: readonly Uint8Array[]
  /** Pieces that the format has in it: magic numbers, frames, whole messages. */
  readonly tokens: readonly Uint8Array[]
}

export function mutate(input: Uint8Array, pool: Pool, random: Random): Uint8Array {
  let made: Buffer = Buffer.from(input)
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--) {
    const change = CHANGES[Math.floor(random() * CHANGES.length)]!
    made = change(made, pool, random)
  }
  return made.subarray(0, INPUT_BYTES_MAX)
}

type Change = (input: Buffer, pool: Pool, random: Random) => Buffer

const below = (random: Random, limit: number): number => Math.floor(random() * limit)
const oneOf = <T>(random: Random, list: readonly T[]): T | undefined => list[below(random, list.length)]

const CHANGES: readonly Change[] = [
  function flipBit(input, _, random) {
    if (input.length > 0) input[below(random, input.length)]! ^= 1 << below(random, 8)
    return input
  },
  function setByte(input, _, random) {
    if (input.length > 0) input[below(random, input.length)] = oneOf(random, BYTES)!
    return input
  },
  function anyByte(input, _, random) {
    if (input.length > 0) input[below(random, input.length)] = below(random, 256)
    return input
  },
  function step(input, _, random) {
    if (input.length > 0) input[below(random, input.length)]! += below(random, 17) - 8
    return input
  },
  function setWord(input, _, random) {
    if (input.length < 4) return input
    input.writeUInt32LE(oneOf(random, WORDS)!, below(random, input.length - 3))
    return input
  },
  function insert(input, _, random) {
    const bytes = Buffer.from(Array.from({ length: 1 + below(random, 4) }, () => oneOf(random, BYTES)!))
    return spliced(input, below(random, input.length + 1), 0, bytes)
  },
  function cut(input, _, random) {
    const at = below(random, input.length + 1)
    return spliced(input, at, 1 + below(random, Math.min(16, input.length - at + 1)), NOTHING)
  },
  function truncate(input, _, random) {
    return input.subarray(0, below(random, input.length + 1))
  },
  function repeat(input, _, random) {
    const at = below(random, input.length + 1)
    const piece = input.subarray(at, at + 1 + below(random, 32))
    return spliced(input, at, 0, Buffer.concat(Array.from({ length: 1 + below(random, 4) }, () => piece)))
  },
  function token(input, { tokens }, random) {
    return spliced(input, below(random, input.length + 1), 0, oneOf(random, tokens) ?? NOTHING)
  },
  function overwriteWithToken(input, { tokens }, random) {
    const piece = oneOf(random, tokens) ?? NOTHING
    return spliced(input, below(random, input.length + 1), piece.length, piece)
  },
  function crossOver(input, { inputs }, random) {
    const other = oneOf(random, inputs) ?? NOTHING
    const from = below(random, other.length + 1)
    const piece = other.subarray(from, from + 1 + below(random, other.length - from + 1))
    return spliced(input, below(random, input.length + 1), random() < 0.5 ? 0 : piece.length, piece)
  },
]

const NOTHING = Buffer.alloc(0)

function spliced(input: Buffer, at: number, removed: number, put: Uint8Array): Buffer {
  return Buffer.concat([input.subarray(0, at), put, input.subarray(at + removed)])
}
