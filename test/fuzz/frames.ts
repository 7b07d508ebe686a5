/**
 * The frame parser. However the bytes are cut into chunks, the same frames come out, or the same refusal; and never a frame that is longer
 * than what has come. The first byte of an input seeds the cuts.
 */
import { Frames, HEADER_BYTES } from '../../runtime/transport/socket/frames.ts'
import { isRefusal } from './codec.ts'
import type { Target } from './loop.ts'
import { type Random, seeded } from './mutate.ts'

const FRAME_BYTES_MAX = 1024

export const frames: Target = {
  name: 'frames',
  seeds: [
    Buffer.concat([Buffer.of(0), frameOf(3, 1, Buffer.from('hello')), frameOf(8, 0, Buffer.alloc(0))]),
    Buffer.concat([Buffer.of(7), frameOf(4, 70_000, Buffer.alloc(900, 1))]),
    Buffer.of(0, 255, 255, 255, 255, 3),
  ],
  tokens: [frameOf(3, 0, Buffer.alloc(3)), Buffer.of(5, 0, 0, 0), Buffer.of(4, 0, 0, 0), Buffer.of(0xfd, 3, 0, 0)],
  run(input) {
    const bytes = Buffer.from(input.subarray(1))
    const whole = parsed([bytes])
    const cut = parsed(chunks(bytes, seeded(input[0] ?? 0)))
    if (whole !== cut) throw new Error(`In one piece: ${whole}. In chunks: ${cut}.`)
  },
}

function parsed(chunks: readonly Buffer[]): string {
  let seen = ''
  const frames = new Frames(FRAME_BYTES_MAX, (kind, id, reader) => {
    seen += `${kind} ${id} ${reader.left} ${reader.buffer.toString('hex', reader.position, reader.position + reader.left)}\n`
  })
  try {
    for (const chunk of chunks) {
      frames.push(chunk)
      while (frames.cut(2));
    }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return `${seen}${(error as Error).message}`
  }
  return seen
}

function* cuts(bytes: Buffer, random: Random): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + Math.floor(random() * (random() < 0.5 ? 4 : 200))
    yield Buffer.from(bytes.subarray(at, at + size))
    at += size
  }
}

const chunks = (bytes: Buffer, random: Random): Buffer[] => [...cuts(bytes, random)]

export function frameOf(kind: number, id: number, body: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + body.length)
  frame.writeUInt32LE(frame.length - 4)
  frame[4] = kind
  frame.writeUInt32LE(id, 5)
  frame.set(body, HEADER_BYTES)
  return frame
}
