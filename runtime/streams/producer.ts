/**
 * The sending end of a stream: pulls items out of a user's async iterable while the other end has given credit, one `next` at a time,
 * and never before the first credit has come, so that a generator's body begins when somebody reads. It ends once: with the
 * iterable, with an error, or because the other end stops or is gone, when the iterable's `return` is called. A generator's `return` waits for
 * the step that is under way, and only the user can end that: by the signal of the call, where it has one, which aborts for it.
 */
import type { Clock, Timer } from '../clock.ts'
import { protocolError } from '../codec/reader.ts'
import { LIMITS } from '../limits.ts'
import type { Outcome } from './consumer.ts'

export interface ProducerOptions {
  /** For protocol errors: `parameter 'items' of Feed.collect`. */
  name(): string
  /** Runs code of the user's, in the context that the stream belongs to. */
  run<T>(work: () => T): T
  /** Sends the item and gives the bytes of its frame's body. Throws what the stream has to end with when the item can't be sent. */
  send(item: unknown): number
  /** It was asked to stop, and cleans up: what went wrong with that is the outcome that follows. */
  cleaning(): void
  /** Aborts the signal that the user's code has, for a step that nobody waits for any more; undefined where it has none. */
  readonly interrupt?: { readonly clock: Clock; abort(): void } | undefined
  /** Called once. Nothing is sent after it. */
  ended(outcome: Outcome): void
}

export class Producer {
  readonly #options: ProducerOptions
  readonly #iterable: AsyncIterable<unknown>
  #iterator: AsyncIterator<unknown> | undefined
  #items = 0
  #bytes = 0
  /** A `next` is under way, or an item is being sent. */
  #pulling = false
  /** Nothing more is pulled; `ended` is still to be called. */
  #stopping = false
  #interrupted: Timer | undefined
  #over = false

  constructor(iterable: AsyncIterable<unknown>, options: ProducerOptions) {
    this.#iterable = iterable
    this.#options = options
  }

  get ended(): boolean {
    return this.#over
  }

  /** The other end takes so many more. Throws `WV_PROTOCOL` beyond the window. */
  credit(items: number, bytes: number): void {
    if (this.#items + items > LIMITS.streamItemsMax || this.#bytes + bytes > LIMITS.streamBytesMax) {
      throw protocolError(`${this.#options.name()} was given more credit than a window holds`)
    }
    this.#items += items
    this.#bytes += bytes
    if (!this.#pulling && !this.#stopping) void this.#options.run(() => this.#pull())
  }

  /** Runs in the context that the stream belongs to, which is entered once for as many items as there is credit for: an `await` keeps it. */
  async #pull(): Promise<void> {
    this.#pulling = true
    while (this.#items > 0 && this.#bytes > 0) {
      let result: IteratorResult<unknown>
      try {
        this.#iterator ??= this.#iterable[Symbol.asyncIterator]()
        result = await this.#iterator.next()
        if (typeof result !== 'object' || result === null)
          throw new TypeError(`The iterator's next gave ${String(result)}, which is no object.`)
      } catch (error) {
        // Of a step that was interrupted nobody wants to know.
        if (!this.#stopping) this.#end({ error })
        return
      }
      if (this.#stopping) return
      if (result.done) {
        this.#end(undefined)
        return
      }
      try {
        this.#bytes -= this.#options.send(result.value)
        this.#items--
      } catch (error) {
        this.#stopping = true
        // As a loop does whose body throws: the iterable is closed, and the first error is the one that counts.
        await this.#return().catch(ignore)
        this.#end({ error })
        return
      }
    }
    this.#pulling = false
  }

  /** The other end wants no more. */
  stop(): void {
    if (this.#stopping) return
    this.#stopping = true
    const { interrupt, cleaning } = this.#options
    if (this.#pulling) {
      // `return` of a generator waits for the `next` that is under way, which may take for ever; who stops it mustn't.
      if (interrupt === undefined) {
        this.#return().catch(ignore)
        this.#end(undefined)
        return
      }
      interrupt.abort()
      this.#interrupted = interrupt.clock.setTimeout(() => this.#end(undefined), LIMITS.interruptedMs)
    }
    cleaning()
    this.#return().then(
      () => this.#end(undefined),
      (error) => this.#end({ error }),
    )
  }

  /** Nobody is there any more who could be told anything. */
  close(): void {
    if (!this.#stopping) {
      this.#stopping = true
      this.#return().catch(ignore)
    }
    this.#end(undefined)
  }

  async #return(): Promise<void> {
    await this.#options.run(async () => {
      this.#iterator ??= this.#iterable[Symbol.asyncIterator]()
      await this.#iterator.return?.()
    })
  }

  #end(outcome: Outcome): void {
    this.#stopping = true
    if (this.#over) return
    this.#over = true
    this.#interrupted?.cancel()
    this.#options.ended(outcome)
  }
}

function ignore(): void {}
