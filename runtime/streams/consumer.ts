/**
 * The receiving end of a stream that comes over a wire. In: frames of the producer, `next` and `return` of whoever reads. It asks for
 * nothing before the first `next`, then for that one item, and lets the producer run ahead by as many items as have been asked for before,
 * up to the window, in items and in bytes: so a reader that leaves after an item or two has made the producer do what it does
 * inside a process, one that goes on soon has the window's speed, and what is held here is bounded, however slow the reader is. An item that
 * nobody asked for is a protocol error.
 *
 *   idle      nobody reads yet, no credit is given
 *   flowing   items come; left by the producer's end, by `return`, by the end of the call
 *   stopping  the reader wants no more: items that were under way are dropped, the producer's end is awaited
 *   ended     the producer has ended, or is out of reach; items that came before can be read still
 */
import { protocolError, type Reader } from '../codec/reader.ts'
import { WeaveError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Source } from './stream.ts'

/** How a stream ended: undefined, or with an error (which may be undefined: anything can be thrown). */
export type Outcome = { readonly error: unknown } | undefined

export interface ConsumerOptions {
  /** For protocol errors: `the result of Feed.watch`. */
  name(): string
  decodeItem(reader: Reader): unknown
  /** The producer may send so many more. */
  credit(items: number, bytes: number): void
  /** The producer is asked to end. */
  stop(): void
}

type Result = IteratorResult<unknown, undefined>

interface Waiter {
  resolve(result: Result): void
  reject(error: unknown): void
}

const DONE: Result = Object.freeze({ done: true, value: undefined })

export class Consumer implements Source {
  readonly #options: ConsumerOptions
  readonly #items: { value: unknown; bytes: number }[] = []
  readonly #waiting: Waiter[] = []
  readonly #returning: { resolve(): void; reject(error: unknown): void }[] = []
  #state: 'idle' | 'flowing' | 'stopping' | 'ended' = 'idle'
  /** The producer has heard that it is to stop: an error from here on is of its cleaning up, and not of an item that nobody wants. */
  #cleaning = false
  /** What the reader gets after the last item, once. */
  #outcome: Outcome
  /** Credit that the producer has. */
  #itemsLeft = 0
  #bytesLeft = 0
  /** Items that credit was given for so far, and those that the reader has. */
  #itemsGranted = 0
  #itemsTaken = 0
  /** Of the window, neither granted nor held here. */
  #bytesFree: number = LIMITS.streamBytesMax

  constructor(options: ConsumerOptions) {
    this.#options = options
  }

  /** The producer has said its last word. */
  get ended(): boolean {
    return this.#state === 'ended'
  }

