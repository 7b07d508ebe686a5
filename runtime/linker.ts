/**
 * Gives each caller → callee edge its stub, and each stub its target: the implementation when it runs in this process, else
 * whatever leads to it. Targets are replaced when the callee starts, stops or moves; callers keep their stubs.
 */
import type { AppDescriptor, Boundary, ComponentDescriptor } from './boundary.ts'
import { Caller } from './caller.ts'
import type { Clock, Random } from './clock.ts'
import type { ErrorRegistry } from './codec/error.ts'
import { EdgeCounts, type EdgeSample } from './edge-counts.ts'
import { WeaveError } from './errors.ts'
import { knowImplementation, type References } from './references.ts'
import { Route } from './routing.ts'
import { countsOf, type Stub, type Target } from './stub.ts'

export interface LinkerOptions {
  descriptor: AppDescriptor
  /** Calls inside the process go through the codec. */
  isolated: boolean
  errors: ErrorRegistry
  clock: Clock
  random: Random
}

interface Callee {
  index: number
  descriptor: ComponentDescriptor
  boundary: Boundary
  /** For everything that isn't a direct call. */
  route: Route
  stubs: Map<string, Stub>
  /** Set while it runs here. */
  implementation: object | undefined
  /** It runs here, and other replicas own other slices of its routing keys. */
  sharded: boolean
}

export class Linker {
  readonly #options: LinkerOptions
  readonly #indices: ReadonlyMap<string, number>
  readonly #callees = new Map<string, Callee>()
  readonly #prepared = new Map<string, Promise<void>>()
  readonly #references = new Map<string, References>()
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
      implementation: undefined,
      sharded: false,
    }
    if (this.#stopping) callee.route.stopping()
    this.#callees.set(name, callee)
    return callee
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
    Object.defineProperty(stub, '$target', { value: this.#target(caller, callee), writable: true, enumerable: false })
    const methods = callee.boundary.methods.map((method) => method.name)
    countsOf(stub, new EdgeCounts(caller, name, methods, () => performance.now()))
    callee.stubs.set(caller, stub)
    return stub
  }

  /** What has been counted of each edge so far. */
  edges(): EdgeSample[] {
    return [...this.#callees.values()].flatMap(({ stubs }) =>
      [...stubs.values()].flatMap((stub) => stub.$edge.samples()),
    )
  }

  #target(caller: string, callee: Callee): Target {
    const { descriptor, isolated, errors, clock, random } = this.#options
    const references = this.references(caller)
    const { boundary, implementation, route, index, sharded } = callee
    let local: Target | undefined
    if (implementation !== undefined && !isolated) {
      const target = new boundary.Local(implementation)
      target.$caller = caller
      target.$callee = this.references(descriptor.components[index]!.name)
      target.$receiver = references
      local = target as unknown as Target
    }
    if (local !== undefined && !sharded) return local
    const remote = new boundary.Remote()
    const component = index
    remote.$caller = new Caller({
      descriptor,
      caller,
      component,
      boundary,
      route,
      references,
      errors,
      clock,
      random,
    })
    return local === undefined ? (remote as unknown as Target) : byKey(boundary, local, remote as unknown as Target)
  }

  /** The component runs here from now on: `implementation`; or no longer: undefined. */
  place(name: string, implementation: object | undefined): void {
    const callee = this.callee(name)
    callee.implementation = implementation
    for (const [caller, stub] of callee.stubs) stub.$target = this.#target(caller, callee)
  }

  /** Other replicas of a component that lives here own slices of its keys: calls with a key go where the key says. */
  shard(name: string): void {
    const callee = this.callee(name)
    if (callee.sharded) return
    callee.sharded = true
    for (const [caller, stub] of callee.stubs) stub.$target = this.#target(caller, callee)
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

/** Calls with a routing key take the route, which leads back here when the key is ours; the others need not leave. */
function byKey(boundary: Boundary, local: Target, remote: Target): Target {
  const target: Target = Object.create(null)
  for (const { name, key } of boundary.methods) {
    const to = key === undefined ? local : remote
    target[name] = (...args) => to[name]!(...args)
  }
  return target
}
