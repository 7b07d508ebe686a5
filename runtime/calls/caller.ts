/**
 * What a remote stub calls: gives each call its deadline, and decides what becomes of one that its channel couldn't finish.
 * A call is repeated only when it surely has not run, or when its method is `@idempotent`; then with growing random pauses, a
 * bounded number of times, within its deadline. One `Caller` for each caller → callee edge.
 */
import type { AppDescriptor, Boundary } from '../boundary.ts'
import type { Clock, Random } from '../clock.ts'
import type { ErrorRegistry } from '../codec/error.ts'
import { argumentError } from '../codec/mismatch.ts'
import { Writer } from '../codec/writer.ts'
import { type CallContext, contextStorage, NO_CONTEXT } from '../context.ts'
import { type Edge, WeaveError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { EdgeCounts } from '../measure/edge-counts.ts'
import { shortName } from '../names.ts'
import { rejection } from '../stack.ts'
import { CallingEnd, type Settle } from '../streams/calling.ts'
import { carries } from '../streams/end.ts'
import { Stream } from '../streams/stream.ts'
import type { RemoteCaller } from '../stub.ts'
import { arePrimitive, Call, type CallOwner, DEFAULT_DEADLINE } from '../transport/call.ts'
import { FrameTooLong, tooLongText } from '../transport/message.ts'
import { keepCurrent } from './enter.ts'
import type { References } from './references.ts'
import { pauseMs } from './retry.ts'
import type { Route } from './routing.ts'
import { hashKey } from './slices.ts'

export interface CallerOptions {
  descriptor: AppDescriptor
  /** Full name of the component that calls. */
  caller: string
  /** Index of the callee in the descriptor. */
  component: number
  boundary: Boundary
  route: Route
  counts: EdgeCounts
  /** The caller's, for what comes back. */
  references: References
  errors: ErrorRegistry
  clock: Clock
  random: Random
}

export class Caller implements RemoteCaller, CallOwner {
  readonly #options: CallerOptions
  readonly #component: number
  readonly #boundary: Boundary
  readonly #route: Route
  readonly #clock: Clock
  readonly counts: EdgeCounts
  readonly references: References
  /** By method: it carries a signal or streams, and is called another way. */
  readonly #carries: readonly boolean[]

  constructor(options: CallerOptions) {
    this.#options = options
    this.counts = options.counts
    this.references = options.references
    this.#carries = options.boundary.methods.map(carries)
    this.#component = options.component
    this.#boundary = options.boundary
    this.#route = options.route
    this.#clock = options.clock
  }

  call(methodIndex: number, args: unknown[]): Promise<unknown> {
    this.counts.left(methodIndex)
    if (this.#carries[methodIndex]) {
      return new Promise((resolve) => {
        this.#carry(methodIndex, args, once(resolve))
      })
    }
    const method = this.#boundary.methods[methodIndex]!
    const now = this.#clock.now()
    const context = contextStorage.getStore() ?? NO_CONTEXT
    let deadline = context.deadline
    let from = context.deadlineFrom
    if (method.timeoutMs !== undefined && now + method.timeoutMs < deadline) {
      deadline = now + method.timeoutMs
      from = '@timeout'
    } else if (deadline === Number.POSITIVE_INFINITY) {
      deadline = now + LIMITS.deadlineMsDefault
      from = DEFAULT_DEADLINE
    } else if (deadline <= now) {
      this.counts.failed(methodIndex)
      return rejection(this.#passed(methodIndex, from))
    }
    const key = method.key === undefined ? undefined : args[method.key]
    const keyHash = key === undefined ? undefined : hashKey(key)
    return new Promise((resolve) => {
      const component = this.#component
      this.#route.send(
        new Call(this, component, methodIndex, method, args, deadline, from, now, context, keyHash, resolve),
      )
    })
  }

  stream(methodIndex: number, args: unknown[]): AsyncIterableIterator<unknown> {
    this.counts.left(methodIndex)
    // What the call is rejected with comes out of the stream.
    const { result } = this.#carry(methodIndex, args, undefined)
    return new Stream(result!)
  }

  /** As `call` does, for one that carries a signal or streams. */
  #carry(methodIndex: number, args: unknown[], promise: Settle | undefined): CallingEnd {
    const { component, descriptor, errors, references } = this.#options
    const method = this.#boundary.methods[methodIndex]!
    const now = this.#clock.now()
    const context = contextStorage.getStore() ?? NO_CONTEXT
    const { deadline, from } = nearest(context, method.timeoutMs, now)
    const key = method.key === undefined ? undefined : args[method.key]
    const keyHash = key === undefined ? undefined : hashKey(key)
    const options = {
      method,
      component: this.#boundary.component,
      definitions: descriptor.definitions,
      args,
      errors,
      references,
      untilOpened: from === DEFAULT_DEADLINE,
      run: keepCurrent(),
      opened: () => {
        if (from === DEFAULT_DEADLINE) call.deadline = Number.POSITIVE_INFINITY
      },
    }
    const end = new CallingEnd(options, promise)
    const resolve = (value: unknown) => end.resolve(value)
    const call = new Call(this, component, methodIndex, method, args, deadline, from, now, context, keyHash, resolve)
    call.carried = end
    if (deadline <= now) call.reject(this.#passed(methodIndex, from))
    else this.#route.send(call)
    return end
  }

  #edge(method: string): Edge {
    return { caller: this.#options.caller, callee: this.#boundary.component, method }
  }

  #label(method: string): string {
    return `${shortName(this.#boundary.component)}.${method}`
  }

  #passed(methodIndex: number, from: string): WeaveError {
    const { name } = this.#boundary.methods[methodIndex]!
    return new WeaveError(`${this.#label(name)} was not called: the deadline had passed; it came from ${from}.`, {
      code: 'WV_DEADLINE',
      edge: this.#edge(name),
      executed: 'no',
    })
  }

  expired(call: Call, peer: string | undefined): void {
    const { name } = call.method
    const ms = Math.round(call.deadline - call.started)
    const what = call.carried?.opened
      ? 'the stream had not ended'
      : peer !== undefined
        ? `no answer from process "${peer}"`
        : call.sent
          ? 'no answer'
          : 'no live replica'
    const origin =
      call.deadlineFrom === DEFAULT_DEADLINE
        ? '; that is the default, which @timeout or withDeadline change'
        : `; the deadline came from ${call.deadlineFrom}`
    call.reject(
      new WeaveError(`${this.#label(name)}: ${what} in ${ms} ms${origin}.`, {
        code: 'WV_DEADLINE',
        edge: this.#edge(name),
        executed: call.sent ? 'maybe' : 'no',
      }),
    )
  }

  withEdge(call: Call, error: unknown): unknown {
    const { name } = call.method
    const isOurs = error instanceof WeaveError && error.code === 'WV_VALUE' && error.edge === undefined
    // Those of calls further down begin with other names.
    if (isOurs && error.message.startsWith(`${this.#label(name)}: `)) Object.assign(error, { edge: this.#edge(name) })
    return error
  }

  unencodable(call: Call, thrown: unknown): void {
    const { name } = call.method
    const component = this.#boundary.component
    if (thrown instanceof FrameTooLong) {
      const text = `${this.#label(name)}: the bytes of the arguments ${tooLongText(thrown.bytes)}`
      call.reject(new WeaveError(text, { code: 'WV_VALUE', edge: this.#edge(name), executed: 'no' }))
      return
    }
    const definitions = this.#options.descriptor.definitions()
    call.reject(
      argumentError(
        { component, method: call.method, definitions, caller: this.#options.caller, thrown },
        call.args ?? [],
      ),
    )
  }

  beforeWaiting(call: Call): boolean {
    if (call.args === undefined) return true
    const writer = new Writer(256)
    try {
      call.method.encodeArguments(writer, call.args)
    } catch (thrown) {
      this.unencodable(call, thrown)
      return false
    }
    call.payload = writer.take()
    call.args = undefined
    return true
  }

  lost(call: Call, peer: string, executed: 'no' | 'maybe', reason?: WeaveError): void {
    const now = this.#clock.now()
    if (executed === 'no') {
      // An earlier attempt may have run.
      call.sent = call.attempts > 0
      this.#again(call, now)
      return
    }
    call.attempts++
    const { name, idempotent } = call.method
    const repeatable = idempotent && call.carried?.repeatable !== false && call.attempts < LIMITS.attemptsMax
    // The first repetition costs nothing of the budget: the death of a process is no load that callers make.
    const affordable = !repeatable || call.attempts === 1 || this.#route.mayRepeat(now)
    if (!repeatable || !affordable) {
      const tried = call.attempts > 1 ? ` in ${call.attempts} attempts` : ''
      const advice = !idempotent
        ? '; a method marked @idempotent would be tried again'
        : affordable
          ? ''
          : '; too many calls of this component are being repeated to try again'
      const before = call.carried?.opened ? 'its stream had ended' : 'it answered'
      call.reject(
        new WeaveError(
          `${this.#label(name)}: process "${peer}" was gone before ${before}${tried}; the call may have run${advice}.`,
          { code: 'WV_UNAVAILABLE', edge: this.#edge(name), executed: 'maybe', cause: reason },
        ),
      )
      return
    }
    this.#pause(call, call.attempts, now)
  }

  /** It surely has not run, so it may be made again whatever it is; only its arguments must be what they were. */
  refused(call: Call, peer: string, { code }: WeaveError): boolean {
    if (code !== 'WV_OVERLOADED' && code !== 'WV_STOPPING') return false
    const now = this.#clock.now()
    this.#route.passOver(peer, now)
    const fixed = call.args === undefined || arePrimitive(call.args)
    const repeatable = fixed && call.carried?.repeatable !== false && call.carried?.over !== true
    if (!repeatable || ++call.refusals >= LIMITS.attemptsMax || !this.#route.mayRepeat(now)) return false
    call.sent = call.attempts > 0
    this.#pause(call, call.refusals, now)
    return true
  }

  /**
   * Nothing of it is charged to anybody: its component is moving. Where our routes don't know that yet, because they are about to change,
   * it waits for a moment, each time a longer one.
   */
  elsewhere(call: Call, peer: string): void {
    if (call.carried?.over) return
    const now = this.#clock.now()
    call.sent = call.attempts > 0
    if (this.#route.leadsTo(peer)) this.#pause(call, ++call.misses, now)
    else this.#again(call, now)
  }

  #pause(call: Call, attempt: number, now: number): void {
    const pause = Math.min(pauseMs(attempt, this.#options.random), Math.max(0, call.deadline - now))
    this.#clock.setTimeout(() => this.#again(call, this.#clock.now()), pause)
  }

  #again(call: Call, now: number): void {
    call.handed = now
    if (call.deadline > now) this.#route.send(call)
    else this.expired(call, undefined)
  }
}

/** As with a promise, the first outcome counts: a rejection that nobody gets would end the process. */
function once(resolve: (value: unknown) => void): Settle {
  let isSettled = false
  return {
    resolve(value) {
      isSettled = true
      resolve(value)
    },
    reject(error) {
      if (isSettled) return
      isSettled = true
      resolve(rejection(error))
    },
  }
}

/** The deadline of a call that is made now, and where it comes from. */
function nearest(context: CallContext, timeoutMs: number | undefined, now: number): { deadline: number; from: string } {
  const { deadline, deadlineFrom } = context
  if (timeoutMs !== undefined && now + timeoutMs < deadline) return { deadline: now + timeoutMs, from: '@timeout' }
  if (deadline === Number.POSITIVE_INFINITY) return { deadline: now + LIMITS.deadlineMsDefault, from: DEFAULT_DEADLINE }
  return { deadline, from: deadlineFrom }
}
