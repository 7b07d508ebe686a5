/**
 * The serving side of a call, whatever carried it: reads a request, runs the method of a component that is hosted here under the
 * call's context, and writes the answer. A component that is hosted but hasn't started yet keeps its callers waiting.
 * Hot path: `serve` and `#run` (bench/rpc.bench.ts).
 */
import { AsyncResource } from 'node:async_hooks'
import type { AppDescriptor, Boundary, Method } from '../boundary.ts'
import type { Clock } from '../clock.ts'
import { decodeError, type ErrorRegistry, encodeError } from '../codec/error.ts'
import { resultError } from '../codec/mismatch.ts'
import { protocolError, type Reader } from '../codec/reader.ts'
import { Writer } from '../codec/writer.ts'
import { CallContext } from '../context.ts'
import { WeaveError } from '../errors.ts'
import { InFlight } from '../instances/in-flight.ts'
import { LIMITS } from '../limits.ts'
import type { Recorder } from '../measure/recorder.ts'
import { shortName } from '../names.ts'
import { carries } from '../streams/end.ts'
import { ServingEnd } from '../streams/serving.ts'
import { notAdmitted } from '../transport/admission.ts'
import { readRequestContext } from '../transport/message.ts'
import type { Answers } from './answers.ts'
import { callIn, type Implementation, runIn } from './enter.ts'
import { PENDING_KEPT_MAX, Pending } from './pending.ts'
import type { References } from './references.ts'

/** starting: its callers wait for `start`; running: it serves; left: its callers look elsewhere; stopped: it refuses, as the process does. */
type Hosted = HostedBoundary &
  (
    | { kind: 'starting'; start: () => Promise<object> }
    | { kind: 'running'; implementation: Implementation }
    | { kind: 'left' }
    | { kind: 'stopped' }
  )

type Running = Extract<Hosted, { kind: 'running' }>

interface HostedBoundary {
  readonly boundary: Boundary
  readonly references: References
  /** By method: what the deadline of a call that it serves came from, for the errors of calls within. */
  readonly callers: readonly string[]
  /** By method: it carries a signal or streams. */
  readonly carries: readonly boolean[]
  /** Of the instance. */
  readonly inFlight: InFlight
  /** Calls of it that carry something and run. */
  readonly ends: Set<ServingEnd>
  /** By method: when a call of it may be recorded. */
  readonly recordAt: Float64Array
}

export interface DispatcherOptions {
  descriptor: AppDescriptor
  errors: ErrorRegistry
  clock: Clock
  /** The stubs that a component gets for references among arguments. */
  references: (component: string) => References
}

export class Dispatcher {
  readonly #descriptor: AppDescriptor
  readonly #errors: ErrorRegistry
  readonly #clock: Clock
  readonly #references: (component: string) => References
  /** By index in the descriptor. */
  readonly #hosted: (Hosted | undefined)[] = []
  #waiting = 0
  /** For the calls to come. */
  readonly #idle: Pending[] = []
  readonly #outside = new AsyncResource('weavets')
  readonly #nowhere = new Writer(8)
  #recorder: Recorder | undefined
  /** Calls from other processes that have come to run here so far; those that wait, or are refused, are not among them. */
  begun = 0

  constructor({ descriptor, errors, clock, references }: DispatcherOptions) {
    this.#descriptor = descriptor
    this.#errors = errors
    this.#clock = clock
    this.#references = references
  }

  /**
   * From now on calls of the component are accepted. The first one asks for its implementation by `start`, and waits with the others. Gives
   * what counts the calls of the instance.
   */
  host(component: number, boundary: Boundary, start: () => Promise<object>): InFlight {
    const known = this.#known(component, boundary)
    this.#hosted[component] = { kind: 'starting', ...known, start }
    return known.inFlight
  }

  /** It has started: calls go to it from now on. Gives what counts them, those included that have waited for it. */
  run(component: number, boundary: Boundary, implementation: object): InFlight {
    const known = this.#hosted[component] ?? this.#known(component, boundary)
    this.#hosted[component] = { ...known, kind: 'running', implementation: implementation as Implementation }
    return known.inFlight
  }

  #known(component: number, boundary: Boundary): HostedBoundary {
    const name = shortName(this.#descriptor.components[component]!.name)
    return {
      boundary,
      references: this.#references(boundary.component),
      callers: boundary.methods.map((method) => `the caller of ${name}.${method.name}`),
      carries: boundary.methods.map(carries),
      inFlight: new InFlight(),
      ends: new Set(),
      recordAt: new Float64Array(boundary.methods.length),
    }
  }

  /** From now on it is recorded of some calls what they call. */
  observe(recorder: Recorder): void {
    this.#recorder = recorder
  }

