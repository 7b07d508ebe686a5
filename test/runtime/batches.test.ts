/** How much of what has come at once is run before its first answers go out. */
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { Connection } from '../../runtime/transport/socket/connection.ts'
import { FRAME, HEADER_BYTES } from '../../runtime/transport/socket/frames.ts'
import { FakeClock } from './fake-clock.ts'

class Wire extends EventEmitter {
  /** Frames in each write. */
  readonly writes: number[] = []
  readonly writableLength = 0

  setNoDelay(): void {}

  write(bytes: Uint8Array): void {
    this.writes.push(bytes.length / HEADER_BYTES)
  }
}

/** A process in which each call keeps the loop busy for so long. */
function busy(workMs: () => number) {
  const clock = new FakeClock()
  const wire = new Wire()
  const connection: Connection = new Connection(
    wire as unknown as Socket,
    {
      read: (cut) => cut(),
      frame(_, id) {
        clock.pass(workMs())
        connection.signal(FRAME.result, id)
      },
      expects: () => false,
      closed: () => {},
    },
    clock,
  )
  const requests = async (count: number): Promise<readonly number[]> => {
    wire.writes.length = 0
    const frames = Buffer.alloc(count * HEADER_BYTES)
    for (let at = 0; at < count; at++) {
      frames.writeUInt32LE(HEADER_BYTES - 4, at * HEADER_BYTES)
      frames[at * HEADER_BYTES + 4] = FRAME.request
      frames.writeUInt32LE(at, at * HEADER_BYTES + 5)
    }
    connection.received(frames)
    await new Promise(setImmediate)
    return [...wire.writes]
  }
  return { requests }
}

test('calls that take a millisecond are answered two or three at a time, not all together after the last one', async () => {
  const { requests } = busy(() => 1)
  await requests(16)
  const writes = await requests(64)
  expect(Math.max(...writes)).toBeLessThanOrEqual(4)
  expect(writes.reduce((sum, frames) => sum + frames)).toBe(64)
})

test('short calls are answered in one write, also after long ones', async () => {
  let workMs = 60_000
  const { requests } = busy(() => workMs)
  await requests(1)
  expect(await requests(3)).toEqual([1, 1, 1])
  workMs = 0
  await requests(600)
  await requests(600)
  expect(await requests(600)).toEqual([600])
})
