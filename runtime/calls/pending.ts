/**
 * A plain call that the dispatcher runs, from the moment at which the method has given its promise. The object and its two functions
 * serve call after call.
 * Hot path (bench/rpc.bench.ts).
 */

import type { Boundary, Method } from '../boundary.ts'
import type { InFlight } from '../instances/in-flight.ts'
import type { Answers } from './answers.ts'

/** Of a burst; the collector has the others. */
export const PENDING_KEPT_MAX = 1_024

/** Told what the call has come to. */
interface Settler {
  settle(pending: Pending, isError: boolean, outcome: unknown): void
}

export class Pending {
  boundary: Boundary | undefined
  inFlight: InFlight | undefined
  method: Method | undefined
  id = 0
  answers: Answers | undefined
  readonly resolved: (value: unknown) => void
  readonly rejected: (error: unknown) => void

  constructor(settler: Settler) {
    this.resolved = (value) => settler.settle(this, false, value)
    this.rejected = (error) => settler.settle(this, true, error)
  }

  begin(boundary: Boundary, inFlight: InFlight, method: Method, id: number, answers: Answers): void {
    this.boundary = boundary
    this.inFlight = inFlight
    this.method = method
    this.id = id
    this.answers = answers
  }
}
