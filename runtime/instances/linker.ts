/**
 * Gives each caller → callee edge its stub, and each stub its target: the implementation when it runs in this process, else
 * whatever leads to it. Targets are replaced when the callee starts, stops or moves; callers keep their stubs.
 */
import type { AppDescriptor, Boundary, ComponentDescriptor } from '../boundary.ts'
import { Caller } from '../calls/caller.ts'
import { knowImplementation, type References } from '../calls/references.ts'
import { Route } from '../calls/routing.ts'
import type { Clock, Random } from '../clock.ts'
import type { ErrorRegistry } from '../codec/error.ts'
import { WeaveError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { EdgeCounts, type EdgeDelta, type EdgeSample, type Observer } from '../measure/edge-counts.ts'
import { bucketStart } from '../measure/latency.ts'
import type { KeyedCalls } from '../measure/sample.ts'
import { carries } from '../streams/end.ts'
import { countsOf, type Stub, type Target } from '../stub.ts'
import type { InFlight } from './in-flight.ts'

export interface LinkerOptions {
  descriptor: AppDescriptor
  /** Calls inside the process go through the codec. */
  isolated: boolean
  errors: ErrorRegistry
  clock: Clock
  random: Random
  /** The component was needed for the first time. Called before anybody has it. */
  needed: (component: string) => void
}

interface Callee {
  index: number
  descriptor: ComponentDescriptor
  boundary: Boundary
  /** For everything that isn't a direct call. */
  route: Route
  stubs: Map<string, Stub>
  /** Set while it runs here. */
  here: Instance | undefined
  /** It runs here, and other replicas own other slices of its routing keys. */
  sharded: boolean
  /** Calls go to another group, also while it runs here: it has just come, or is about to leave. */
  away: boolean
  /** It is handing its state over: calls go to the dispatcher, which sends them back. */
  held: boolean
  /** It may leave: since when co-located calls are counted. */
  countedSince: number | undefined
}

/** What runs here of a component, and the calls that it is busy with. */
export interface Instance {
  readonly implementation: object
  readonly inFlight: InFlight
}

export class Linker {
  readonly #options: LinkerOptions
  readonly #indices: ReadonlyMap<string, number>
  readonly #callees = new Map<string, Callee>()
  readonly #prepared = new Map<string, Promise<void>>()
  readonly #references = new Map<string, References>()
  /** By caller. */
  readonly #edges = new Map<string, EdgeCounts[]>()
  #observer: Observer | undefined
  #stopping = false

  constructor(options: LinkerOptions) {
    this.#options = options
    this.#indices = new Map(options.descriptor.components.map((component, index) => [component.name, index]))
  }

  /** The boundary is made when somebody first needs the component. */
  callee(name: string): Callee {
    const known = this.#callees.get(name)
    if (known) return known
    const index = this.#indices.get(name)
    const descriptor = index === undefined ? undefined : this.#options.descriptor.components[index]
    if (index === undefined || descriptor?.boundary === undefined) {
      throw new WeaveError(`The application has no component "${name}"; rebuild it if the component is new.`, {
        code: 'WV_NO_METHOD',
      })
    }
    const callee: Callee = {
      index,
      descriptor,
      boundary: descriptor.boundary(),
      route: new Route(name, this.#options.clock, this.#options.random),
      stubs: new Map(),
      here: undefined,
      sharded: false,
      away: false,
      held: false,
      countedSince: undefined,
    }
    if (this.#stopping) callee.route.stopping()
    this.#callees.set(name, callee)
    this.#options.needed(name)
    return callee
  }

  /** Somebody here calls the component, may be given it, or it lives here. */
  isNeeded(name: string): boolean {
    return this.#callees.has(name)
  }

  /** Loads what the boundary's decoders can't wait for, and those of components that may come along as references. */
  prepare(name: string): Promise<void> {
    const known = this.#prepared.get(name)
    if (known) return known
    const { boundary } = this.callee(name)
    // Noted before the others are asked, which may refer back: in a circle nobody waits for the one that began it.
    const own = Promise.resolve(boundary.prepare?.())
    this.#prepared.set(name, own)
    const others = (boundary.refers ?? []).filter((other) => this.#indices.has(other))
    const all = Promise.all([own, ...others.map((other) => this.prepare(other))]).then(() => {})
    this.#prepared.set(name, all)
    return all
  }

  /** The stubs that `caller` gets for components that others refer it to. */
  references(caller: string): References {
    let references = this.#references.get(caller)
    if (references === undefined) {
      references = { stub: (component) => this.stub(caller, component) }
      this.#references.set(caller, references)
    }
    return references
  }

  /** From now on the object may be passed as a reference to the component that it implements. */
  know(name: string, implementation: object): void {
    knowImplementation(implementation, name, this.references(name))
  }

  /** One for each edge. */
  stub(caller: string, name: string): Stub {
    const callee = this.callee(name)
    const known = callee.stubs.get(caller)
    if (known) return known
    const stub = new callee.boundary.Stub()
    Object.defineProperty(stub, '$component', { value: name, enumerable: false })
    const edge = new EdgeCounts(caller, name, callee.boundary.methods, now, () => this.#observer)
    countsOf(stub, edge)
    this.#edges.set(caller, [...(this.#edges.get(caller) ?? []), edge])
    Object.defineProperty(stub, '$target', { value: this.#target(edge, callee), writable: true, enumerable: false })
    callee.stubs.set(caller, stub)
    return stub
  }

  /** From now on edges do more than count. */
  observe(observer: Observer): void {
    this.#observer = observer
  }

  edgesOf(caller: string): readonly EdgeCounts[] {
    return this.#edges.get(caller) ?? []
  }

  /** What has been counted of each edge so far. */
  edges(): EdgeSample[] {
    return [...this.#edges.values()].flatMap((edges) => edges.flatMap((edge) => edge.samples()))
  }

  /** And since it was asked last. */
  take(): EdgeDelta[] {
    return [...this.#edges.values()].flatMap((edges) => edges.flatMap((edge) => edge.take(now())))
  }

  /** Calls by routing key since it was asked last, by component: pairs of a bucket and its calls. */
  takeKeyed(): KeyedCalls[] {
    const taken = [...this.#callees].map(([component, { route }]) => ({ component, buckets: route.takeKeyed() }))
    return taken.filter(({ buckets }) => buckets.length > 0)
  }

  #target(counts: EdgeCounts, callee: Callee): Target {
    const { caller } = counts
    const { descriptor, isolated, errors, clock, random } = this.#options
    const references = this.references(caller)
    const { boundary, route, index, sharded } = callee
    const local = isolated || callee.away || callee.held ? undefined : this.#local(caller, callee)
    counts.isLocal = local !== undefined && !sharded
    if (local !== undefined && !sharded) return local
    const remote = new boundary.Remote()
    const component = index
    remote.$caller = new Caller({
      descriptor,
      caller,
      component,
      boundary,
      route,
      counts,
      references,
      errors,
      clock,
      random,
    })
    return local === undefined ? (remote as unknown as Target) : byKey(boundary, local, remote as unknown as Target)
  }

  #local(caller: string, { boundary, here, descriptor, countedSince }: Callee): Target | undefined {
    if (here === undefined) return undefined
    const target = new boundary.Local(here.implementation)
    target.$caller = caller
    target.$callee = this.references(descriptor.name)
    target.$receiver = this.references(caller)
    target.$inFlight = here.inFlight
    const local = target as unknown as Target
    // A call that nobody knows of would go on with a state that has left.
    return countedSince === undefined && boundary.state === undefined ? local : counted(boundary, local, here.inFlight)
  }

  #retarget(callee: Callee): void {
    for (const stub of callee.stubs.values()) stub.$target = this.#target(stub.$edge, callee)
  }

  /** The component runs here from now on; or no longer: undefined. */
  place(name: string, here: Instance | undefined): void {
    const callee = this.callee(name)
    callee.here = here
    callee.countedSince = undefined
    callee.held = false
    this.#retarget(callee)
  }

  /**
   * Where the component's route leads matters to its callers here when it also runs here. `away`: to another group. `sharded`: other replicas
   * own slices of its keys, so that calls with a key go where the key says.
   */
  lead(name: string, { away, sharded }: { away: boolean; sharded: boolean }): void {
    const callee = this.callee(name)
    if (callee.away === away && callee.sharded === sharded) return
    callee.away = away
    callee.sharded = sharded
    this.#retarget(callee)
  }

  /** Co-located calls go the way of all others, or no longer. */
  hold(name: string, held: boolean): void {
    const callee = this.callee(name)
    if (callee.held === held) return
    callee.held = held
    this.#retarget(callee)
  }

  /** It will leave: from now on its co-located calls are counted, which costs each a promise. Or it will stay: no longer. */
  count(name: string, counts: boolean): void {
    const callee = this.callee(name)
    if (callee.here === undefined || (callee.countedSince !== undefined) === counts) return
    callee.countedSince = counts ? this.#options.clock.now() : undefined
    this.#retarget(callee)
  }

  /** Milliseconds from now until co-located calls that nobody has counted will have ended, as far as past ones tell. */
  uncountedMs(name: string): number {
    const callee = this.callee(name)
    if (callee.boundary.state !== undefined) return 0
    // Those that carry something are counted always.
    const uncounted = new Set(callee.boundary.methods.filter((method) => !carries(method)).map(({ name }) => name))
    const samples = [...callee.stubs.values()].flatMap((stub) => stub.$edge.samples())
    const now = this.#options.clock.now()
    return (callee.countedSince ?? now) + longestMs(samples.filter(({ method }) => uncounted.has(method))) - now
  }

  /** Calls to components that are nowhere any more fail at once. */
  stopping(): void {
    this.#stopping = true
    for (const { route } of this.#callees.values()) route.stopping()
  }

  close(): void {
    for (const { route } of this.#callees.values()) route.close()
  }
}

/** The same calls, counted while they are in flight. A stream is counted by its `LocalCall`. */
function counted(boundary: Boundary, local: Target, inFlight: InFlight): Target {
  const target: Target = Object.create(null)
  const end = () => inFlight.end()
  for (const { name, resultStream } of boundary.methods) {
    target[name] = (...args) => {
      const result = local[name]!(...args)
      if (resultStream?.direct !== true) {
        inFlight.begin()
        void result.then(end, end)
      }
      return result
    }
  }
  return target
}

/** Twice what the longest call took that was timed: others may have taken longer. A method whose calls nobody has timed may take a while. */
function longestMs(samples: readonly EdgeSample[]): number {
  const longest = samples.map(({ timed, latency }) =>
    timed === 0 ? LIMITS.untimedMs : (2 * bucketStart(latency.findLastIndex((count) => count > 0) + 1)) / 1e6,
  )
  return Math.min(Math.max(0, ...longest), LIMITS.drainMs)
}

/** Finer than the clock of the application need be. */
const now = () => performance.now()

/** Calls with a routing key take the route, which leads back here when the key is ours; the others need not leave. */
function byKey(boundary: Boundary, local: Target, remote: Target): Target {
  const target: Target = Object.create(null)
  for (const { name, key } of boundary.methods) {
    const to = key === undefined ? local : remote
    target[name] = (...args) => to[name]!(...args)
  }
  return target
}
