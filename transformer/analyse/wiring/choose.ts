/**
 * Chooses the implementation of each component and the root of each application. In go found classes, calls of `provide`
 * and the `implementations` of weave.config.ts; out comes what was wired. Refuses to choose between two: the config must.
 */

import { didYouMean, shortName } from '../../../runtime/names.ts'
import type { Place, SymbolHandle } from '../../checker/view.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { fromRoot } from '../../from-root.ts'
import type { Implementation } from '../../model.ts'
import type { Recall } from '../again/memory.ts'
import { kindOfNote } from '../again/notes.ts'
import type { FoundCall } from '../declared/calls.ts'
import { type FoundClass, type FoundComponent, isTestFile } from '../declared/find.ts'
import { whyUnnamed } from '../declared/unnamed.ts'
import { Reporter } from '../report/report.ts'
import { byCodeUnits } from '../types/canonical.ts'
import { type Wired, Wiring, type WiringInput } from './wiring.ts'

export interface ChosenInput extends WiringInput {
  readonly root: string
  readonly calls: readonly FoundCall[]
  readonly appFiles: ReadonlySet<string>
  readonly implementations: Readonly<Record<string, string>>
  readonly recall: Recall | undefined
}

/** What can be constructed, and what its constructor takes; a config's shape is not kept here. */
interface KnownWiring {
  readonly implementation: Omit<Implementation, 'reaches'>
  readonly places: ReadonlyMap<string, Place>
}

const WIRING = kindOfNote<KnownWiring>('wiring of a class')
const idOf = ({ declared }: FoundClass): string => String(declared.nameSpan.start)

/** Whether that matters is said by the interface too, which may change by itself. */
const HANDS_OVER = /\b(?:handOver|takeOver)\b/

export class Chosen {
  readonly #input: ChosenInput
  readonly #wiring: Wiring
  readonly #wired = new Map<string, Wired>()
  readonly #errors = new Map<string, Diagnostic>()
  readonly #candidates = new Map<string, string[]>()
  readonly #provided: ReadonlySet<string>
  /** File → components that it asks for by `get`. */
  readonly #reaches: ReadonlyMap<string, ReadonlySet<string>>
  readonly #configured: ReadonlyMap<string, FoundClass>
  /** Classes that are no mere bases, by the components that they name. */
  readonly #byComponent = new Map<SymbolHandle, FoundClass[]>()

  constructor(input: ChosenInput) {
    this.#input = input
    this.#wiring = new Wiring(input)
    for (const each of input.classes) {
      for (const symbol of each.declared.abstract ? [] : new Set(each.implements.map((clause) => clause.symbol))) {
        this.#byComponent.set(symbol, [...(this.#byComponent.get(symbol) ?? []), each])
      }
    }
    const application = input.calls.filter(({ file }) => !isTestFile(input.root, file.path))
    this.#provided = new Set(
      application.filter(({ marker }) => marker === 'provide').flatMap((call) => this.#named(call) ?? []),
    )
    this.#reaches = this.#gets(application)
    this.#reportUnnamed()
    this.#configured = this.#readConfig()
    for (const component of input.components.values()) this.#choose(component)
    this.#reportShared()
  }

  of(component: string): Wired | undefined {
    return this.#wired.get(component)
  }

  /** The error that leaves it without an implementation, if one was reported. */
  errorOf(component: string): Diagnostic | undefined {
    return this.#errors.get(component)
  }

