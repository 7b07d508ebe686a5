/**
 * What of a process's CPU is whose. In: the components that run here, stacks that V8 samples, and once a second what the process has used. Out:
 * that, shared out as the stacks of the last half minute were. docs/telemetry.md says how far off it is.
 *
 *   sampling  stacks are sampled; left when the process has long done little, with a small heap
 *   resting   what was found last is good; left when it has done more for a while, has more to hold, or runs other components
 *
 * Its heap beyond what it had before components started is shared out in the same way, which is a guess, and evenly where no component was seen
 * at work; of a component that has a process to itself it is what the process says.
 */
import type { Clock } from '../clock.ts'
import { LIMITS } from '../limits.ts'
import { attribute, calmed, Helpers, type OwnedPlace, RUNTIME, type StackNode } from './attribute.ts'
import type { ClassLike, Inspector } from './inspector.ts'
import type { Scheduled } from './loop.ts'
import type { ComponentSample, ProcessSample } from './sample.ts'

export interface SharesOptions {
  clock: Clock
  /** Full name of the application's root. */
  root: string | undefined
  /** Classes of the runtime that calls between processes pass through. */
  runtime: readonly unknown[]
  /** How long the process has run and has waited for a core; undefined where nobody knows. */
  scheduled: () => Scheduled | undefined
}

export class Shares {
  readonly #options: SharesOptions
  #inspector: Inspector | undefined
  readonly #instances = new Map<string, object>()
  #places: OwnedPlace[] | undefined
  readonly #helpers = new Helpers()
  #state: State = { kind: 'sampling', busyMs: 0 }
  #heapBefore = 0
  /** When it was last told what the process had used, and what Node's loop had been busy for then. */
  #takenMs = 0
  #loopBusyMs = 0
  /** When stacks are looked at next. */
  #nextMs = 0
  /** By owner, samples; those of the time before count for less. */
  #samples = new Map<string, number>()
  #sampled = 0
  /** CPU since stacks were looked at last, and in the same time before that. */
  #usedUs = 0
  #beforeUs = 0
  /** When stacks were looked at last. */
  #scheduled: Scheduled | undefined
  #lookedMs = 0
  #blocked = 0

  constructor(options: SharesOptions) {
    this.#options = options
  }

  /** Called before components start: what is on the heap then is nobody's. */
  begin(inspector: Inspector | undefined, heapBytes: number): void {
    this.#inspector = inspector
    this.#heapBefore = heapBytes
    this.#scheduled = this.#options.scheduled()
    this.#sampling()
    this.#takenMs = this.#lookedMs
  }

  /** All components here have started: what that took says little of what they will do. */
  started(): void {
    if (this.#inspector === undefined) return
    this.#look(this.#inspector.take(), this.#inspector)
    this.#age(KEPT_OF_OTHER)
  }

  /** From now on. */
  #sampling(): void {
    const now = this.#options.clock.now()
    this.#lookedMs = now
    this.#nextMs = now + LIMITS.profileMs
    this.#state = { kind: 'sampling', busyMs: now }
  }

  /**
   * Share of the time in which the event loop was blocked in synchronous waits, such as reads of files, when stacks were looked at last: it was seen at
   * work, and by the kernel's account neither ran nor wanted to.
   */
  get blocked(): number {
    return this.#blocked
  }

