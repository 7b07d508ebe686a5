/**
 * What a call between processes costs, as two of this deployment's own have found: one is told to call the other for some 50 ms
 * (runtime/measure/probe.ts), once after the start, when there are others to call, and then every ten minutes; while both do little. An
 * application of one process calls itself, and what that says of the time on the way is too little, since nobody has to be woken up.
 *
 *   waiting   a probe is due, or will be
 *   probing   a process was told; left by its answer, its death or after a while
 */
import type { Clock } from '../../runtime/clock.ts'
import type { ProbeResult } from '../../runtime/measure/probe.ts'
import type { ToProcess } from '../../runtime/process/control.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'

/** A process that is ready. */
export interface Probed {
  name: string
  group: string
  address: string
  /** Of its event loop, of late; undefined where it hasn't told. */
  utilisation: number | undefined
}

export interface CalibrationOptions {
  clock: Clock
  ready: () => Probed[]
  send: (process: string, message: Extract<ToProcess, { type: 'probe' }>) => void
}

export interface Calibrated extends ProbeResult {
  caller: string
  callee: string
  atMs: number
}

type State = { kind: 'waiting'; nextMs: number } | { kind: 'probing'; caller: Probed; callee: Probed; untilMs: number }

export class Calibration {
  readonly #options: CalibrationOptions
  #state: State
  #latest: Calibrated | undefined

  constructor(options: CalibrationOptions) {
    this.#options = options
    this.#state = { kind: 'waiting', nextMs: options.clock.now() + DEPLOYER_LIMITS.probeFirstMs }
  }

  get latest(): Calibrated | undefined {
    return this.#latest
  }

  /** Once a second. */
  tick(): void {
    const now = this.#options.clock.now()
    const state = this.#state
    if (state.kind === 'probing') {
      if (now >= state.untilMs) this.#wait(DEPLOYER_LIMITS.probeAgainMs)
      return
    }
    const [caller, callee] = this.#pair() ?? []
    if (caller === undefined || callee === undefined) return
    // The first that is of two processes need not wait.
    const better = this.#latest?.caller === this.#latest?.callee && caller !== callee
    if (now < state.nextMs && !(better && this.#latest !== undefined)) return
    this.#state = { kind: 'probing', caller, callee, untilMs: now + DEPLOYER_LIMITS.probeMs }
    const { name: process, group, address } = callee
    this.#options.send(caller.name, { type: 'probe', process, group, address })
  }

  /** Two that do little, of different processes where there are such. */
  #pair(): [Probed, Probed] | undefined {
    const quiet = this.#options
      .ready()
      .filter(({ utilisation, address }) => (utilisation ?? 0) < QUIET && !address.startsWith('grpc:'))
      .sort((a, b) => (a.utilisation ?? 0) - (b.utilisation ?? 0))
    const [first, second = first] = quiet
    return first && second && [first, second]
  }

  /** What the process has found; undefined: it could not. */
  probed(process: string, result: ProbeResult | undefined): void {
    const state = this.#state
    if (state.kind !== 'probing' || state.caller.name !== process) return
    this.#wait(result === undefined ? DEPLOYER_LIMITS.probeAgainMs : DEPLOYER_LIMITS.probeEveryMs)
    if (result === undefined) return
    const atMs = this.#options.clock.now()
    this.#latest = { ...result, caller: state.caller.name, callee: state.callee.name, atMs }
  }

  #wait(ms: number): void {
    this.#state = { kind: 'waiting', nextMs: this.#options.clock.now() + ms }
  }
}

/** What else a process does counts as cost of the probe's calls, so it has to do little. */
const QUIET = 0.25
