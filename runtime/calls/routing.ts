/**
 * Which replica gets a call. Without a key: the less busy one of two drawn at random, which keeps queues nearly as short as asking all
 * and needs no agreement between callers. With a key: the key's hash falls into the slice of a replica (slices.ts), so that equal keys meet
 * the same one; while that one is down, another serves it. One that is only just being connected to is not down: calls
 * for it wait, or a key would have two owners at the start.
 * A `Route` leads to one component. Calls without a live replica wait here, bounded in number and by their deadlines: they
 * surely have not run.
 */
import type { Clock, Random } from '../clock.ts'
import { WeaveError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import type { Call, Channel } from '../transport/call.ts'
import { DeadlineSweep } from './deadlines.ts'
import { RetryBudget } from './retry.ts'
import { bucketOf, type OwnedSlices, ownerTable } from './slices.ts'

export interface RoutedReplica {
  slot: number
  slots: number
  /** Of routing keys; undefined: an equal share. */
  owns?: OwnedSlices | undefined
  channel: Channel
}

export class Route {
  readonly #component: string
  readonly #clock: Clock
  readonly #random: Random
  readonly #sweep: DeadlineSweep
  #replicas: readonly RoutedReplica[] = []
  /** Those that are open, kept up to date by `changed`. */
  #open: readonly RoutedReplica[] = []
  /** Those that own keys: open, or about to be. */
  #owners: readonly RoutedReplica[] = []
  /** By bucket of keys, the index in `#replicas` of who serves it. Made when the first call with a key comes after a change. */
  #table: Int16Array | undefined
  /** By bucket, calls since they were taken; only where there is something to choose. */
  #keyed: Float64Array | undefined
  #waiting: Call[] = []
  /** Processes that have refused a call for their load → when they are asked as before. */
  readonly #passedOver = new Map<string, number>()
  readonly #budget: RetryBudget
  #calls = 0
  #closed = false
  #stopping = false

  constructor(component: string, clock: Clock, random: Random) {
    this.#component = component
    this.#clock = clock
    this.#random = random
    this.#sweep = new DeadlineSweep(clock, (now) => this.#expire(now))
    this.#budget = new RetryBudget(clock.now())
  }

  get replicas(): readonly RoutedReplica[] {
    return this.#replicas
  }

  leadsTo(process: string): boolean {
    return this.#replicas.some(({ channel }) => channel.process === process)
  }

  update(replicas: readonly RoutedReplica[]): void {
    this.#replicas = [...replicas].sort((a, b) => a.slot - b.slot)
    this.changed()
  }

  /** A channel has opened or closed. */
  changed(): void {
    this.#open = this.#replicas.filter(({ channel }) => channel.open)
    this.#owners = this.#replicas.filter(ownsKeys)
    this.#table = undefined
    if (this.#waiting.length === 0) return
    const refusal = this.#refusal()
    if (this.#open.length === 0 && refusal === undefined && !this.#gone) return
    const waiting = this.#waiting
    this.#waiting = []
    const now = this.#clock.now()
    for (const call of waiting) {
      call.handed = now
      this.send(call)
    }
  }

  /** Whether a call may be made again. Asked only by who then makes it: the budget is charged. */
  mayRepeat(now: number): boolean {
    return this.#budget.take(now, this.#calls)
  }

  /** For a moment others are preferred to `process`. */
  passOver(process: string, now: number): void {
    this.#passedOver.set(process, now + LIMITS.passedOverMs)
  }

  send(call: Call): void {
    this.#calls++
    const channel = call.keyHash === undefined ? this.#lessBusy() : this.#byKey(call.keyHash)
    if (this.#closed) call.reject(stopping())
    else if (channel !== undefined) channel.send(call)
    else this.#wait(call)
  }

  #lessBusy(): Channel | undefined {
    const open = this.#passedOver.size === 0 ? this.#open : this.#preferred()
    const count = open.length
    if (count <= 1) return open[0]?.channel
    const first = Math.floor(this.#random() * count)
    let second = Math.floor(this.#random() * (count - 1))
    if (second >= first) second++
    const a = open[first]!.channel
    const b = open[second]!.channel
    return b.callsInFlight < a.callsInFlight ? b : a
  }

  #preferred(): readonly RoutedReplica[] {
    const now = this.#clock.now()
    for (const [process, until] of this.#passedOver) if (until <= now) this.#passedOver.delete(process)
    const preferred = this.#open.filter(({ channel }) => !this.#passedOver.has(channel.process))
    return preferred.length > 0 ? preferred : this.#open
  }

  #byKey(hash: number): Channel | undefined {
    if (this.#owners.length <= 1) {
      const only = this.#owners[0]?.channel
      return only?.open ? only : undefined
    }
    this.#table ??= ownerTable(this.#replicas, this.#replicas.map(ownsKeys))
    this.#keyed ??= new Float64Array(LIMITS.keyBuckets)
    const bucket = bucketOf(hash)
    this.#keyed[bucket]!++
    const { channel } = this.#replicas[this.#table[bucket]!]!
    return channel.open ? channel : undefined
  }

  /** Calls by key since it was asked last: pairs of a bucket and its calls. */
  takeKeyed(): number[] {
    const taken: number[] = []
    this.#keyed?.forEach((calls, bucket) => {
      if (calls > 0) taken.push(bucket, calls)
    })
    this.#keyed?.fill(0)
    return taken
  }

  /** Set when every replica has refused to talk to us: waiting would not help. */
  #refusal(): WeaveError | undefined {
    const first = this.#replicas[0]?.channel.refusal
    return first !== undefined && this.#replicas.every(({ channel }) => channel.refusal !== undefined)
      ? first
      : undefined
  }

  /** Nobody is there, and while the application stops nobody will come. */
  get #gone(): boolean {
    return this.#stopping && this.#owners.length === 0
  }

  #wait(call: Call): void {
    if (this.#gone) {
      call.reject(stopping())
      return
    }
    const refusal = this.#refusal()
    if (refusal) {
      call.reject(new WeaveError(refusal.message, { code: refusal.code, executed: 'no' }))
      return
    }
    if (this.#waiting.length >= LIMITS.callsWaitingMax) {
      const text = `${this.#component} has no live replica, and ${this.#waiting.length} calls wait for one, which is the limit.`
      call.reject(new WeaveError(text, { code: 'WV_OVERLOADED', executed: 'no' }))
      return
    }
    if (call.owner.beforeWaiting(call)) {
      this.#waiting.push(call)
      this.#sweep.note(call.deadline)
    }
  }

  #expire(now: number): number {
    const due = this.#waiting.filter((call) => call.deadline <= now)
    this.#waiting = this.#waiting.filter((call) => call.deadline > now)
    for (const call of due) call.owner.expired(call, undefined)
    return this.#waiting.reduce((next, call) => Math.min(next, call.deadline), Number.POSITIVE_INFINITY)
  }

  /** From now on calls don't wait for a replica that isn't there: the component was stopped before its caller. */
  stopping(): void {
    this.#stopping = true
    this.changed()
  }

  /** Calls that still wait fail, and so do those that come. */
  close(): void {
    this.#closed = true
    this.#sweep.close()
    const waiting = this.#waiting
    this.#waiting = []
    for (const call of waiting) call.reject(stopping())
  }
}

function stopping(): WeaveError {
  return new WeaveError('The application is stopping.', { code: 'WV_STOPPING', executed: 'no' })
}

function ownsKeys({ channel }: RoutedReplica): boolean {
  return channel.open || channel.coming
}
