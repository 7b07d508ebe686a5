/**
 * What one analysis leaves to the next: methods of components, definitions of types, and what was found in each file, as plain data with
 * the files that they may depend on. In goes a view with its links; out comes what still holds. After an edit most of a project is
 * what it was, and to read it again from a new type checker is most of the cost of an analysis.
 *
 * A kept value depends on the file that it is declared in, on all that this imports at any distance, and on what is global (links.ts); a
 * type on what its declaration uses (type-reach.ts). It holds when none of these has changed, which is decided without asking the
 * checker about types. Where anything is in doubt (a package, a global file, an option, a file more or less) nothing is kept: a wrong
 * shape would be a wrong codec.
 */
import type { Definitions, Shape } from '../../../runtime/shape.ts'
import type { ModuleOutline } from '../../checker/outline.ts'
import type { CheckerView, Links, Place } from '../../checker/view.ts'
import { reaching, refsOf } from '../../definitions.ts'
import { fromRoot } from '../../from-root.ts'
import type { Method } from '../../model.ts'
import type { FoundComponent } from '../declared/find.ts'
import type { AnalyseOptions } from '../index.ts'
import { insideOf } from '../methods/references.ts'
import { affectedBy } from './links.ts'
import { type Kind, Notes } from './notes.ts'
import { TypeReach } from './type-reach.ts'

export type PlainMethod = Omit<Method, 'hash'>

interface KeptDefinition {
  readonly shape: Shape
  readonly refs: ReadonlySet<string>
  /** Where its name is declared; undefined for a generic type, which its arguments decide too. */
  readonly declared: Place | undefined
}

/** What an analysis has found, to be kept. */
export interface Findings {
  /** Component → methods that were read without a report. */
  readonly methods: ReadonlyMap<string, readonly PlainMethod[]>
  /** Settled. */
  readonly definitions: Definitions
  /** Definitions that hold more than their types say: reports, codecs, names that depend on what was read before. */
  readonly doubtful: ReadonlySet<string>
  /** Name of a type → where it is declared. */
  readonly places: ReadonlyMap<string, Place | undefined>
}

interface KeptTypes {
  readonly methods: ReadonlyMap<string, readonly PlainMethod[]>
  readonly definitions: ReadonlyMap<string, KeptDefinition>
  readonly places: ReadonlyMap<string, Place>
  /** Of the files that declare types. */
  readonly outlines: ReadonlyMap<string, ModuleOutline>
}

/** What an analysis is told beside the program. */
type Told = Pick<AnalyseOptions, 'root' | 'types'>

interface Kept {
  readonly key: string
  readonly links: Links
  /** What components are called, and packages. */
  readonly names: string
  readonly notes: Notes
  /** Undefined where something open was decided by all types that were met. */
  readonly types: KeptTypes | undefined
}

/** What was kept contradicts what is found now: the analysis begins again, without it. */
export class Doubt extends Error {
  override readonly name = 'Doubt'
}

/** By its name: whoever holds a memory may have another copy of this module than the analysis, which is loaded later. */
export const isDoubt = (error: unknown): boolean => error instanceof Error && error.name === 'Doubt'

/** Belongs to whoever analyses a project again and again. */
export class Memory {
  #kept: Kept | undefined

  /** `told`: everything that an analysis is told beside the program. Undefined for a view that has no links. */
  recall(view: CheckerView, told: Told): Recall | undefined {
    const kept = this.#kept
    // Until this analysis has come to its end, there is none.
    this.#kept = undefined
    const links = view.links?.()
    if (links === undefined) return undefined
    const key = JSON.stringify([told, links.options])
    const keep: RecallInput['keep'] = (next) => {
      this.#kept = { ...next, key }
    }
    return new Recall({ kept: kept?.key === key ? kept : undefined, links, told, keep })
  }
}

interface RecallInput {
  readonly kept: Kept | undefined
  readonly links: Links
  readonly told: Told
  readonly keep: (next: Omit<Kept, 'key'>) => void
}

/** The memory as one analysis sees it. */
export class Recall {
  readonly #input: RecallInput
  readonly #links: Links
  readonly #affected: ReadonlySet<string>
  #reach: TypeReach | undefined
  readonly #recalledMethods = new Set<string>()
  /** What this analysis finds. */
  readonly #notes = new Notes()
  #kept: Kept | undefined
  #types: KeptTypes | undefined
  #names = ''
  #declared: ReadonlySet<string> | undefined

