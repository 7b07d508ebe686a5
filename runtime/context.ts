/**
 * The call context: what travels with a call and every call that it leads to, in this process and across: the deadline
 * (as remaining milliseconds, so clocks need not agree), the trace (W3C) and metadata (small strings).
 * It is kept by `AsyncLocalStorage`: code between two calls needs to know nothing of it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Clock, systemClock } from './clock.ts'
import { type Edge, WeaveError } from './errors.ts'
import { LIMITS } from './limits.ts'
import type { Recording } from './measure/recorder.ts'

export type Metadata = Readonly<Record<string, string>>

/** A deadline, shared by all contexts that it holds for: what ends one of them ends them all, and those within. */
class Deadline {
  at: number
  readonly outer: Deadline | undefined

  constructor(at: number, outer: Deadline | undefined) {
    this.at = at
    this.outer = outer
  }
}

export class CallContext {
  readonly #deadline: Deadline
  /** What set the deadline, for error texts: `withDeadline`, `@timeout of Cart.items`, `the caller of Cart.items`. */
  readonly deadlineFrom: string
  /** `00-<trace id>-<span id>-<flags>`; checked when it was made. */
  readonly traceparent: string | undefined
  readonly metadata: Metadata
  /** Of the call that the code in this context serves, where it is one of the few that are recorded. */
  recording: Recording | undefined = undefined

  constructor(deadline: number | Deadline, deadlineFrom: string, traceparent: string | undefined, metadata: Metadata) {
    this.#deadline = typeof deadline === 'number' ? new Deadline(deadline, undefined) : deadline
    this.deadlineFrom = deadlineFrom
    this.traceparent = traceparent
    this.metadata = metadata
  }

  /**
   * On the clock of the process; `Infinity`: none. `-Infinity`: it has passed, or the call was cancelled, so what is still called fails
   * at once; whoever's timer fires or who is told of the cancel sets it, so that calls inside the process need not ask a clock.
   */
  get deadline(): number {
    for (let each: Deadline | undefined = this.#deadline; each; each = each.outer) {
      if (each.at === Number.NEGATIVE_INFINITY) return each.at
    }
    return this.#deadline.at
  }

  set deadline(at: number) {
    this.#deadline.at = at
  }

