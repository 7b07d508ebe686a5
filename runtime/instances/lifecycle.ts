/**
 * Brings the components of this process to life and to an end: dependencies before dependents, one after the other, and in
 * reverse on the way down. A component is:
 *
 *   absent    not begun
 *   starting  its module is loaded, its dependencies are gathered, it is constructed, its `start` runs
 *   running   callers reach it
 *   stopped   its `stop` has run
 */
import type { AppDescriptor, ComponentDescriptor, Dependency } from '../boundary.ts'
import type { Clock, Timer } from '../clock.ts'
import { checkValue, problemText } from '../codec/mismatch.ts'
import { WeaveError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { didYouMean, shortName } from '../names.ts'
import type { Listener, Logger } from '../types.ts'
import type { Linker } from './linker.ts'
import { needs, startNeeds, startOrder } from './order.ts'

export interface LifecycleOptions {
  descriptor: AppDescriptor
  linker: Linker
  /** Full name → its section of the config. */
  config: Readonly<Record<string, object>>
  /** Instead of the class: what `provide` or a test's `fake` gave. */
  provided: (component: string) => (() => unknown) | undefined
  listener: (name: string, component: string) => Listener
  logger: (component: string) => Logger
  /** Told when a component has started: callers may reach it. */
  running: (component: string, instance: object) => void
  /** Told when a component begins to be constructed. */
  starting?: ((component: string) => void) | undefined
  clock: Clock
  log: Logger
}

type State =
  | { kind: 'starting'; started: Promise<object> }
  | { kind: 'running'; instance: object }
  | { kind: 'stopped' }

interface Stages {
  start?: () => unknown
  stop?: () => unknown
}

export class Lifecycle {
  readonly #options: LifecycleOptions
  readonly #components: ReadonlyMap<string, ComponentDescriptor>
  readonly #hosted: ReadonlySet<string>
  readonly #config: Map<string, object>
  /** What a component's start waits for. It has no circle, so whoever begins a start, and in whatever order, none waits for itself. */
  readonly #awaited: ReadonlyMap<string, readonly string[]>
  readonly #states = new Map<string, State>()
  readonly #constructing = new Set<string>()
  /** In the order in which they came to run. */
  readonly #running: ComponentDescriptor[] = []

  /** `hosted`: changes as components come and go. */
  constructor(options: LifecycleOptions, hosted: ReadonlySet<string>) {
    this.#options = options
    this.#config = new Map(Object.entries(options.config))
    this.#hosted = hosted
    this.#components = new Map(options.descriptor.components.map((component) => [component.name, component]))
    this.#awaited = startNeeds(options.descriptor.components)
  }

  /** True from the moment at which its implementation is asked for. */
  begun(name: string): boolean {
    return this.#constructing.has(name)
  }

  /** Starts those of `names` that live here, in the application's order. */
  async startAll(names: ReadonlySet<string>): Promise<void> {
    for (const component of startOrder(this.#options.descriptor.components)) {
      if (names.has(component.name)) await this.started(component.name)
    }
  }

  /** The component's instance, once it runs here; starts it, and what it needs, when nobody has yet. */
  started(name: string): Promise<object> {
    const state = this.#states.get(name)
    if (state?.kind === 'starting') return state.started
    if (state?.kind === 'running') return Promise.resolve(state.instance)
    if (state?.kind === 'stopped') {
      return Promise.reject(new WeaveError(`${name} has stopped.`, { code: 'WV_STOPPING', executed: 'no' }))
    }
    const started = this.#start(this.#components.get(name)!)
    this.#states.set(name, { kind: 'starting', started })
    return started
  }

  async #start(component: ComponentDescriptor): Promise<object> {
    const { name } = component
    // What was given needs nothing of what its class, which isn't used, would have needed.
    const provided = this.#options.provided(name) !== undefined
    const needed = provided ? [] : needs(component)
    const awaited = provided ? [] : this.#awaited.get(name)!
    for (const dependency of awaited) if (this.#hosted.has(dependency)) await this.started(dependency)
    let instance: object
    this.#constructing.add(name)
    try {
      const boundaries = component.boundary ? [name, ...needed] : needed
      for (const boundary of boundaries) await this.#options.linker.prepare(boundary)
      instance = await this.#begin(component)
    } catch (cause) {
      throw startError(name, cause)
    }
    this.#states.set(name, { kind: 'running', instance })
    this.#running.push(component)
    this.#options.running(name, instance)
    return instance
  }

  /** Constructs and starts it, in bounded time; one that takes long is named in the log. */
  async #begin(component: ComponentDescriptor): Promise<object> {
    const { clock, log, starting } = this.#options
    const label = shortName(component.name)
    const late = Promise.withResolvers<never>()
    const limit = clock.setTimeout(
      () => late.reject(new Error(`it has not started in ${LIMITS.startMs / 1000} s, which is the limit`)),
      LIMITS.startMs,
    )
    let stage = 'constructor'
    let passed = 0
    const warn = (ms: number): Timer =>
      clock.setTimeout(() => {
        passed += ms
        log.warn(`${label}.${stage} has taken ${passed / 1000} s`)
        warning = warn(passed)
      }, ms)
    let warning = warn(LIMITS.startWarningMs)
    const begun = async () => {
      const instance = await this.#construct(component)
      if (component.boundary) this.#options.linker.know(component.name, instance)
      stage = 'start'
      await (instance as Stages).start?.()
      return instance
    }
    starting?.(component.name)
    try {
      return await Promise.race([begun(), late.promise])
    } finally {
      limit.cancel()
      warning.cancel()
    }
  }

  async #construct(component: ComponentDescriptor): Promise<object> {
    const provided = this.#options.provided(component.name)
    if (provided) return objectFrom(await provided(), component.name)
    if (component.load === undefined) {
      const short = shortName(component.name)
      throw new Error(`it has no class; call provide<${short}>(() => …) before run`)
    }
    const Implementation = await component.load()
    return new Implementation(...component.dependencies.map((dependency) => this.#inject(component, dependency)))
  }

  #inject(component: ComponentDescriptor, dependency: Dependency): unknown {
    switch (dependency.kind) {
      case 'component':
        return this.#options.linker.stub(component.name, dependency.component)
      case 'listener':
        return this.#options.listener(dependency.name, component.name)
      case 'logger':
        return this.#options.logger(component.name)
      case 'config':
        return this.#configOf(component.name, dependency)
      case 'default':
        return undefined
    }
  }

  #configOf(component: string, dependency: Extract<Dependency, { kind: 'config' }>): object {
    const given = this.#config.get(component) ?? {}
    const definitions = this.#options.descriptor.definitions()
    const path = `config.${shortName(component)}`
    const problems = checkValue(dependency.shape, definitions, given, { unknownKeys: 'error', path })
    if (problems.length === 0) return frozenCopy(given)
    const sentences = problems.map((problem) => {
      const near = problem.known && didYouMean(problem.path.slice(problem.path.lastIndexOf('.') + 1), problem.known)
      return near === undefined ? problemText(problem) : `${problem.path} is not known; did you mean "${near}"?`
    })
    throw new WeaveError(
      `weave.config.ts does not fit ${component}:\n${sentences.map((text) => `  ${text}`).join('\n')}`,
      {
        code: 'WV_CONFIG',
      },
    )
  }

  /** As `started`, for one that was not meant to live here. When it can't start, all is as before. */
  async come(name: string, config: object | undefined): Promise<void> {
    if (config !== undefined) this.#config.set(name, config)
    try {
      await this.started(name)
    } catch (error) {
      this.#states.delete(name)
      this.#constructing.delete(name)
      throw error
    }
  }

  /** It leaves: whoever asks owns the instance, which he stops by `stop`. Undefined when it does not run here. */
  leave(name: string): object | undefined {
    const state = this.#states.get(name)
    if (state?.kind !== 'running') return undefined
    this.#states.delete(name)
    this.#constructing.delete(name)
    this.#running.splice(
      this.#running.findIndex((component) => component.name === name),
      1,
    )
    return state.instance
  }

  /** In reverse; one that fails to stop, or takes too long, doesn't keep the others from it. */
  async stopAll(stopped: (component: ComponentDescriptor) => void): Promise<void> {
    // One that is starting ends up among the running ones, or fails.
    await Promise.allSettled(
      [...this.#states.values()].map((state) => (state.kind === 'starting' ? state.started : undefined)),
    )
    for (const component of this.#running.splice(0).reverse()) {
      const state = this.#states.get(component.name)
      if (state?.kind !== 'running') continue
      this.#states.set(component.name, { kind: 'stopped' })
      stopped(component)
      await this.stop(component.name, state.instance)
    }
  }

  /** Runs its `stop`, if it has one, in bounded time. Never throws. */
  async stop(name: string, instance: object): Promise<void> {
    const stages = instance as Stages
    if (typeof stages.stop !== 'function') return
    const late = Promise.withResolvers<string>()
    const timer = this.#options.clock.setTimeout(
      () => late.resolve(`took longer than ${LIMITS.drainMs} ms`),
      LIMITS.drainMs,
    )
    try {
      const problem = await Promise.race([Promise.resolve(stages.stop()).then(() => undefined), late.promise])
      if (problem !== undefined) this.#options.log.error(`${name}.stop ${problem}; it is left behind`)
    } catch (error) {
      this.#options.log.error(`${name}.stop failed`, { error })
    } finally {
      timer.cancel()
    }
  }
}

/** Components that must start for `names` to run, those included; what `without` need is not followed. */
export function reachedFrom(
  descriptor: AppDescriptor,
  names: Iterable<string>,
  without: ReadonlySet<string>,
): Set<string> {
  const byName = new Map(descriptor.components.map((component) => [component.name, component]))
  const reached = new Set<string>(names)
  for (const name of reached) {
    const component = byName.get(name)
    if (component && !without.has(name)) for (const needed of needs(component)) reached.add(needed)
  }
  return reached
}

function startError(name: string, cause: unknown): unknown {
  if (cause instanceof WeaveError && (cause.code === 'WV_CONFIG' || cause.code === 'WV_START')) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new WeaveError(`${name} could not be started: ${reason}`, { code: 'WV_START', cause })
}

function objectFrom(value: unknown, name: string): object {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') return value
  throw new TypeError(`provide<${shortName(name)}> gave ${value === null ? 'null' : typeof value} instead of an object`)
}

/** The application gets its own: a component that changes its config would change another's. */
function frozenCopy<T extends object>(value: T): T {
  return freeze(structuredClone(value))
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) freeze(member)
  return Object.freeze(value)
}
