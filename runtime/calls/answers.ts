/**
 * Where the answer to a request goes, as the dispatcher sees it: a connection, a gRPC call, or the loopback. Who serves has begun one
 * answer at a time, and ends or abandons it.
 */
import type { Writer } from '../codec/writer.ts'
import type { WeaveError } from '../errors.ts'
import type { CallWire } from '../streams/end.ts'
import type { ServingEnd } from '../streams/serving.ts'
import type { Admission } from '../transport/admission.ts'

export interface Answers {
  /** Undefined when nobody waits for the answer; nothing may be written then. */
  beginResult(id: number): Writer | undefined
  /** `error`: for transports on which others than the caller learn what kind it is. */
  beginError(id: number, error: unknown): Writer | undefined
  /** `error` says why the call has not run. */
  beginRefusal(id: number, error: WeaveError): Writer | undefined
  /** The component has left this process, and the call has not run; its arguments go back as they came. */
  beginElsewhere(id: number): Writer | undefined
  /** For an error that came from the caller itself, by its number. */
  beginOwn(id: number): Writer | undefined
  /** The request carries a signal or streams: what comes for it goes to `end`, which sends over what this gives. Throws `WV_PROTOCOL`. */
  carry(id: number, end: ServingEnd): CallWire
  /** What the caller may call here; undefined: everything. */
  readonly admission: Admission | undefined
  /** The traceparent that a proxy on the way has made of the caller's; undefined: the request's own counts. */
  readonly trace: string | undefined
  /** Milliseconds that the request has waited at this end, when that is too long for a caller that waits `remainingMs` more; else 0. */
  tooLate(remainingMs: number): number
  /** Throws when the answer is longer than may be; it is abandoned then. */
  end(id: number): void
  abandon(): void
  /** The sentence for what `end` threw, if it was that. */
  tooLong(thrown: unknown): string | undefined
}
