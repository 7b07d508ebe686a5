/**
 * What one analysis leaves to the next: methods of components, definitions of types, and what was found in each file, as plain data with
 * the files that they may depend on. In goes a view with its links; out comes what still holds. After an edit most of a project is
 * what it was, and to read it again from a new type checker is most of the cost of an analysis.
 *
 * A kept value depends on the file that it is declared in, on all that this imports at any distance, and on what is global. It
 * holds when none of these has changed, which is decided without asking the checker about types. Where anything is in doubt (a
 * package, a global file, an option, a file more or less) nothing is kept: a wrong shape would be a wrong codec.
 */
import type { Definitions, Shape } from '../../runtime/shape.ts'
import type { CheckerView, Links, Place } from '../checker/view.ts'
import { reaching, refsOf } from '../definitions.ts'
import type { Method } from '../model.ts'
import type { FoundComponent } from './find.ts'
import { affectedBy } from './links.ts'
import { type Kind, Notes } from './notes.ts'
import { insideOf } from './references.ts'

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
}

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
export class Doubt extends Error {}

/** Belongs to whoever analyses a project again and again. */
export class Memory {
  #kept: Kept | undefined

  /** `about`: everything that an analysis is told beside the program. Undefined for a view that has no links. */
  recall(view: CheckerView, about: unknown): Recall | undefined {
    const kept = this.#kept
    // Until this analysis has come to its end, there is none.
    this.#kept = undefined
    const links = view.links?.()
    if (links === undefined) return undefined
    const key = JSON.stringify([about, links.options])
    return new Recall(kept?.key === key ? kept : undefined, links, (next) => {
      this.#kept = { ...next, key }
    })
  }
}

/** The memory as one analysis sees it. */
export class Recall {
  readonly #links: Links
  readonly #keep: (next: Omit<Kept, 'key'>) => void
  readonly #affected: ReadonlySet<string>
  /** What this analysis finds. */
  readonly #notes = new Notes()
  #kept: Kept | undefined
  #types: KeptTypes | undefined
  #names = ''
  #declared: ReadonlySet<string> | undefined

  constructor(kept: Kept | undefined, links: Links, keep: (next: Omit<Kept, 'key'>) => void) {
    const affected = kept && affectedBy(kept.links.files, links.files)
    this.#kept = affected && kept
    this.#types = this.#kept?.types
    this.#affected = affected ?? new Set()
    this.#links = links
    this.#keep = keep
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

  methods({ name, file }: FoundComponent): readonly PlainMethod[] | undefined {
    return this.#holds(file.path) ? this.#types?.methods.get(name) : undefined
  }

  /** `declared` tells whether it is the same type, and not another one of that name. */
  definition(name: string, declared: Place | undefined): Shape | undefined {
    const known = this.#types?.definitions.get(name)
    const same = declared !== undefined && known?.declared !== undefined && samePlace(declared, known.declared)
    return same && this.#holds(declared.file) ? known.shape : undefined
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

  /** Puts the kept definitions that `from` needs to those that were made now; gives the names of those that were missing. */
  complete(definitions: Definitions, from: Iterable<string>): string[] {
    const missing: string[] = []
    const pending = [...from]
    const seen = new Set<string>()
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      const known = seen.has(name) ? undefined : this.#types?.definitions.get(name)
      seen.add(name)
      if (known === undefined) continue
      if (!(name in definitions)) {
        definitions[name] = known.shape
        missing.push(name)
      }
      pending.push(...known.refs)
    }
    return missing
  }

  /** Types of the last analysis may have gone into this one. */
  get usesTypes(): boolean {
    return this.#types !== undefined
  }

  /** Of the same program, remembering nothing. */
  blank(): Recall {
    return new Recall(undefined, this.#links, this.#keep)
  }

  /** At the end; undefined where types can't be kept. */
  keep(findings: Findings | undefined): void {
    const types = findings && this.#keptTypes(findings)
    this.#keep({ links: this.#links, names: this.#names, notes: this.#notes, types })
  }

  #keptTypes({ methods, definitions, doubtful, places }: Findings): KeptTypes {
    const all = this.#places(places)
    const made = new Map(Object.entries(definitions).map(([name, shape]) => [name, this.#made(name, shape, places)]))
    const edges = new Map([...made].map(([name, { refs }]) => [name, refs]))
    const unsure = reaching(edges, doubtful)
    return {
      methods: new Map([...methods].filter(([, each]) => !refsOfMethods(each).some((name) => unsure.has(name)))),
      definitions: new Map([...made].filter(([name]) => !unsure.has(name))),
      places: all,
    }
  }

  #made(name: string, shape: Shape, places: Findings['places']): KeptDefinition {
    const known = this.#types?.definitions.get(name)
    if (known?.shape === shape) return known
    return { shape, refs: refsOf(shape, insideOf), declared: places.get(name) }
  }

  /** Those of now, and of then those whose files are as they were. One name for two places: which of them would be numbered is open. */
  #places(now: Findings['places']): Map<string, Place> {
    const all = new Map<string, Place>()
    for (const [name, place] of this.#types?.places ?? []) if (this.#holds(place.file)) all.set(name, place)
    for (const [name, place] of now) {
      if (place === undefined) continue
      const before = all.get(name)
      if (before !== undefined && !samePlace(before, place)) throw new Doubt(`two types are called '${name}'`)
      all.set(name, place)
    }
    return all
  }

  #holds(path: string): boolean {
    return this.#kept !== undefined && !this.#affected.has(path)
  }
}

const samePlace = (a: Place, b: Place): boolean => a.file === b.file && a.start === b.start

export function refsOfMethods(methods: readonly PlainMethod[]): string[] {
  const shapes = methods.flatMap(({ parameters, result }) => [...parameters.map(({ shape }) => shape), result])
  return shapes.flatMap((shape) => [...refsOf(shape, insideOf)])
}