  /** The same deadline, with something else to travel along. */
  with(changes: { traceparent?: string; metadata?: Metadata }): CallContext {
    const { traceparent = this.traceparent, metadata = this.metadata } = changes
    const context = new CallContext(this.#deadline, this.deadlineFrom, traceparent, metadata)
    context.recording = this.recording
    return context
  }

  /** The same, and what is called in it belongs to `recording`. */
  recorded(recording: Recording): CallContext {
    const context = this.with({})
    context.recording = recording
    return context
  }

  /** A deadline of its own, which ends with this one at the latest. */
  within(at: number, from: string): CallContext {
    // One that never ends, or has ended (`at` says so too), isn't held on to: contexts may be nested without end by a loop of timers.
    const outer = Number.isFinite(this.deadline) ? this.#deadline : undefined
    const context = new CallContext(new Deadline(at, outer), from, this.traceparent, this.metadata)
    context.recording = this.recording
    return context
  }
}

export const NO_METADATA: Metadata = Object.freeze(Object.create(null) as Record<string, string>)
export const NO_CONTEXT = new CallContext(Number.POSITIVE_INFINITY, '', undefined, NO_METADATA)

/** Shared by all copies of the module that a process may load, as a bundled entry and an external dependency would. */
const STORAGE = Symbol.for('weavets.context.1')
const shared = globalThis as { [STORAGE]?: AsyncLocalStorage<CallContext> }
shared[STORAGE] ??= new AsyncLocalStorage<CallContext>()
export const contextStorage = shared[STORAGE]

/** What `context()` gives. */
export interface Context {
  /** Milliseconds left until the deadline, never negative; undefined when there is none. */
  readonly remainingMs: number | undefined
  /** The W3C `traceparent` that this call belongs to. */
  readonly traceparent: string | undefined
  readonly metadata: Metadata
}

/** The call context of the code that asks; empty outside any call. */
export function context(): Context {
  const current = contextStorage.getStore() ?? NO_CONTEXT
  return {
    remainingMs:
      current.deadline === Number.POSITIVE_INFINITY ? undefined : Math.max(0, current.deadline - systemClock.now()),
    traceparent: current.traceparent,
    metadata: current.metadata,
  }
}

/**
 * Runs `work` under a deadline `ms` from now, or the present one when that is nearer. When it passes, the promise rejects with
 * `WV_DEADLINE` and calls that `work` makes from then on fail; what runs meanwhile in this process is not interrupted.
 *
 *     const ads = await withDeadline(100, () => this.ads.ads(keywords)).catch(() => [])
 */
export function withDeadline<T>(ms: number, work: () => Promise<T>): Promise<T> {
  if (!(ms >= 0))
    throw new TypeError(`withDeadline: "ms" must be a number of milliseconds from 0 up; it is ${String(ms)}.`)
  return enforceDeadline({ clock: systemClock, ms, from: 'withDeadline', subject: 'withDeadline' }, work)
}

/** Adds `entries` to the metadata that travels with every call of `work`; an entry of the same name is replaced. */
export function withMetadata<T>(entries: Metadata, work: () => T): T {
  const outer = contextStorage.getStore() ?? NO_CONTEXT
  const metadata = checkMetadata({ ...outer.metadata, ...entries })
  return contextStorage.run(outer.with({ metadata }), work)
}

/** Runs `work` as part of a trace: `traceparent` is the header of that name (W3C Trace Context), as an HTTP request carries it. */
export function withTrace<T>(traceparent: string, work: () => T): T {
  if (!isTraceparent(traceparent)) {
    throw new TypeError(
      `withTrace: "traceparent" must be of the form 00-<32 hex>-<16 hex>-<2 hex>; it is ${JSON.stringify(traceparent)}.`,
    )
  }
  const outer = contextStorage.getStore() ?? NO_CONTEXT
  return contextStorage.run(outer.with({ traceparent }), work)
}

/** Version 00 only, and no id of zeros. */
export function isTraceparent(text: string): boolean {
  return /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(text)
}

export interface DeadlineOptions {
  clock: Clock
  ms: number
  /** What the error says the deadline came from. */
  from: string
  /** What the error says had no result in time. */
  subject: string
  /** The call that it is about, if it is one. */
  edge?: Edge | undefined
}

/** Races `work` against a deadline in this process: for `withDeadline`, and for `@timeout` of a co-located method. */
export async function enforceDeadline<T>(options: DeadlineOptions, work: () => Promise<T>): Promise<T> {
  const { clock, ms, from, subject, edge } = options
  const outer = contextStorage.getStore() ?? NO_CONTEXT
  const now = clock.now()
  const isNearer = now + ms < outer.deadline
  const deadline = isNearer ? now + ms : outer.deadline
  // Also where the outer deadline is nearer: the outer context ends by the word of whoever serves it, who may still answer.
  const inner = outer.within(deadline, isNearer ? from : outer.deadlineFrom)
  const end = () => {
    inner.deadline = Number.NEGATIVE_INFINITY
  }
  if (deadline <= now) end()
  const expired = Promise.withResolvers<typeof EXPIRED>()
  const timer = clock.setTimeout(
    () => {
      end()
      expired.resolve(EXPIRED)
    },
    Math.max(0, deadline - now),
  )
  try {
    const result = await Promise.race([contextStorage.run(inner, work), expired.promise])
    if (result !== EXPIRED) return result
  } finally {
    timer.cancel()
  }
  const origin = !isNearer
    ? `; the deadline came from ${outer.deadlineFrom}`
    : from === subject
      ? ''
      : `; the deadline came from ${from}`
  throw new WeaveError(
    `${subject}: no result in ${Math.round(Math.max(0, Math.min(ms, deadline - now)))} ms${origin}.`,
    {
      code: 'WV_DEADLINE',
      edge,
      executed: 'maybe',
    },
  )
}

const EXPIRED = Symbol('expired')

function checkMetadata(metadata: Record<string, string>): Metadata {
  const names = Object.keys(metadata)
  if (names.length > LIMITS.metadataEntriesMax) {
    throw new RangeError(
      `withMetadata: there would be ${names.length} entries; at most ${LIMITS.metadataEntriesMax} travel with a call.`,
    )
  }
  let bytes = 0
  const copy = Object.create(null) as Record<string, string>
  for (const name of names) {
    const value = metadata[name]
    if (typeof value !== 'string')
      throw new TypeError(`withMetadata: "${name}" must be a string; it is ${typeof value}.`)
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
    copy[name] = value
  }
  if (bytes > LIMITS.metadataBytesMax) {
    throw new RangeError(
      `withMetadata: all entries would take ${bytes} bytes; at most ${LIMITS.metadataBytesMax} travel with a call.`,
    )
  }
  return Object.freeze(copy)
}
