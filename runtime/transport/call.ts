/**
 * The calling side of a call, whatever carries it: a `Call` is one promise that somebody waits for; a `Channel` is a way to one
 * process that can host the callee; a `CallTable` gives calls in flight their ids.
 * Hot path: one `Call` object and one promise a call (bench/rpc.bench.ts).
 */
import type { Method } from '../boundary.ts'
import type { References } from '../calls/references.ts'
import type { CallContext } from '../context.ts'
import { WeaveError } from '../errors.ts'
import type { EdgeCounts } from '../measure/edge-counts.ts'
import { rejection } from '../stack.ts'
import type { CallingEnd } from '../streams/calling.ts'

/** Where a deadline comes from that nobody asked for. */
export const DEFAULT_DEADLINE = 'the default'

/** What a call's channel tells when it can't go on. Whoever made the call decides what becomes of it. */
export interface CallOwner {
  /** Of the edge that it is a call of. */
  readonly counts: EdgeCounts
  /** For references in the answer. */
  readonly references: References
  /** The connection is gone that the call was on. `executed: 'no'` when no byte of it had left this process. */
  lost(call: Call, peer: string, executed: 'no' | 'maybe', reason?: WeaveError): void
  /** Process `peer` has said that the call did not run there, and why. False: it will not be made again. */
  refused(call: Call, peer: string, refusal: WeaveError): boolean
  /** The component has left process `peer`, where the call did not run; its arguments are in `payload`. */
  elsewhere(call: Call, peer: string): void
  /** The deadline passed; process `peer` had the call then, where the channel leads to one. */
  expired(call: Call, peer: string | undefined): void
  /** Of an error that came as the answer: one of the callee about its result gets the edge, which the callee doesn't know. */
  withEdge(call: Call, error: unknown): unknown
  /** `encodeArguments` threw, or the request is too long. */
  unencodable(call: Call, thrown: unknown): void
  /** The call has to wait: its arguments are encoded now, since their owner may change them. False: it has been rejected. */
  beforeWaiting(call: Call): boolean
}

export class Call {
  readonly owner: CallOwner
  /** Index of the component in the application's descriptor, and of the method in its boundary: the wire's names. */
  readonly component: number
  readonly methodIndex: number
  readonly method: Method
  /** Later than it was when what it guarded has happened: a stream that has opened. */
  deadline: number
  /** Where the deadline came from, for the error when it passes. */
  readonly deadlineFrom: string
  /** When it was made, on the clock of the process. */
  readonly started: number
  readonly context: CallContext
  /** Of the routing key; undefined when the method has none. */
  readonly keyHash: number | undefined
  /** When it was handed to a channel last, or is about to be: `started` but for calls that had to wait. */
  handed: number
  readonly #resolve: (value: unknown) => void
  /** A rejection that nobody gets would end the process. */
  #settled = false
  #failed = false
  /** Undefined once `payload` stands for them. */
  args: readonly unknown[] | undefined
  /** The encoded arguments, kept when the call may be sent again (or later) and the caller could change its arguments meanwhile. */
  payload: Buffer | undefined
  /** Where the arguments begin in the frame that was written last, from the frame's start. */
  argumentsAt = 0
  attempts = 0
  /** Times that a process has said that it didn't run it. */
  refusals = 0
  /** Times that it has come to a process which its component had left. */
  misses = 0
  /** What it carries besides its arguments; undefined for nearly all calls. */
  carried: CallingEnd | undefined = undefined
  /** A callee may have seen it: it was handed to a channel that didn't give it back as surely not executed. */
  sent = false

  constructor(
    owner: CallOwner,
    component: number,
    methodIndex: number,
    method: Method,
    args: readonly unknown[],
    deadline: number,
    deadlineFrom: string,
    started: number,
    context: CallContext,
    keyHash: number | undefined,
    resolve: (value: unknown) => void,
  ) {
    this.owner = owner
    this.component = component
    this.methodIndex = methodIndex
    this.method = method
    this.args = args
    this.payload = undefined
    this.deadline = deadline
    this.deadlineFrom = deadlineFrom
    this.started = started
    this.handed = started
    this.context = context
    this.keyHash = keyHash
    this.#resolve = resolve
  }

