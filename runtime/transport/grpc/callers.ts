/**
 * Who calls over gRPC, told apart by a header in each call, since a connection may be a proxy's. In: a header. Out: whether the caller is
 * refused, what it may call, and how many streams it has. A caller that has streams is watched: one that says nothing for too long is
 * gone, and its streams with it. Its other calls end by themselves.
 */
import type { Clock } from '../../clock.ts'
import { WeaveError } from '../../errors.ts'
import { LIMITS } from '../../limits.ts'
import type { Logger } from '../../types.ts'
import type { Admission, Admissions } from '../admission.ts'
import { disagreement, type Greeting, PROTOCOL } from '../socket/handshake.ts'
import { type Beating, Heartbeat } from '../socket/heartbeat.ts'
import { FROM, readCallerHeader } from './messages.ts'

export interface CallersOptions {
  greeting: Greeting
  admissions: Admissions
  silenceMs: number
  clock: Clock
  log: Logger
}

export class Callers {
  readonly #options: CallersOptions
  /** By their headers. */
  readonly #known = new Map<string, RemoteCaller>()

  constructor(options: CallersOptions) {
    this.#options = options
  }

  /** The caller has been heard. */
  of(header: string): RemoteCaller {
    const known = this.#known.get(header) ?? this.#add(header)
    known.heard = true
    return known
  }

  #add(header: string): RemoteCaller {
    const { greeting, admissions, log } = this.#options
    const said = readCallerHeader(header)
    const refusal = said ? disagreement(greeting, { ...said, protocol: PROTOCOL }) : nobody()
    const admission = said && admissions.of(said.group)
    const caller = new RemoteCaller(said?.process ?? '', refusal, admission, this.#options)
    // Calls that run keep theirs.
    if (this.#known.size >= LIMITS.grpcCallersMax) this.#known.clear()
    this.#known.set(header, caller)
    if (refusal) log.error('calls are refused', { from: header, reason: refusal.message })
    return caller
  }
}

export class RemoteCaller implements Beating {
  heard = true
  /** Why its calls are refused, if they are. */
  readonly refusal: WeaveError | undefined
  readonly admission: Admission | undefined
  readonly #process: string
  readonly #options: CallersOptions
  /** Streams of its calls that are under way, and what ends each call. */
  readonly #carrying = new Map<() => void, number>()
  #streams = 0
  #heartbeat: Heartbeat | undefined

  constructor(
    process: string,
    refusal: WeaveError | undefined,
    admission: Admission | undefined,
    options: CallersOptions,
  ) {
    this.#process = process
    this.refusal = refusal
    this.admission = admission
    this.#options = options
  }

  get streams(): number {
    return this.#streams
  }

  /** A call of it carries so many streams until `released`; `gone` is called when the caller is. */
  carries(streams: number, gone: () => void): void {
    this.#streams += streams
    this.#carrying.set(gone, streams)
    const { clock, silenceMs, log } = this.#options
    this.#heartbeat ??= new Heartbeat(this, { clock, silenceMs, log, peer: this.#process })
  }

  released(gone: () => void): void {
    this.#streams -= this.#carrying.get(gone) ?? 0
    this.#carrying.delete(gone)
    if (this.#carrying.size > 0) return
    this.#heartbeat?.stop()
    this.#heartbeat = undefined
  }

  /** It asks by itself when it hears nothing: there is no way to it from here. */
  signal(): void {}

  fail(): void {
    this.#heartbeat = undefined
    for (const gone of [...this.#carrying.keys()]) gone()
  }
}

function nobody(): WeaveError {
  const text = `A call has no header ${FROM} that says who makes it; only processes of this deployment call here.`
  return new WeaveError(text, { code: 'WV_IDENTITY', executed: 'no' })
}
