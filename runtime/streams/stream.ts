/**
 * The stream that a user holds after one has crossed a boundary, on every placement alike: an async iterable and its own iterator.
 * It can be read once. What it reads from is a `Source`: the other end of a wire (consumer.ts) or, inside a process, the stream that
 * was passed, whose items are copied (local-call.ts).
 */
import { withLocalStack } from '../stack.ts'

export interface Source {
  /** An item that is there already; undefined: `next` says what comes. */
  take?(): IteratorResult<unknown, undefined> | undefined
  next(): Promise<IteratorResult<unknown, undefined>>
  /** The reader wants no more. Resolves when the producer has cleaned up; rejects with what went wrong there. */
  return(): Promise<void>
  /** Nobody can read any more, and nobody has said so. */
  dropped?(): void
}

/** Streams that are thrown away unread, or in the middle, would hold their producer for ever: a collected one says so. */
const forgotten = new FinalizationRegistry<Source>((source) => source.dropped?.())

export class Stream implements AsyncIterableIterator<unknown, undefined> {
  readonly #source: Source
  #iterated = false

  constructor(source: Source) {
    this.#source = source
    if (source.dropped) forgotten.register(this, source)
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    const item = this.#source.take?.()
    return item === undefined ? awaited(this.#source) : Promise.resolve(item)
  }

  async return(value?: unknown): Promise<IteratorResult<unknown, undefined>> {
    try {
      await this.#source.return()
    } catch (thrown) {
      throw withLocalStack(thrown, Stream.prototype.return)
    }
    return { done: true, value: value as undefined }
  }

  /** Throws when it is asked for again: a second loop would find nothing, or only what the first has left. */
  [Symbol.asyncIterator](): AsyncIterableIterator<unknown, undefined> {
    if (this.#iterated) {
      throw new TypeError(
        'A stream that crossed a boundary can be iterated once, and this one has been; collect its items where they are needed twice.',
      )
    }
    this.#iterated = true
    return new Iterator(this)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}

/** V8 knows who waits for an error only from inside an async function that they wait for. */
async function awaited(source: Source): Promise<IteratorResult<unknown, undefined>> {
  try {
    return await source.next()
  } catch (thrown) {
    throw withLocalStack(thrown, awaited)
  }
}

/** What the one iteration holds: an iterator that, as any, gives itself when it is iterated. */
class Iterator implements AsyncIterableIterator<unknown, undefined> {
  readonly #stream: Stream

  constructor(stream: Stream) {
    this.#stream = stream
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return this.#stream.next()
  }

  return(value?: unknown): Promise<IteratorResult<unknown, undefined>> {
    return this.#stream.return(value)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}