  wired(): Wired[] {
    return [...this.#wired.values()]
  }

  /** Full names of the classes that could implement it. */
  candidates(component: string): string[] {
    return this.#candidates.get(component) ?? []
  }

  isProvided(component: string): boolean {
    return this.#provided.has(component)
  }

  relative(path: string): string {
    return fromRoot(this.#input.root, path)
  }

  constructorDependencies(component: string): string[] {
    return componentsOf(this.#wired.get(component))
  }

  #named({ call, file }: FoundCall): string | undefined {
    const type = call.typeArguments[0]?.type
    const symbol = type && this.#input.view.symbolOf(type)
    if (symbol) return this.#input.components.get(symbol)?.name
    // `get('Cart')`, as it is written where nothing transforms the program.
    const [first] = call.arguments
    const written = first && /^(['"`])([^'"`]*)\1$/.exec(file.text.slice(first.start, first.end))?.[2]
    const named = [...this.#input.components.values()].filter((each) => each.shortName === written)
    return named.length === 1 ? named[0]!.name : this.#full(written)
  }

  #full(written: string | undefined): string | undefined {
    return [...this.#input.components.values()].find((each) => each.name === written)?.name
  }

  #gets(calls: readonly FoundCall[]): Map<string, Set<string>> {
    const reaches = new Map<string, Set<string>>()
    for (const call of calls) {
      const name = call.marker === 'get' ? this.#named(call) : undefined
      if (!name) continue
      const of = reaches.get(call.file.path) ?? new Set()
      reaches.set(call.file.path, of.add(name))
    }
    return reaches
  }

  #reachesOf(files: readonly string[], self: string | undefined): string[] {
    const names = new Set(files.flatMap((file) => [...(this.#reaches.get(file) ?? [])]))
    if (self) names.delete(self)
    return [...names].sort(byCodeUnits)
  }

  /** Clauses that name something below `Component` which is no component; in a package it may be meant for others. */
  #reportUnnamed(): void {
    const { view, reporter, components, classes } = this.#input
    for (const { test, implements: clauses } of classes) {
      for (const { type, span, symbol } of clauses) {
        if (components.has(symbol) || test || span.file.includes('/node_modules/')) continue
        const { code, ...report } = whyUnnamed(view, symbol, type)
        const generic = view.typeArguments(type).length > 0
        if (generic || view.namespaces(symbol).length > 0) reporter.add(code, span, report)
      }
    }
  }

  /** In one process one object could serve both, in two it can't: so nobody may come to rely on it. */
  #reportShared(): void {
    const byClass = new Map<FoundClass, string[]>()
    for (const [component, { found }] of this.#wired) {
      // What `provide` gives is the user's own object, one or two as they like.
      if (!this.#provided.has(component)) byClass.set(found, [...(byClass.get(found) ?? []), component])
    }
    for (const [found, components] of byClass) {
      if (components.length < 2) continue
      const names = components.map((component) => `'${shortName(component)}'`)
      const diagnostic = this.#input.reporter.add('WV3015', found.declared.nameSpan, {
        message: `'${found.declared.name || 'default'}' implements ${names.length} components, ${names.slice(0, -1).join(', ')} and ${names.at(-1)}.`,
        why: 'each component is an object of its own, which may run in another process, so they could not share state',
        fix: 'write one class a component; what they share is a third component, or one interface',
      })
      for (const component of components) this.#wired.get(component)!.error ??= diagnostic
    }
  }

  /** `implementations` of weave.config.ts, with what it names found. */
  #readConfig(): Map<string, FoundClass> {
    const { components, implementations, reporter } = this.#input
    const found = new Map<string, FoundClass>()
    const fail = (message: string, given: string, known: readonly string[]) =>
      reporter.add('WV3008', undefined, {
        message: `weave.config.ts: implementations: ${message}`,
        why: 'a misspelt name would be silently without effect',
        fix: adviceFor(given, known),
      })
    for (const [name, className] of Object.entries(implementations)) {
      const matches = [...components.values()].filter((each) => each.name === name || each.shortName === name)
      const component = matches.find((each) => each.name === name) ?? matches[0]
      if (!component || (matches.length > 1 && component.name !== name)) {
        const known =
          matches.length > 1 ? matches.map((each) => each.name) : [...components.values()].map((each) => each.shortName)
        fail(
          matches.length > 1
            ? `'${name}' is the name of ${matches.length} components.`
            : `there is no component '${name}'.`,
          name,
          known,
        )
        continue
      }
      const candidates = this.#implementing(component)
      const chosen = candidates.filter((each) => each.name === className || each.declared.name === className)
      if (chosen.length === 1) found.set(component.name, chosen[0]!)
      else
        fail(
          chosen.length > 1
            ? `'${className}' is the name of ${chosen.length} classes.`
            : `no class '${className}' implements '${component.shortName}'.`,
          className,
          (chosen.length > 1 ? chosen : candidates).map((each) => (chosen.length > 1 ? each.name : each.declared.name)),
        )
    }
    return found
  }

  /** Abstract classes are bases. A class of a test counts only for a component of the same file. */
  #implementing(component: FoundComponent): FoundClass[] {
    return (this.#byComponent.get(component.symbol) ?? []).filter((candidate) => {
      const own = candidate.file.path === component.file.path
      return own || (!candidate.test && !isTestFile(this.#input.root, component.file.path))
    })
  }

  #choose(component: FoundComponent): void {
    const { appFiles } = this.#input
    const provided = this.#provided.has(component.name)
    const candidates = this.#implementing(component)
    this.#candidates.set(component.name, candidates.map((each) => each.name).sort(byCodeUnits))
    const usable = candidates.filter(
      ({ declared, file }) => declared.exportName !== undefined || appFiles.has(file.path),
    )
    const configured = this.#configured.get(component.name)
    const [first, second] = configured ? [configured] : usable.length > 0 ? usable : candidates
    if (!first) return
    if (second && usable.length > 1) {
      if (!provided) this.#errors.set(component.name, this.#reportMany(component, usable))
      return
    }
    const reaches = this.#reachesOf([first.file.path], component.name)
    const known = provided ? undefined : this.#input.recall?.find(WIRING, first.file.path, idOf(first))
    if (known) {
      const { implementation, places } = known
      const wired = { found: first, places, configs: [], state: undefined, error: undefined }
      this.#wired.set(component.name, { ...wired, implementation: { ...implementation, reaches } })
      return
    }
    // Where `provide` gives the component, a class that can't be constructed is no mistake.
    const wiring = provided
      ? new Wiring({ ...this.#input, reporter: new Reporter(this.#input.view, this.#input.root) })
      : this.#wiring
    const unreachable = wiring.reachable(first, appFiles.has(first.file.path))
    if (unreachable) {
      if (!provided) this.#errors.set(component.name, unreachable)
      return
    }
    const wired = wiring.wire(first, reaches)
    if (!provided || !wired.error) this.#wired.set(component.name, wired)
  }

  /** At the end, when all errors are known. */
  remember(): void {
    for (const [component, { implementation, places, configs, error, found }] of this.#wired) {
      if (error || configs.length > 0 || HANDS_OVER.test(found.file.text) || this.#provided.has(component)) continue
      const { reaches: _, ...known } = implementation
      this.#input.recall?.note(WIRING, { implementation: known, places }, found.file.path, idOf(found))
    }
  }

  #reportMany(component: FoundComponent, usable: readonly FoundClass[]): Diagnostic {
    const [first, ...others] = usable
    const names = usable.map(({ declared }) => `'${declared.name || 'default'}'`)
    const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
    return this.#input.reporter.add('WV3002', first!.declared.nameSpan, {
      message: `${list} ${names.length > 2 ? 'all' : 'both'} implement '${component.shortName}'.`,
      why: 'an application has one implementation of a component',
      fix: `choose in weave.config.ts: implementations: { ${component.shortName}: ${names[0]} }`,
      related: others.map(({ declared }) => ({
        place: declared.nameSpan,
        message: `'${declared.name}' implements it too`,
      })),
    })
  }

  /** The root class of each call of `run`, wired; calls without a usable one are reported and left out. */
  roots(starts: readonly FoundCall[]): Map<FoundCall, Wired> {
    const roots = new Map<FoundCall, Wired>()
    const first = new Map<string, FoundCall>()
    for (const start of starts) {
      const path = start.file.path
      const other = first.get(path)
      // Tests may start their application as often as they like; it is the same one.
      if (other && !(other.marker === 'startApp' && start.marker === 'startApp')) {
        this.#input.reporter.add('WV3011', start.call.callee, {
          message: `'${this.relative(path)}' starts a second application.`,
          why: 'the code that starts one is added to the file once',
          fix: 'move it to a file of its own',
          related: [{ place: other.call.callee, message: 'the first one' }],
        })
        continue
      }
      if (!other) first.set(path, start)
      const root = start.marker === 'run' ? this.#root(start) : undefined
      if (root) roots.set(start, root)
    }
    return roots
  }

