/**
 * Whether to stay awake (awake.ts) is a win here and now. In: each message that comes while pauses are short, and how many turns of the loop it was
 * waited for; what CPU the process has had, and how long it waited for a core. Out: yes or no.
 *
 *   undecided  nothing is known; left with the first message
 *   awake      yes. About every `LOOK_MS` of activity it is looked at what that was good for; left for `resting` when it wasn't
 *   resting    no, until a time
 *
 * Two things speak against it. *Waste*: a message is waited for so long that its wake-up is a small part of that. *Harm*: the loop, which never sleeps now,
 * has had to wait for a core: somebody else wants it, or the machine has no more to give. The number of cores says neither.
 *
 * How long it rests doubles each time, and is forgotten only when it was awake for as long: so where it is waste, trying takes a twentieth of the first
 * second, a 700th of the first minute, and a thousandth from then on; where it does harm, three times as much.
 */

/** Long enough for two processes on one core to be drawn apart, and that the clocks of CPU say something. */
const LOOK_MS = 10
/** Of the time that it wanted a core, in which others had it. A neighbour's timers and a collector take some. */
const LOST_MAX = 0.15
/**
 * Before that is held against it: who is passed over once waits for the 3 to 4 ms of another's time slice, which is a third of a look. V8's own threads, which
 * compile and collect, do that now and then; a neighbour who wants the core does it all the time.
 */
const HARM_MS = 30
/**
 * That a message is waited for on average. A turn takes 1 to 2.5 µs, a wake-up 20 to 100, and both are slow on the same machines. One of two that call each other
 * has to wait for the other's wake-up until that one stays awake too, so it is somewhat more than that.
 */
const TURNS_MAX = 64
const REST_MS_MIN = 40
const REST_MS_MAX = 10_000

export interface EvidenceOptions {
  /** CPU that the process has had, in milliseconds. */
  cpuMs: () => number
  /** Milliseconds in which the loop could have run and others had the core. */
  waitedMs: () => number
}

/** As the options have it; to read both takes 10 µs. */
interface Used {
  cpuMs: number
  waitedMs: number
}

type State =
  | { kind: 'undecided' }
  | ({ kind: 'awake'; since: number; begun: number; lookAt: number } & Used)
  | { kind: 'resting'; until: number }

export class Evidence {
  readonly #options: EvidenceOptions
  #state: State = { kind: 'undecided' }
  #restMs = REST_MS_MIN
  /** Since the last look. */
  #messages = 0
  #turns = 0

  constructor(options: EvidenceOptions) {
    this.#options = options
  }

  /** A message has come at `now`, after so many turns. */
  isForIt(now: number, turns: number): boolean {
    const state = this.#state
    if (state.kind === 'resting' && now < state.until) return false
    if (state.kind !== 'awake') {
      this.#begin(now, now)
      return true
    }
    this.#messages++
    this.#turns += turns
    if (now < state.lookAt) return true
    const used = this.#used()
    const waitedMs = used.waitedMs - state.waitedMs
    const wantedMs = used.cpuMs - state.cpuMs + waitedMs
    const isWaste = this.#turns > TURNS_MAX * this.#messages
    const isHarm = waitedMs > LOST_MAX * wantedMs
    if (wantedMs < LOOK_MS / 2 || (isHarm && !isWaste && now - state.begun < HARM_MS)) {
      state.lookAt = now + LOOK_MS
      return true
    }
    if (!isHarm && !isWaste) {
      if (now - state.since >= this.#restMs) this.#restMs = REST_MS_MIN
      this.#begin(now, state.since, used)
      return true
    }
    this.#state = { kind: 'resting', until: now + this.#restMs }
    this.#restMs = Math.min(this.#restMs * 2, REST_MS_MAX)
    return false
  }

  #used(): Used {
    return { cpuMs: this.#options.cpuMs(), waitedMs: this.#options.waitedMs() }
  }

  #begin(now: number, since: number, used = this.#used()): void {
    this.#messages = 0
    this.#turns = 0
    this.#state = { kind: 'awake', since, begun: now, lookAt: now + LOOK_MS, ...used }
  }
}
