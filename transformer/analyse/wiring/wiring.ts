/**
 * Which class implements a component, what its constructor takes, and in which order an application is built. In go found
 * classes; out come implementations with dependencies, and reports of what can't be put together. Nothing is guessed: a
 * parameter is a component, a Listener, a Config, a Logger, or has a default, or it is an error.
 */
import type { Shape } from '../../../runtime/shape.ts'
import type { CheckerView, Parameter, Place, SymbolHandle, TypeHandle } from '../../checker/view.ts'
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts'
import type { Dependency, Implementation } from '../../model.ts'
import type { FoundClass, FoundComponent } from '../declared/find.ts'
import { keptField } from '../declared/kept-state.ts'
import type { Markers } from '../declared/markers.ts'
import { isStateful, isStateless } from '../declared/tags.ts'
import { whyUnnamed } from '../declared/unnamed.ts'
import type { Fixes } from '../report/fixes.ts'
import type { Crossing, Reporter } from '../report/report.ts'
import type { Shapes } from '../types/shape.ts'
import { type FoundState, HandOver } from './hand-over.ts'

export interface Wired {
  readonly implementation: Implementation
  readonly found: FoundClass
  /** Where each dependency on a component is written. */
  readonly places: ReadonlyMap<string, Place>
  readonly configs: readonly { readonly dependency: { shape: Shape }; readonly crossing: Crossing }[]
  /** What is handed over when it moves. */
  readonly state: FoundState | undefined
  error: Diagnostic | undefined
}

export interface WiringInput {
  readonly view: CheckerView
  readonly markers: Markers
  readonly shapes: Shapes
  readonly reporter: Reporter
  readonly fixes: Fixes
  readonly components: ReadonlyMap<SymbolHandle, FoundComponent>
  readonly classes: readonly FoundClass[]
}

export class Wiring {
  readonly #input: WiringInput
  readonly #classes: ReadonlyMap<SymbolHandle, FoundClass>
  readonly #handOver: HandOver

  constructor(input: WiringInput) {
    this.#input = input
    this.#handOver = new HandOver(input)
    this.#classes = new Map(input.classes.map((each) => [each.declared.symbol, each]))
  }

  classOf(symbol: SymbolHandle): FoundClass | undefined {
    return this.#classes.get(symbol)
  }