  #root({ call, file }: FoundCall): Wired | undefined {
    const { view, reporter } = this.#input
    const argument = view.argumentSymbol(call.handle, 0)
    const found = argument && this.#wiring.classOf(argument.symbol)
    if (!found) {
      reporter.add('WV3009', call.arguments[0] ?? call.callee, {
        message:
          call.arguments.length > 0
            ? "The argument of 'run' is not the name of a class of this project."
            : "'run' needs the class of the root.",
        why: 'the root is found without running the program',
        fix: 'declare the class at the top level of a module and write its name: run(Shop)',
      })
      return undefined
    }
    const members = view.members(view.declaredType(found.declared.symbol))
    if (!members.some((member) => member.name === 'main')) {
      reporter.add('WV3010', call.arguments[0], {
        message: `'${found.declared.name}' has no method 'main'.`,
        why: "the application is the root's 'main', and ends when that returns",
        fix: `let '${found.declared.name}' implement 'Main'`,
        related: [{ place: found.declared.nameSpan, message: `'${found.declared.name}' is declared here` }],
        fixes: [this.#input.fixes.addMain(found)],
      })
      return undefined
    }
    if (this.#wiring.reachable(found, found.file.path === file.path)) return undefined
    return this.#wiring.wire(found, this.#reachesOf([found.file.path, file.path, ...this.#looseFiles()], undefined))
  }

  /** Files that ask for components and hold no implementation: helpers of somebody, so counted to the root. */
  #looseFiles(): string[] {
    const held = new Set([...this.#wired.values()].map(({ found }) => found.file.path))
    return [...this.#reaches.keys()].filter((file) => !held.has(file) && !this.#input.appFiles.has(file))
  }
}

/** What to write in place of a name that isn't known, the likeliest first. */
function adviceFor(given: string, known: readonly string[]): string {
  if (known.length === 0) return 'remove it'
  const near = didYouMean(given, known)
  const others = known.filter((each) => each !== near).map((each) => `'${each}'`)
  if (near === undefined) return `write one of ${others.join(', ')}`
  return `did you mean '${near}'?${others.length > 0 ? ` There is also ${others.join(', ')}` : ''}`
}

/** Components among the constructor's parameters, in their order. */
export function componentsOf(wired: Wired | undefined): string[] {
  return (wired?.implementation.dependencies ?? []).flatMap((each) =>
    each.kind === 'component' ? [each.component] : [],
  )
}
