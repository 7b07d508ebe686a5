/** How much of what has come at once is run before its first answers go out. */
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
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

/** A process in which each call keeps the loop busy for so long: when it comes, or in a promise's turn right after. */
function busy(workMs: () => number, later = false) {
  const clock = new FakeClock()
  const wire = new Wire()
  const connection: Connection = new Connection(
    wire as unknown as Socket,
    {
      read: (cut) => cut(),
      frame(_, id) {
        const work = () => {
          clock.pass(workMs())
          connection.signal(FRAME.result, id)
        }
        if (later) queueMicrotask(work)
        else work()
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

describe.each([
  ['at once', false],
  ['in a promise', true],
])('calls that do their work %s', (_, later) => {
  test('and take a millisecond are answered one by one, not all together after the last one', async () => {
    const { requests } = busy(() => 1, later)
    await requests(16)
    expect(await requests(64)).toEqual(Array(64).fill(1))
  })

  test('and take 10 µs are answered while others are still to run, a fifth of a millisecond in each write', async () => {
    const { requests } = busy(() => 0.01, later)
    await requests(64)
    const writes = await requests(64)
    expect(writes.length).toBeGreaterThan(2)
    expect(Math.max(...writes)).toBeLessThanOrEqual(20)
    expect(writes.reduce((sum, frames) => sum + frames)).toBe(64)
  })
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