  /** Reports what stands in the way of constructing `found` from another module; `appFile` calls `run` itself. */
  reachable(found: FoundClass, appFile: boolean): Diagnostic | undefined {
    const { declared } = found
    const { fixes } = this.#input
    const what = declared.name || 'default'
    const say = (message: string, why: string, fix: string, quick: Fix | undefined) =>
      this.#input.reporter.add('WV1007', declared.nameSpan, { message, why, fix, fixes: [quick] })
    if (declared.abstract)
      return say(
        `'${what}' is abstract and cannot be constructed.`,
        'the runtime constructs the implementation',
        'implement what is abstract, or remove the keyword',
        fixes.removeAbstract(found),
      )
    if (!declared.exportName && !appFile)
      return say(
        `'${what}' must be exported from its module, since generated code imports it.`,
        'the application constructs it in whichever process it runs',
        "add 'export'",
        fixes.export(declared.symbol),
      )
    if (this.#input.view.constructorOf(declared.symbol).access === 'public') return undefined
    return say(
      `The constructor of '${what}' is not public.`,
      'the runtime constructs the implementation',
      "make it public, or construct the class yourself and use 'provide'",
      fixes.publicConstructor(found),
    )
  }

  wire(found: FoundClass, reaches: readonly string[]): Wired {
    const { declared } = found
    const places = new Map<string, Place>()
    const configs: { dependency: { shape: Shape }; crossing: Crossing }[] = []
    const declaredConstructor = this.#input.view.constructorOf(declared.symbol)
    const stateful = this.#isStateful(found)
    const handOver = stateful || this.#hasStatefulInterface(found) ? this.#handOver.read(found) : {}
    const keeps = stateful || this.#isStateless(found) ? undefined : keptField(this.#input.view, found)
    const wired: Wired = {
      found,
      places,
      configs,
      state: handOver.state,
      error: handOver.error,
      implementation: {
        className: declared.name || 'default',
        file: this.#input.reporter.span(declared.span).file,
        exportName: declared.exportName,
        declaration: this.#input.reporter.span(declared.nameSpan),
        dependencies: [],
        reaches: [...reaches],
        ...(stateful && { stateful: true as const }),
        ...(keeps !== undefined && { keeps }),
      },
    }
    if (declaredConstructor.signatures.length > 1) {
      wired.error = this.#input.reporter.add('WV3004', declared.nameSpan, {
        message: `The constructor of '${declared.name}' has ${declaredConstructor.signatures.length} signatures.`,
        why: 'its parameters say what it depends on, so there must be one list of them',
        fix: 'leave one signature',
      })
      return wired
    }
    for (const [position, parameter] of (declaredConstructor.signatures[0]?.parameters ?? []).entries()) {
      const dependency = this.#dependency(parameter, position, wired, configs)
      if (!('kind' in dependency)) {
        wired.error ??= dependency.error
        continue
      }
      wired.implementation.dependencies.push(dependency)
      const place = this.#placeOf(parameter, found)
      if (dependency.kind === 'component' && !places.has(dependency.component)) places.set(dependency.component, place)
    }
    return wired
  }

  #isStateful({ file, declared }: FoundClass): boolean {
    return file.text.includes('@stateful') && this.#input.view.docTags(declared.symbol).some(isStateful)
  }

  #isStateless({ file, declared }: FoundClass): boolean {
    return file.text.includes('@stateless') && this.#input.view.docTags(declared.symbol).some(isStateless)
  }

  #hasStatefulInterface({ implements: interfaces }: FoundClass): boolean {
    return interfaces.some(({ symbol }) => {
      const component = this.#input.components.get(symbol)
      return component?.file.text.includes('@stateful') && this.#input.view.docTags(symbol).some(isStateful)
    })
  }

  #placeOf(parameter: Parameter, found: FoundClass): Place {
    return this.#inProject(parameter.typeSpan ?? parameter.nameSpan) ?? found.declared.nameSpan
  }

  /** An inherited constructor may be a package's. */
  #inProject(place: Place | undefined): Place | undefined {
    return place?.file.includes('/node_modules/') ? undefined : place
  }

  #dependency(
    parameter: Parameter,
    position: number,
    wired: Wired,
    configs: { dependency: { shape: Shape }; crossing: Crossing }[],
  ): Dependency | { error: Diagnostic } {
    const { view, markers, shapes, components } = this.#input
    const name = parameter.name ?? `arg${position}`
    const type = this.#present(parameter)
    const symbol = view.symbolOf(type)
    const marker = symbol && markers.of(symbol)
    if (marker === 'listener' || marker === 'logger') return { kind: marker, parameter: name }
    if (markers.is('config', type)) {
      const place = this.#placeOf(parameter, wired.found)
      const dependency = {
        kind: 'config' as const,
        parameter: name,
        shape: shapes.shapeOf(this.#configType(type), place),
        declaration: this.#input.reporter.span(this.#inProject(parameter.nameSpan) ?? place),
      }
      configs.push({
        dependency,
        crossing: { subject: `constructor(${name})`, place, within: wired.found.declared.span },
      })
      return dependency
    }
    const component = symbol && components.get(symbol)
    if (component) return { kind: 'component', parameter: name, component: component.name }
    if (parameter.hasDefault || (parameter.optional && !(symbol && markers.isComponent(symbol)))) {
      return { kind: 'default', parameter: name }
    }
    return { error: this.#notInjectable(parameter, name, type, wired.found) }
  }

  /** The name of a type that says `Component` in a way that makes no component: an intersection, a class that implements it. */
  #meantComponent(type: TypeHandle): string | undefined {
    const { view, markers } = this.#input
    const isOurs = (part: TypeHandle): boolean => {
      const symbol = view.symbolOf(part)
      return symbol !== undefined && (markers.of(symbol) === 'component' || markers.isComponent(symbol))
    }
    const description = view.describe(type)
    const symbol = view.aliasOf(type)?.symbol ?? view.symbolOf(type)
    const name = symbol ? view.symbolName(symbol) : 'Some'
    if (description.kind === 'intersection') return description.parts.some(isOurs) ? name : undefined
    const own = symbol && view.symbolKind(symbol) === 'class' ? view.implemented(symbol) : []
    return own.some((each) => isOurs(each.type)) ? name : undefined
  }

  /** Without the `undefined` of `cart?: Cart`: a component is always there. */
  #present({ type }: Parameter): TypeHandle {
    const description = this.#input.view.describe(type)
    if (description.kind !== 'union') return type
    const [only, second] = description.parts.filter((part) => this.#input.view.describe(part).kind !== 'undefined')
    return only && !second ? only : type
  }

  /** `T` of `Config<T>`; without its alias the members are there all the same. */
  #configType(type: TypeHandle): TypeHandle {
    const alias = this.#input.view.aliasOf(type)
    const own = alias && this.#input.markers.of(alias.symbol) === 'config' ? alias.typeArguments[0] : undefined
    return own ?? type
  }

  #notInjectable(parameter: Parameter, name: string, type: TypeHandle, found: FoundClass): Diagnostic {
    const { view, markers, reporter, components } = this.#input
    const place = this.#placeOf(parameter, found)
    const text = view.text(type)
    const symbol = view.symbolOf(type)
    const description = view.describe(type)
    if (description.kind === 'any' && description.unresolved) {
      return reporter.add('WV2002', place, {
        message: `'constructor(${name})' of '${found.declared.name}' has a type that could not be resolved.`,
        why: 'the compiler reports an error in it, such as an import that was not found',
        fix: 'repair that error first',
      })
    }
    if (symbol && markers.isComponent(symbol)) {
      const { code, ...report } = whyUnnamed(view, symbol, type)
      return reporter.add(code, place, report)
    }
    const implemented = symbol && this.#classes.get(symbol)?.implements.map((each) => components.get(each.symbol))
    const component = implemented?.find((each) => each !== undefined)
    if (component) {
      return reporter.add('WV3005', place, {
        message: `'${name}: ${text}' names a class, so the call could never leave this process.`,
        why: `'${text}' implements the component '${component.shortName}', which may run anywhere`,
        fix: `use '${component.shortName}'`,
        related: [{ place: component.nameSpan, message: `'${component.shortName}' is declared here` }],
        fixes: [this.#input.fixes.useInterface(parameter, symbol!, component)],
      })
    }
    const meant = this.#meantComponent(type)
    return reporter.add('WV3004', place, {
      message: `Parameter '${parameter.rest ? '...' : ''}${name}: ${text}' of '${found.declared.name}' is not a component and has no default.`,
      why: meant
        ? "it is made from 'Component', but only an interface that extends it has a name to be found by"
        : 'the runtime constructs the class and has nothing to give for it',
      fix: meant
        ? `make it an interface that extends Component: 'export interface ${meant} extends Component { … }'`
        : `take it from 'Config<{ ${name}: … }>', give it a default, or construct the class in 'provide'`,
    })
  }
}