  resolve(value: unknown): void {
    this.#settled = true
    this.#resolve(value)
  }

  /** As with a promise, the first outcome counts. */
  reject(error: unknown): void {
    if (this.#settled) return
    if (!this.#failed) this.owner.counts.failed(this.methodIndex)
    this.#failed = true
    if (this.carried) {
      this.carried.reject(error)
      return
    }
    this.#settled = true
    this.#resolve(rejection(error))
  }
}

export interface Channel {
  /** The process at the other end. */
  readonly process: string
  /** True while new calls may be sent. */
  readonly open: boolean
  /** True while its first connection is being made: a call that belongs to this process should wait for it. */
  readonly coming: boolean
  /** The measure by which the less busy one of two is chosen. */
  readonly callsInFlight: number
  /** Why the peer won't have us, when it said so. */
  readonly refusal: WeaveError | undefined
  /** Only while `open`. The call is the channel's from here on: it is answered, or handed back to its owner. */
  send(call: Call): void
}

/**
 * Calls in flight by id. An id is free again only when the peer has answered, also when nobody waits for the answer any more:
 * so an old answer can't meet a new call, and the caller's table is never emptier than the callee's.
 */
export class CallTable {
  readonly #calls: (Call | typeof ABANDONED | undefined)[] = []
  readonly #free: number[] = []
  readonly #max: number
  #inUse = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Ids in use, abandoned ones included. */
  get size(): number {
    return this.#inUse
  }

  /** -1: the table is full. */
  add(call: Call): number {
    let id = this.#free.pop()
    if (id === undefined) {
      if (this.#calls.length >= this.#max) return -1
      id = this.#calls.length
    }
    this.#calls[id] = call
    this.#inUse++
    return id
  }

  /** The call that an answer is for, if somebody waits for it still; `false` when the id isn't in use at all. */
  answered(id: number): Call | undefined | false {
    const call = this.#calls[id]
    if (call === undefined) return false
    this.#calls[id] = undefined
    this.#free.push(id)
    this.#inUse--
    return call === ABANDONED ? undefined : call
  }

  peek(id: number): Call | undefined {
    const call = this.#calls[id]
    return call === ABANDONED ? undefined : call
  }

  /** Whether the call's answer is due, though perhaps nobody waits for it. */
  has(id: number): boolean {
    return this.#calls[id] !== undefined
  }

  /** Takes out the calls whose deadline has passed, keeping their ids; gives the nearest deadline that is left. */
  expire(now: number, each: (call: Call, id: number) => void): number {
    let next = Number.POSITIVE_INFINITY
    for (let id = 0; id < this.#calls.length; id++) {
      const call = this.#calls[id]
      if (call === undefined || call === ABANDONED) continue
      if (call.deadline <= now) {
        this.#calls[id] = ABANDONED
        each(call, id)
      } else if (call.deadline < next) next = call.deadline
    }
    return next
  }

  /** Empties the table: the connection is gone. */
  clear(): Call[] {
    const calls = this.#calls.filter((call) => call !== undefined && call !== ABANDONED) as Call[]
    this.#calls.length = 0
    this.#free.length = 0
    this.#inUse = 0
    return calls
  }
}

const ABANDONED = Symbol('abandoned')

export function overloaded(what: string): WeaveError {
  return new WeaveError(what, { code: 'WV_OVERLOADED', executed: 'no' })
}

/** Such arguments can't change while the call is under way. */
export function arePrimitive(args: readonly unknown[]): boolean {
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]
    if (typeof argument === 'object' && argument !== null) return false
  }
  return true
}