  constructor(input: RecallInput) {
    const { kept, links } = input
    const affected = kept && affectedBy(kept.links.files, links.files)
    this.#kept = affected && kept
    this.#types = this.#kept?.types
    this.#affected = affected ?? new Set()
    this.#links = links
    this.#input = input
  }

  /** To be told first: a type that refers to a component means another thing when that is none any more. */
  begin(components: readonly FoundComponent[], packages: readonly string[]): void {
    this.#names = JSON.stringify([packages, components.map(({ name, file, exported }) => [name, file.path, exported])])
    if (this.#kept?.names === this.#names) return
    this.#kept = undefined
    this.#types = undefined
  }

  /** What was found the last time, where nothing that it may depend on has changed; the next analysis will find it too. */
  find<Value>(kind: Kind<Value>, file: string, id = ''): Value | undefined {
    const found = this.#holds(file) ? this.#kept!.notes.of(kind, file, id) : undefined
    if (found !== undefined) this.#notes.add(kind, file, id, found)
    return found
  }

  /** `value` depends on nothing but `file`, what that imports, what is global, and what components are called. */
  note<Value>(kind: Kind<Value>, value: Value, file: string, id = ''): void {
    this.#notes.add(kind, file, id, value)
  }

  /** As `find`, of what depends on the type that is declared at `place` and not on all of its file. */
  findOfType<Value>(kind: Kind<Value>, place: Place): Value | undefined {
    const id = String(place.start)
    const holds = this.#holds(place.file) || this.#holdsType(place)
    const found = holds ? this.#kept!.notes.of(kind, place.file, id) : undefined
    if (found !== undefined) this.#notes.add(kind, place.file, id, found)
    return found
  }

  noteOfType<Value>(kind: Kind<Value>, value: Value, place: Place): void {
    this.#notes.add(kind, place.file, String(place.start), value)
  }

  methods({ name, file, nameSpan }: FoundComponent): readonly PlainMethod[] | undefined {
    const known = this.#holdsType(nameSpan) ? this.#types?.methods.get(name) : undefined
    // Of one that is inherited, the place is in a file that may have been edited elsewhere.
    const own = fromRoot(this.#input.told.root, file.path)
    const inherited = known?.some(({ declaration }) => declaration !== undefined && declaration.file !== own)
    if (known === undefined || (inherited && !this.#holds(file.path))) return undefined
    this.#recalledMethods.add(name)
    return known
  }

  /** `declared` tells whether it is the same type, and not another one of that name. */
  definition(name: string, declared: Place | undefined): Shape | undefined {
    const known = this.#types?.definitions.get(name)
    const same = declared !== undefined && known?.declared !== undefined && samePlace(declared, known.declared)
    return same && this.#holdsType(declared) ? known.shape : undefined
  }

  /** Whether `definition` will have a type of this name, which is declared in this file. */
  hasDefinition(file: string, shortName: string): boolean {
    this.#declared ??= new Set(
      [...(this.#types?.definitions ?? [])].flatMap(([name, { declared }]) =>
        declared === undefined ? [] : [`${declared.file} ${name.slice(name.lastIndexOf('.') + 1)}`],
      ),
    )
    return this.#holds(file) && this.#declared.has(`${file} ${shortName}`)
  }

  /**
   * Puts the kept definitions that `from` and `recalled` need to those that were made now, and their names to `recalled`. One that others
   * hold by its name may have changed itself: that is read again, by `read`.
   */
  complete({ definitions, from, recalled, read }: Completion): void {
    const pending = [...from, ...recalled]
    const seen = new Set<string>()
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const known = seen.has(name) ? undefined : this.#types?.definitions.get(name)
      seen.add(name)
      if (known === undefined) continue
      if (!(name in definitions)) {
        if (known.declared === undefined || this.#holdsType(known.declared)) {
          definitions[name] = known.shape
          recalled.add(name)
        } else {
          if (!read(name, known.declared)) throw new Doubt(`'${name}' is not found again`)
          pending.push(...recalled)
        }
      }
      if (recalled.has(name)) pending.push(...known.refs)
    }
  }

  /** Types of the last analysis may have gone into this one. */
  get usesTypes(): boolean {
    return this.#types !== undefined
  }

  /** Of the same program, remembering no types. */
  withoutTypes(): Recall {
    const { kept } = this.#input
    return new Recall({ ...this.#input, kept: kept && { ...kept, types: undefined } })
  }

  /** At the end; undefined where types can't be kept. */
  keep(findings: Findings | undefined): void {
    const types = findings && this.#keptTypes(findings)
    this.#input.keep({ links: this.#links, names: this.#names, notes: this.#notes, types })
  }

  #keptTypes({ methods, definitions, doubtful, places }: Findings): KeptTypes {
    const all = this.#places(places)
    const made = new Map(Object.entries(definitions).map(([name, shape]) => [name, this.#made(name, shape, places)]))
    const edges = new Map([...made].map(([name, { refs }]) => [name, refs]))
    const unsure = reaching(edges, doubtful)
    const isUnsure = (each: readonly PlainMethod[]) => refsOfMethods(each).some((name) => unsure.has(name))
    for (const name of this.#recalledMethods) {
      const known = methods.get(name)
      // It may have to be reported, and what was recalled has no places to report.
      if (known && isUnsure(known)) throw new Doubt(`a type that '${name}' holds by its name says more than it did`)
    }
    return {
      methods: new Map([...methods].filter(([, each]) => !isUnsure(each))),
      definitions: new Map([...made].filter(([name]) => !unsure.has(name))),
      places: all,
      outlines: this.#outlines(all.values()),
    }
  }

  /** Now, since the trees of edited files are taken apart for the next ones. */
  #outlines(places: Iterable<Place>): Map<string, ModuleOutline> {
    const outlines = new Map<string, ModuleOutline>()
    for (const { file } of places) {
      const links = outlines.has(file) ? undefined : this.#links.files.get(file)
      const outline = links?.fixed === false ? links.outline?.() : undefined
      if (outline) outlines.set(file, outline)
    }
    return outlines
  }

  #made(name: string, shape: Shape, places: Findings['places']): KeptDefinition {
    const known = this.#types?.definitions.get(name)
    if (known?.shape === shape) return known
    return { shape, refs: refsOf(shape, insideOf), declared: places.get(name) }
  }

  /** Those of now, and of then those whose files are as they were. One name for two places: which of them would be numbered is open. */
  #places(now: Findings['places']): Map<string, Place> {
    const all = new Map<string, Place>()
    for (const [name, place] of this.#types?.places ?? []) if (this.#holdsType(place)) all.set(name, place)
    for (const [name, place] of now) {
      if (place === undefined) continue
      const before = all.get(name)
      if (before !== undefined && !samePlace(before, place)) throw new Doubt(`two types are called '${name}'`)
      all.set(name, place)
    }
    return all
  }

  /** What is declared at `place` means what it meant. */
  #holdsType(place: Place): boolean {
    if (this.#kept === undefined || this.#types === undefined) return false
    if (!this.#affected.has(place.file)) return true
    // An answer of the config may concern a type wherever it is held.
    if (Object.keys(this.#input.told.types ?? {}).length > 0) return false
    const { outlines } = this.#types
    const [before, after] = [this.#kept.links.files, this.#links.files]
    this.#reach ??= new TypeReach({ before, after, affected: this.#affected, outlines })
    return this.#reach.holds(place.file, place.start)
  }

  #holds(path: string): boolean {
    return this.#kept !== undefined && !this.#affected.has(path)
  }
}

interface Completion {
  /** Those that were made now; filled. */
  readonly definitions: Definitions
  readonly from: Iterable<string>
  /** Names of definitions that were taken from the last analysis; filled. */
  readonly recalled: Set<string>
  /** Makes the definition of a record from its declaration; false where it isn't that any more. */
  readonly read: (name: string, declared: Place) => boolean
}

const samePlace = (a: Place, b: Place): boolean => a.file === b.file && a.start === b.start

/** Kept methods are asked again and again. */
const refsByMethods = new WeakMap<readonly PlainMethod[], readonly string[]>()

export function refsOfMethods(methods: readonly PlainMethod[]): readonly string[] {
  let refs = refsByMethods.get(methods)
  if (refs === undefined) {
    const shapes = methods.flatMap(({ parameters, result }) => [...parameters.map(({ shape }) => shape), result])
    refs = [...new Set(shapes.flatMap((shape) => [...refsOf(shape, insideOf)]))]
    refsByMethods.set(methods, refs)
  }
  return refs
}