/** Circles among components, by constructor parameters; each once, from its smallest name on. */
export function findCycles(dependencies: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = []
  const state = new Map<string, 'open' | 'done'>()
  const path: string[] = []
  const visit = (name: string): void => {
    state.set(name, 'open')
    path.push(name)
    for (const next of dependencies.get(name) ?? []) {
      if (state.get(next) === 'open') cycles.push(fromSmallest(path.slice(path.indexOf(next))))
      else if (!state.has(next) && dependencies.has(next)) visit(next)
    }
    path.pop()
    state.set(name, 'done')
  }
  for (const name of [...dependencies.keys()].sort()) if (!state.has(name)) visit(name)
  return cycles
}

function fromSmallest(cycle: string[]): string[] {
  const at = cycle.indexOf([...cycle].sort()[0]!)
  return [...cycle.slice(at), ...cycle.slice(0, at)]
}

/** What `roots` reach, dependencies before dependents; in a circle (of `get`, or one that is reported) the order is open. */
export function inBuildOrder(roots: readonly string[], dependencies: ReadonlyMap<string, readonly string[]>): string[] {
  const ordered = new Set<string>()
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const next of dependencies.get(name) ?? []) visit(next)
    ordered.add(name)
  }
  for (const root of roots) visit(root)
  return [...ordered]
}
