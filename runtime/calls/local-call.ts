/**
 * A call inside this process that carries a signal or streams: made by generated `Local` methods, and by nobody else. It makes such a call
 * mean what it means between processes. An explicit deadline (`@timeout`, `withDeadline`) holds until the result's last item,
 * and aborts the callee's signal, as does a reader that leaves the result in the middle of a step; streams can be read once, item by item by value, in the context that they were passed in; with the
 * call, streams that the callee was given end.
 */
import { systemClock, type Timer } from '../clock.ts'
import { type CallContext, contextStorage, NO_CONTEXT } from '../context.ts'
import { WeaveError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { shortName } from '../names.ts'
import { left } from '../streams/end.ts'
import { onAbort } from '../streams/signal.ts'
import { type Source, Stream } from '../streams/stream.ts'
import type { LocalTarget } from '../stub.ts'
import { keepCurrent } from './enter.ts'
import { broken, isLate, late } from './local.ts'
import { type References, receive } from './references.ts'

type CopyItem = (item: unknown) => unknown

export class LocalCall {
  readonly #target: LocalTarget
  readonly #component: string
  readonly #method: string
  readonly #context: CallContext
  readonly #deadlineMs: number | undefined
  readonly #given: LocalSource[] = []
  #givesStream = false
  /** The callee's, where the caller's own won't do. */
  #controller: AbortController | undefined
  #result: LocalSource | undefined
  #expire: ((error: WeaveError) => void)[] = []
  #timer: Timer | undefined
  #unlisten: (() => void) | undefined
  #over = false

  constructor(target: LocalTarget, component: string, method: string, timeoutMs?: number) {
    this.#target = target
    this.#component = component
    this.#method = method
    const outer = contextStorage.getStore() ?? NO_CONTEXT
    const { deadline } = outer
    const isExplicit = timeoutMs !== undefined || deadline !== Number.POSITIVE_INFINITY
    const now = isExplicit ? systemClock.now() : 0
    const isNearer = timeoutMs !== undefined && now + timeoutMs < deadline
    this.#context = isNearer ? outer.within(now + timeoutMs, '@timeout') : outer
    this.#deadlineMs = isExplicit ? Math.max(0, this.#context.deadline - now) : undefined
    if (this.#deadlineMs === undefined || isLate()) return
    this.#timer = systemClock.setTimeout(() => this.#expired(isNearer), this.#deadlineMs)
  }

  /** The signal for the callee: the caller's own where nothing else can abort it, and one also where the caller has passed none. */
  signal(given: AbortSignal | undefined): AbortSignal {
    if (given !== undefined && this.#deadlineMs === undefined && !this.#givesStream) return given
    const controller = new AbortController()
    this.#controller = controller
    this.#expire.push((error) => controller.abort(error))
    if (given?.aborted) controller.abort(given.reason)
    if (given) this.#unlisten = onAbort(given, () => controller.abort(given.reason))
    return controller.signal
  }

  /** A stream among the arguments, for the callee. */
  stream(given: AsyncIterable<unknown>, copyItem: CopyItem): Stream {
    const source = new LocalSource(given, {
      copyItem,
      references: this.#target.$callee,
      run: keepCurrent(),
      ended: () => {},
    })
    this.#given.push(source)
    return new Stream(source)
  }

  /** The call of a method whose result is no stream. `work` calls the implementation. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (isLate()) return late(this.#target.$caller, this.#component, this.#method)
    this.#target.$inFlight?.begin()
    try {
      return await this.#inTime(work)
    } finally {
      this.#end()
    }
  }

  /** Of a method that promises a stream. */
  async opens(work: () => Promise<AsyncIterable<unknown>>, copyItem: CopyItem): Promise<Stream> {
    if (isLate()) return late(this.#target.$caller, this.#component, this.#method)
    this.#target.$inFlight?.begin()
    this.#givesStream = true
    try {
      return this.#resultOf(await this.#inTime(work), copyItem)
    } catch (error) {
      this.#end()
      throw error
    }
  }

  /** Of a method that itself gives a stream, so it can neither wait nor throw: what happened instead comes out of the first `next`. */
  gives(work: () => AsyncIterable<unknown>, copyItem: CopyItem): Stream {
    if (isLate()) return failed(late(this.#target.$caller, this.#component, this.#method))
    this.#target.$inFlight?.begin()
    this.#givesStream = true
    try {
      return this.#resultOf(contextStorage.run(this.#context, work), copyItem)
    } catch (error) {
      this.#end()
      return failed(Promise.reject(error))
    }
  }

  #resultOf(iterable: AsyncIterable<unknown>, copyItem: CopyItem): Stream {
    const controller = this.#controller
    const run = <T>(work: () => T): T => contextStorage.run(this.#context, work)
    this.#result = new LocalSource(iterable, {
      copyItem,
      references: this.#target.$receiver,
      run,
      interrupt: controller && (() => run(() => controller.abort(left(this.#name)))),
      ended: () => this.#end(),
    })
    if (this.#over) this.#result.fail(this.#late())
    return new Stream(this.#result)
  }

  #inTime<T>(work: () => Promise<T>): Promise<T> {
    if (this.#deadlineMs === undefined) return contextStorage.run(this.#context, work)
    return new Promise((resolve, reject) => {
      this.#expire.push(reject)
      contextStorage.run(this.#context, async () => work()).then(resolve, reject)
    })
  }

  #expired(isOwn: boolean): void {
    if (isOwn) this.#context.deadline = Number.NEGATIVE_INFINITY
    const error = this.#late()
    for (const expire of this.#expire) expire(error)
    this.#result?.fail(error)
    this.#end()
  }

  #late(): WeaveError {
    const { $caller: caller } = this.#target
    const edge = caller === undefined ? undefined : { caller, callee: this.#component, method: this.#method }
    const what = this.#result ? 'the stream had not ended' : 'no result'
    const text = `${this.#name}: ${what} in ${Math.round(this.#deadlineMs ?? 0)} ms; the deadline came from ${this.#context.deadlineFrom}.`
    return new WeaveError(text, { code: 'WV_DEADLINE', edge, executed: 'maybe' })
  }

  get #name(): string {
    return `${shortName(this.#component)}.${this.#method}`
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#target.$inFlight?.end()
    this.#timer?.cancel()
    this.#unlisten?.()
    for (const source of this.#given) {
      const text = `The call of ${this.#name} has ended, and the streams that it was given with it; read them before the method returns.`
      source.fail(new WeaveError(text, { code: 'WV_UNAVAILABLE' }))
    }
  }
}

/** What a method that gives a stream does when the transformer has reported an error for its component. */
export function brokenStream(diagnostic: string): Stream {
  return failed(broken(diagnostic))
}

/** A stream whose first `next` rejects. */
function failed(refused: Promise<never>): Stream {
  refused.catch(() => {})
  let first: Promise<never> | undefined = refused
  return new Stream({
    async next() {
      const told = first
      first = undefined
      return told ?? DONE
    },
    async return() {
      first = undefined
    },
  })
}

interface LocalSourceOptions {
  readonly copyItem: CopyItem
  /** Of who gets the items. */
  readonly references: References
  /** Runs code of the user's in the context that the stream belongs to. */
  run<T>(work: () => T): T
  /** Aborts the signal that the user's code has, for a step that nobody waits for any more; undefined where it has none. */
  readonly interrupt?: (() => void) | undefined
  ended(): void
}

type Result = IteratorResult<unknown, undefined>

const DONE: Result = Object.freeze({ done: true, value: undefined })

interface Waiter {
  resolve(result: Result): void
  reject(error: unknown): void
}

/** What a stream inside the process reads from: the iterable that was passed, its items copied. */
class LocalSource implements Source {
  readonly #iterable: AsyncIterable<unknown>
  readonly #options: LocalSourceOptions
  readonly #waiting = new Set<Waiter>()
  #iterator: AsyncIterator<unknown> | undefined
  /** Until the item that is being read has been copied. */
  #pulling: Promise<void> | undefined
  #over = false
  #failure: { readonly error: unknown } | undefined

  constructor(iterable: AsyncIterable<unknown>, options: LocalSourceOptions) {
    this.#iterable = iterable
    this.#options = options
  }

  next(): Promise<Result> {
    const failure = this.#failure
    if (failure) {
      this.#failure = undefined
      return Promise.reject(failure.error)
    }
    if (this.#over) return Promise.resolve(DONE)
    // Not a race against the call's end, which would keep something of each item until then.
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      this.#waiting.add(waiter)
      this.#pull().then(
        (result) => this.#waiting.delete(waiter) && resolve(result),
        (error) => this.#waiting.delete(waiter) && reject(error),
      )
    })
  }

  /** One item at a time, also when several are asked for: a producer that goes on may change the last one, which has to be copied by then. */
  async #pull(): Promise<Result> {
    const before = this.#pulling
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#pulling = promise
    if (before) await before
    try {
      return await this.#take()
    } finally {
      if (this.#pulling === promise) this.#pulling = undefined
      resolve()
    }
  }

  async #take(): Promise<Result> {
    if (this.#over) return DONE
    const { run, copyItem, references } = this.#options
    let result: IteratorResult<unknown>
    try {
      result = await run(() => this.#begin().next())
    } catch (error) {
      this.#end()
      throw error
    }
    if (result.done) {
      this.#end()
      return DONE
    }
    try {
      receive(references)
      return { done: false, value: copyItem(result.value) }
    } catch (error) {
      await this.#close().catch(() => {})
      throw error
    }
  }

  #begin(): AsyncIterator<unknown> {
    this.#iterator ??= this.#iterable[Symbol.asyncIterator]()
    return this.#iterator
  }

  async return(): Promise<void> {
    this.#failure = undefined
    if (this.#over) return
    if (this.#pulling === undefined) await this.#close()
    else await this.#leave()
  }

  /** As a `Producer` does that is stopped in the middle of a step: it is interrupted, or else not waited for. */
  async #leave(): Promise<void> {
    const { interrupt } = this.#options
    interrupt?.()
    const closed = this.#close()
    for (const { resolve } of this.#waiting) resolve(DONE)
    this.#waiting.clear()
    if (interrupt === undefined) {
      closed.catch(() => {})
      return
    }
    const late = Promise.withResolvers<void>()
    const timer = systemClock.setTimeout(late.resolve, LIMITS.interruptedMs)
    await Promise.race([closed, late.promise]).finally(() => timer.cancel())
  }

  /** The stream was thrown away, unread or in the middle. */
  dropped(): void {
    if (!this.#over && this.#waiting.size === 0) this.#close().catch(() => {})
  }

  async #close(): Promise<void> {
    this.#end()
    await this.#options.run(async () => this.#begin().return?.())
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#options.ended()
  }

  /** The reader gets the error, at once; the producer is closed. */
  fail(error: unknown): void {
    if (this.#over) return
    this.#close().catch(() => {})
    const [first, ...others] = this.#waiting
    this.#waiting.clear()
    if (first === undefined) this.#failure = { error }
    else first.reject(error)
    for (const { resolve } of others) resolve(DONE)
  }
}