  /** The component runs here from now on, or no longer: undefined. */
  place(component: string, instance: object | undefined): void {
    if (instance === undefined) this.#instances.delete(component)
    else this.#instances.set(component, instance)
    this.#places = undefined
    if (this.#state.kind === 'resting') this.#state.changed = true
    else this.#state.busyMs = this.#options.clock.now()
  }

  /** Once a second. */
  take({ cpuUs, heapBytes }: Pick<ProcessSample, 'cpuUs' | 'heapBytes'>): ComponentSample[] {
    const now = this.#options.clock.now()
    this.#usedUs += cpuUs
    if (this.#inspector !== undefined) this.#follow(this.#inspector, { now, cpuUs, heapBytes })
    if (this.#sampled === 0) return []
    const heap = Math.max(0, heapBytes - this.#heapBefore)
    const components = [...this.#instances.keys()]
    const own = components.reduce((sum, component) => sum + (this.#samples.get(component) ?? 0), 0)
    return components.map((component) => {
      const samples = this.#samples.get(component) ?? 0
      return {
        component,
        cpuUs: Math.round((cpuUs * samples) / this.#sampled),
        heapBytes: Math.round(heap * (own === 0 ? 1 / components.length : samples / own)),
      }
    })
  }

  #follow(inspector: Inspector, { now, cpuUs, heapBytes }: Used): void {
    const ms = now - this.#takenMs
    const loopBusyMs = this.#options.clock.busy()
    // While stacks are sampled Node's figure is wrong (loop.ts); while they aren't it alone knows of a loop that is blocked in a synchronous wait.
    const waits = this.#state.kind === 'resting' ? loopBusyMs - this.#loopBusyMs : 0
    const usedMs = Math.max(cpuUs / 1_000, waits)
    const share = usedMs / ms
    this.#takenMs = now
    this.#loopBusyMs = loopBusyMs
    const isSmall = heapBytes < LIMITS.profileRestHeapBytesMax
    const state = this.#state
    if (state.kind === 'resting') {
      state.usedMs = share < LIMITS.profileShare ? 0 : state.usedMs + usedMs
      if (isSmall && state.usedMs < LIMITS.profileAgainMs && !state.changed) return
      inspector.resume()
      this.#scheduled = this.#options.scheduled()
      this.#sampling()
      return
    }
    if (share >= LIMITS.profileShareMin) state.busyMs = now
    const isRest = isSmall && now - state.busyMs >= LIMITS.profileRestMs
    if (!isRest && now < this.#nextMs) return
    this.#nextMs = now + LIMITS.profileMs
    this.#look(isRest ? inspector.rest() : inspector.take(), inspector)
    if (!isRest) return
    this.#state = { kind: 'resting', changed: false, usedMs: 0 }
    this.#blocked = 0
  }

  #look(stacks: StackNode, inspector: Inspector): void {
    this.#places ??= this.#findPlaces(inspector)
    const components = [...this.#instances.keys()]
    const { root } = this.#options
    const heir = components.length === 1 ? components[0] : components.find((component) => component === root)
    this.#helpers.age((owner) => owner === RUNTIME || this.#instances.has(owner))
    const options = { places: this.#places, helpers: this.#helpers, heir }
    const found = attribute(calmed(stacks, this.#account(stacks)), options)
    // A process that does much more than before, or much less, may do something else.
    const [less, more] = [Math.min(this.#usedUs, this.#beforeUs), Math.max(this.#usedUs, this.#beforeUs)]
    const changed = more > less * CHANGED && more >= CHANGED_LEAST_US
    this.#beforeUs = this.#usedUs
    this.#usedUs = 0
    const sampled = [...found.values()].reduce((sum, count) => sum + count, 0)
    this.#age(changed ? KEPT_OF_OTHER : KEPT ** Math.min(1, sampled / SAMPLES_FULL))
    for (const [owner, count] of found) this.#samples.set(owner, (this.#samples.get(owner) ?? 0) + count)
    this.#sampled += sampled
  }

  #age(kept: number): void {
    this.#samples = new Map([...this.#samples].map(([owner, count]) => [owner, count * kept]))
    this.#sampled *= kept
  }

  /** Of the time in which it was at work since stacks were looked at last, the share in which it had no core. */
  #account(stacks: StackNode): number {
    const now = this.#options.clock.now()
    const ms = now - this.#lookedMs
    const before = this.#scheduled
    const after = this.#options.scheduled()
    this.#lookedMs = now
    this.#scheduled = after
    this.#blocked = 0
    if (after === undefined || before === undefined) return 0
    const [ranMs, waitedMs] = [after.ranMs - before.ranMs, after.waitedMs - before.waitedMs]
    const seenMs = (working(stacks) * LIMITS.profileSampleUs) / 1_000
    const blocked = Math.min(1, (seenMs - ranMs - waitedMs) / ms)
    if (blocked > BLOCKED_LEAST) this.#blocked = blocked
    return waitedMs / (ranMs + waitedMs) || 0
  }

  #findPlaces(inspector: Inspector): OwnedPlace[] {
    const owned = (owner: string, made: unknown): OwnedPlace[] => {
      const place = typeof made === 'function' ? inspector.place(made as ClassLike) : undefined
      return place === undefined ? [] : [{ ...place, owner }]
    }
    return [
      ...this.#options.runtime.flatMap((made) => owned(RUNTIME, made)),
      ...[...this.#instances].flatMap(([component, instance]) =>
        classesOf(instance).flatMap((made) => owned(component, made)),
      ),
    ]
  }

  close(): void {
    this.#inspector?.close()
    this.#inspector = undefined
  }
}

type State =
  /** When the process was last seen to do something, or to run another component. */
  | { kind: 'sampling'; busyMs: number }
  /** What it has used since it last used little. */
  | { kind: 'resting'; changed: boolean; usedMs: number }

interface Used {
  now: number
  cpuUs: number
  heapBytes: number
}

/**
 * Of the samples before, at each look at which so many are new: together they weigh as much as those of four looks more. Where there are fewer, as many more
 * are kept, so that a process which does little is judged by as many samples as a busy one, of a longer time.
 */
const KEPT = 0.8
const SAMPLES_FULL = (LIMITS.profileMs * 1_000) / LIMITS.profileSampleUs
const CHANGED = 1.5
/** Of what is less, a twentieth of a core, the changes are chance. */
const CHANGED_LEAST_US = (LIMITS.profileMs * 1_000) / 20
const KEPT_OF_OTHER = 0.1

/** Less may be chance, of some 50 samples. */
const BLOCKED_LEAST = 0.2

/** Samples of stacks with a frame that is written in JavaScript. */
function working({ frame, weight, children }: StackNode, within = false): number {
  const isWork = within || frame.url !== ''
  return children.reduce((sum, child) => sum + working(child, isWork), isWork ? weight : 0)
}

/** Those that it inherits from too; of an object without a class, its own functions. */
function classesOf(instance: object): unknown[] {
  const classes: unknown[] = []
  let prototype: unknown = Object.getPrototypeOf(instance)
  while (typeof prototype === 'object' && prototype !== null && prototype !== Object.prototype) {
    classes.push((prototype as { constructor?: unknown }).constructor)
    prototype = Object.getPrototypeOf(prototype)
  }
  return classes.length > 0 ? classes : Object.values(instance)
}