  /** What calls are measured with. Its index follows that of the last component. */
  hostEcho(boundary: Boundary, implementation: object): void {
    this.#hosted[this.#descriptor.components.length] = {
      kind: 'running',
      boundary,
      references: this.#references(boundary.component),
      callers: boundary.methods.map(() => 'a measurement'),
      carries: boundary.methods.map(() => false),
      inFlight: new InFlight(),
      ends: new Set(),
      recordAt: new Float64Array(boundary.methods.length).fill(Number.POSITIVE_INFINITY),
      implementation: implementation as Implementation,
    }
  }

  /** It could not start, though the process goes on: as if it had never been hosted. */
  forget(component: number): void {
    this.#hosted[component] = undefined
  }

  /** The component lives elsewhere from now on. Calls that run go on; those that come are sent back. */
  leave(component: number): void {
    const hosted = this.#hosted[component]
    if (hosted) this.#hosted[component] = { ...hosted, kind: 'left' }
  }

  /** Calls that run, by method: `Feed.watch` → 2; of a component, or of all. Only those that carry a signal or streams: others end by themselves. */
  underWay(component?: number): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { call } of this.#endsOf(component)) counts[call] = (counts[call] ?? 0) + 1
    return counts
  }

  /** Their time is up: the signals of those calls abort. */
  interrupt(component?: number): void {
    for (const end of this.#endsOf(component)) {
      const text = `The call of ${end.call} has not ended in the ${LIMITS.drainMs / 1000} s that it had: its component stops.`
      end.interrupt(new WeaveError(text, { code: 'WV_STOPPING' }))
    }
  }

  #endsOf(component: number | undefined): ServingEnd[] {
    const all = component === undefined ? this.#hosted : [this.#hosted[component]]
    return all.flatMap((hosted) => [...(hosted?.ends ?? [])])
  }

  stop(component: number): void {
    const hosted = this.#hosted[component]
    if (hosted) this.#hosted[component] = { ...hosted, kind: 'stopped' }
  }

  /**
   * Served code must see our context only: not whatever was current when a socket was opened or, isolated, in its caller. So whoever
   * calls `serve` does it in here, once for as many requests as have come together.
   */
  outside<T>(work: () => T): T {
    return this.#outside.runInAsyncScope(work)
  }

  /**
   * Runs the request that `reader` is at, which came at `now`, and answers it in its time. Returns the call's context, so that a cancel can
   * end it. Throws `WV_PROTOCOL` for a request that can't be read; nothing has run then.
   */
  serve(reader: Reader, id: number, answers: Answers, now: number): CallContext {
    const component = reader.varint()
    const methodIndex = reader.varint()
    const remainingMs = reader.varint()
    const { traceparent, metadata, aborted, untilOpened } = readRequestContext(reader)
    const hosted = this.#hosted[component]
    const method = hosted?.boundary.methods[methodIndex]
    const from = hosted?.callers[methodIndex] ?? ''
    const context = new CallContext(now + remainingMs, from, answers.trace ?? traceparent, metadata)
    if (hosted === undefined || method === undefined) {
      this.#refuse(id, answers, this.#unknown(component, methodIndex))
      return context
    }
    // Before it is asked who may call it, since that is told of the groups that it is in: a call that was on the way may be the last of them.
    if (hosted.kind === 'left') {
      if (aborted) skipReason(reader, this.#errors)
      sendBack(reader, id, answers)
      return context
    }
    if (answers.admission !== undefined && !answers.admission.components[component]) {
      this.#refuse(id, answers, notAdmitted(answers.admission, hosted.boundary.component, method.name))
      return context
    }
    const waitedMs = answers.tooLate(remainingMs)
    if (waitedMs > 0) {
      this.#refuse(id, answers, tooLate(hosted.boundary, method, waitedMs))
      return context
    }
    const reason = aborted ? decodeError(reader, this.#errors) : undefined
    reader.references = hosted.references
    let args: unknown[]
    try {
      args = method.decodeArguments(reader)
    } catch (error) {
      if (!(error instanceof WeaveError) || error.code !== 'WV_VALUE') throw error
      // A codec of the user's has refused it: the bytes were the protocol all the same.
      this.#refuse(id, answers, error)
      return context
    }
    if (reader.left !== 0) throw protocolError(`${reader.left} bytes are left over after a request`)
    let carried: Carried | undefined
    if (hosted.carries[methodIndex]) {
      const end = this.#carry({ hosted, method, args, context, untilOpened })
      end.attach(answers.carry(id, end))
      carried = { end, ready: aborted ? abortWith(end, reason) : undefined }
    } else if (aborted) throw protocolError('a request was aborted that has no signal')
    if (hosted.kind === 'running') {
      if (carried) void this.#runCarried(hosted, method, args, context, id, answers, carried)
      else {
        if (this.#recorder !== undefined && hosted.recordAt[methodIndex]! <= now) {
          hosted.recordAt[methodIndex] = now + LIMITS.recordingEveryMs
          context.recording = this.#recorder.begin(hosted.boundary.component, method.name)
        }
        this.#run(hosted, method, args, context, id, answers)
      }
    } else if (hosted.kind === 'starting') void this.#wait(hosted, method, args, context, id, answers, carried)
    else {
      const text = `${hosted.boundary.component} has stopped in this process.`
      this.#refuse(id, answers, new WeaveError(text, { code: 'WV_STOPPING', executed: 'no' }), carried)
    }
    return context
  }

  /** Answers a request that doesn't run. */
  refuse(id: number, answers: Answers, error: WeaveError): void {
    this.#fail(id, answers, error)
  }

  #unknown(component: number, methodIndex: number): WeaveError {
    const name = this.#descriptor.components[component]?.name
    const what =
      name === undefined
        ? `component ${component}`
        : this.#hosted[component]
          ? `method ${methodIndex} of ${name}`
          : name
    return new WeaveError(`This process does not host ${what}.`, { code: 'WV_NO_METHOD', executed: 'no' })
  }

  async #wait(
    hosted: Extract<Hosted, { kind: 'starting' }>,
    method: Method,
    args: unknown[],
    context: CallContext,
    id: number,
    answers: Answers,
    carried: Carried | undefined,
  ): Promise<void> {
    const { component } = hosted.boundary
    if (this.#waiting >= LIMITS.callsWaitingMax) {
      const text = `${component} is starting and ${this.#waiting} calls wait for it, which is the limit.`
      this.#refuse(id, answers, new WeaveError(text, { code: 'WV_OVERLOADED', executed: 'no' }), carried)
      return
    }
    this.#waiting++
    hosted.inFlight.begin()
    let implementation: Implementation
    try {
      implementation = (await hosted.start()) as Implementation
    } catch {
      const text = `${component} could not start.`
      this.#refuse(id, answers, new WeaveError(text, { code: 'WV_UNAVAILABLE', executed: 'no' }), carried)
      return
    } finally {
      this.#waiting--
      hosted.inFlight.end()
    }
    // A caller that gave up meanwhile is owed no execution.
    if (context.deadline <= this.#clock.now()) {
      const text = `${shortName(component)}.${method.name}: the deadline passed before ${component} had started.`
      this.#refuse(id, answers, new WeaveError(text, { code: 'WV_DEADLINE', executed: 'no' }), carried)
      return
    }
    const running = { ...hosted, kind: 'running', implementation } as const
    if (carried) await this.#runCarried(running, method, args, context, id, answers, carried)
    else this.#run(running, method, args, context, id, answers)
  }

  #carry(request: CarriedRequest): ServingEnd {
    const { hosted, method, args, context, untilOpened } = request
    const options = {
      method,
      component: hosted.boundary.component,
      definitions: this.#descriptor.definitions,
      errors: this.#errors,
      references: hosted.references,
      context,
      clock: this.#clock,
      untilOpened,
      run: <T>(work: () => T): T => runIn(this.#outside, context, work),
    }
    return new ServingEnd(options, args)
  }

  /** As `#run` does. A result that is a stream is answered when the stream has ended. */
  async #runCarried(
    hosted: Running,
    method: Method,
    args: unknown[],
    context: CallContext,
    id: number,
    answers: Answers,
    { end, ready }: Carried,
  ): Promise<void> {
    let value: unknown
    this.begun++
    hosted.inFlight.begin()
    hosted.ends.add(end)
    try {
      if (ready) await ready
      value = await callIn(this.#outside, context, hosted.implementation, method.name, args)
      if (method.resultStream) {
        this.#checkStream(hosted, method, value)
        const outcome = await end.open(value as AsyncIterable<unknown>)
        if (outcome) throw outcome.error
      }
    } catch (error) {
      const own = end.ownNumber(error)
      if (own === undefined) this.#fail(id, answers, error)
      else this.#writeOwn(id, answers, own)
      return
    } finally {
      hosted.ends.delete(end)
      hosted.inFlight.end()
    }
    this.#answer(hosted.boundary, method, value, id, answers)
  }

  #writeOwn(id: number, answers: Answers, own: number): void {
    const writer = answers.beginOwn(id)
    if (writer === undefined) return
    writer.varint(own)
    answers.end(id)
  }

  #checkStream({ boundary }: Hosted, method: Method, value: unknown): void {
    try {
      // Nothing is written of a stream, but it is looked at.
      method.encodeResult(this.#nowhere, value)
    } catch (thrown) {
      const { component } = boundary
      throw resultError({ component, method, definitions: this.#descriptor.definitions(), thrown }, value)
    }
  }

  /** Without an async function: its promise and its frame would be made for nobody. */
  #run(hosted: Running, method: Method, args: unknown[], context: CallContext, id: number, answers: Answers): void {
    let result: Promise<unknown>
    const { recording } = context
    this.begun++
    try {
      result = Promise.resolve(callIn(this.#outside, context, hosted.implementation, method.name, args))
    } catch (error) {
      recording?.end()
      this.#fail(id, answers, error)
      return
    }
    if (recording !== undefined)
      then.call(
        result,
        () => recording.end(),
        () => recording.end(),
      )
    const pending = this.#idle.pop() ?? new Pending(this)
    hosted.inFlight.begin()
    pending.begin(hosted.boundary, hosted.inFlight, method, id, answers)
    then.call(result, pending.resolved, pending.rejected)
  }

  /** Ends what `run` began; `pending` serves another call then. */
  settle(pending: Pending, isError: boolean, outcome: unknown): void {
    const { boundary, inFlight, method, id, answers } = pending
    inFlight!.end()
    if (this.#idle.length < PENDING_KEPT_MAX) this.#idle.push(pending)
    if (isError) this.#fail(id, answers!, outcome)
    else this.#answer(boundary!, method!, outcome, id, answers!)
  }

  #answer(boundary: Boundary, method: Method, value: unknown, id: number, answers: Answers): void {
    const writer = answers.beginResult(id)
    if (writer === undefined) return
    try {
      method.encodeResult(writer, value)
      answers.end(id)
    } catch (thrown) {
      const { component } = boundary
      const tooLong = answers.tooLong(thrown)
      if (tooLong === undefined) answers.abandon()
      const error =
        tooLong === undefined
          ? resultError({ component, method, definitions: this.#descriptor.definitions(), thrown }, value)
          : new WeaveError(`${shortName(component)}.${method.name}: the bytes of the result ${tooLong}`, {
              code: 'WV_VALUE',
            })
      this.#fail(id, answers, error)
    }
  }

  /** The call has not run. One whose streams the caller knows to be attached is answered as others are: it will say the last word on them. */
  #refuse(id: number, answers: Answers, error: WeaveError, carried?: Carried): void {
    if (carried !== undefined) {
      this.#fail(id, answers, error)
      return
    }
    const writer = answers.beginRefusal(id, error)
    if (writer === undefined) return
    encodeError(writer, error, this.#errors)
    answers.end(id)
  }

  #fail(id: number, answers: Answers, error: unknown): void {
    // The error's class may have to be imported before it can be named.
    const ready = this.#errors.prepare(error)
    if (ready === undefined) this.#writeError(id, answers, error)
    else void ready.then(() => this.#writeError(id, answers, error))
  }

  #writeError(id: number, answers: Answers, error: unknown): void {
    const writer = answers.beginError(id, error)
    if (writer === undefined) return
    encodeError(writer, error, this.#errors)
    try {
      answers.end(id)
    } catch (thrown) {
      const tooLong = answers.tooLong(thrown)
      const again = answers.beginError(id, error)
      if (again === undefined) return
      encodeError(
        again,
        new WeaveError(`An error was thrown whose bytes ${tooLong}`, { code: 'WV_VALUE' }),
        this.#errors,
      )
      answers.end(id)
    }
  }
}

function tooLate({ component }: Boundary, { name }: Method, waitedMs: number): WeaveError {
  const text = `${shortName(component)}.${name} was not run: its process is ${Math.round(waitedMs)} ms behind, too far to answer in time; call less at once, or add replicas.`
  return new WeaveError(text, { code: 'WV_OVERLOADED', executed: 'no' })
}

/** A user's promise may bring a `then` of its own; a call is answered once. */
const { then } = Promise.prototype

/** A request whose method carries a signal or streams. */
interface CarriedRequest {
  hosted: Hosted
  method: Method
  args: unknown[]
  context: CallContext
  untilOpened: boolean
}

interface Carried {
  end: ServingEnd
  /** The signal has aborted as it has at the caller; undefined when there is nothing to wait for. */
  ready: Promise<void> | undefined
}

function skipReason(reader: Reader, errors: ErrorRegistry): void {
  const reason = decodeError(reader, errors)
  if (reason instanceof Promise) reason.catch(() => {})
}

/** What is left of `reader` are the arguments. */
function sendBack(reader: Reader, id: number, answers: Answers): void {
  const writer = answers.beginElsewhere(id)
  if (writer === undefined) return
  const bytes = reader.rest()
  const at = writer.reserve(bytes.length)
  bytes.copy(writer.buffer, at)
  answers.end(id)
}

/** `reason`: a promise where its class has to be imported first. */
function abortWith(end: ServingEnd, reason: unknown): Promise<void> | undefined {
  if (reason instanceof Promise) return reason.then((value) => end.abort(value))
  end.abort(reason)
  return undefined
}