  /** The way to the producer is there, or another one: it is told what is wanted of it. Nothing has come so far. */
  resume(): void {
    if (this.#state === 'flowing') this.#options.credit(this.#itemsLeft, this.#bytesLeft)
    else if (this.#state === 'stopping') this.#options.stop()
  }

  take(): Result | undefined {
    const item = this.#items.shift()
    if (item === undefined) return undefined
    this.#taken(item.bytes)
    return { done: false, value: item.value }
  }

  /** Asked when `take` gives nothing. */
  next(): Promise<Result> {
    const outcome = this.#outcome
    if (outcome) {
      this.#outcome = undefined
      return Promise.reject(outcome.error)
    }
    if (this.#state === 'ended' || this.#state === 'stopping') return Promise.resolve(DONE)
    this.#state = 'flowing'
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#grant()
    })
  }

  return(): Promise<void> {
    this.#items.length = 0
    this.#outcome = undefined
    if (this.#state === 'ended') return Promise.resolve()
    const ended = new Promise<void>((resolve, reject) => this.#returning.push({ resolve, reject }))
    this.#stop()
    return ended
  }

  dropped(): void {
    if (this.#waiting.length > 0 || this.#state === 'ended') return
    this.#items.length = 0
    this.#stop()
  }

  #stop(): void {
    if (this.#state === 'stopping') return
    this.#state = 'stopping'
    this.#options.stop()
  }

  /**
   * As far ahead of the n-th item as n - 1 more: said when half of that is used up, so that frames are few and a reader that goes on needn't wait. To say it
   * once a tick, which spares a frame of three while a stream is short, gained nothing.
   */
  #grant(): void {
    const { streamItemsMax: itemsMax, streamBytesMax: bytesMax } = LIMITS
    const asked = this.#itemsTaken + this.#waiting.length
    const items = Math.min(2 * asked - 1, this.#itemsTaken + itemsMax) - this.#itemsGranted
    if (items < Math.min(asked, itemsMax) / 2 && this.#bytesFree < bytesMax / 2) return
    const bytes = this.#bytesFree
    this.#bytesFree = 0
    this.#itemsGranted += items
    this.#itemsLeft += items
    this.#bytesLeft += bytes
    this.#options.credit(items, bytes)
  }

  #taken(bytes: number): void {
    this.#itemsTaken++
    this.#bytesFree += bytes
    if (this.#state === 'flowing') this.#grant()
  }

  /** `bytes`: of the whole frame's body, as its producer counts them. Throws `WV_PROTOCOL`. */
  item(reader: Reader, bytes: number): void {
    if (this.#state === 'ended') throw protocolError(`an item of ${this.#options.name()} came after its end`)
    // The last item may be longer than what is left: a stream whose items are larger than the window goes one by one.
    if (this.#itemsLeft <= 0 || this.#bytesLeft <= 0)
      throw protocolError(`an item of ${this.#options.name()} came that was not asked for`)
    this.#itemsLeft--
    this.#bytesLeft -= bytes
    if (this.#state === 'stopping') return
    let value: unknown
    try {
      value = this.#options.decodeItem(reader)
    } catch (error) {
      if (!(error instanceof WeaveError) || error.code === 'WV_PROTOCOL') throw error
      // A codec of the user's has refused it: that ends the stream, not the connection.
      this.#refuse(error)
      return
    }
    if (reader.left !== 0)
      throw protocolError(`${reader.left} bytes are left over after an item of ${this.#options.name()}`)
    const waiter = this.#waiting.shift()
    if (waiter === undefined) this.#items.push({ value, bytes })
    else {
      this.#taken(bytes)
      waiter.resolve({ done: false, value })
    }
  }

  #refuse(error: unknown): void {
    this.#items.length = 0
    this.#settle({ error })
    this.#stop()
  }

  /** The producer has been stopped and cleans up. Throws `WV_PROTOCOL` when nobody asked it to. */
  cleaning(): void {
    if (this.#state === 'idle' || this.#state === 'flowing')
      throw protocolError(`${this.#options.name()} was stopped, which nobody asked for`)
    this.#cleaning = true
  }

  /** The producer has ended. What came before is read first. */
  end(outcome: Outcome): void {
    if (this.#state === 'ended') return
    const stopping = this.#state === 'stopping'
    this.#state = 'ended'
    for (const { resolve, reject } of this.#returning.splice(0)) {
      if (outcome && this.#cleaning) reject(outcome.error)
      else resolve()
    }
    if (!stopping) this.#settle(outcome)
    else for (const { resolve } of this.#waiting.splice(0)) resolve(DONE)
  }

  /** The stream is over at once: what came isn't worth reading any more. */
  fail(error: unknown): void {
    if (this.#state !== 'ended') this.#items.length = 0
    this.lost(error)
  }

  /** The producer is out of reach: an error for who reads, but not for who has stopped reading. */
  lost(error: unknown): void {
    if (this.#state === 'ended') return
    for (const { resolve } of this.#returning.splice(0)) resolve()
    this.end({ error })
  }

  /** The first who waits gets the error, as the others would after a generator's end. */
  #settle(outcome: Outcome): void {
    const [first, ...others] = this.#waiting.splice(0)
    if (first === undefined) {
      this.#outcome = outcome
      return
    }
    if (outcome) first.reject(outcome.error)
    else first.resolve(DONE)
    for (const { resolve } of others) resolve(DONE)
  }
}
