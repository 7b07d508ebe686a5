/**
 * Collects diagnostics: places of a checker view become files from the root, lines and columns. One report for a culprit,
 * however often it is met; further uses are listed with it. Also finds unsupported shapes in a finished shape, with the path.
 */

import type { Definitions, Shape, Unsupported } from '../../../runtime/shape.ts'
import type { CheckerView, Place, SourceFile, SymbolHandle } from '../../checker/view.ts'
import type { Code } from '../../diagnostics/catalogue.ts'
import { createDiagnostic, lineAndColumn, type Report, sortDiagnostics } from '../../diagnostics/create.ts'
import type { Diagnostic, Fix, Related } from '../../diagnostics/diagnostic.ts'
import { fromRoot } from '../../from-root.ts'
import type { SourceSpan } from '../../model.ts'
import type { Culprit } from '../types/refused.ts'
import type { Fixes } from './fixes.ts'

/** Reports of one crossing: a library's type may have a thousand members that can't cross, and the first few say so. */
const REPORTS_MAX = 5
/** Further uses of one culprit that are listed; the rest is counted. */
const USES_MAX = 3

export interface RelatedPlace {
  readonly place: Place
  readonly message: string
}

/** Where a value crosses: a parameter, a result, a config. */
export interface Crossing {
  /** `add(order)`, `add()` for a result. */
  readonly subject: string
  readonly place: Place
  /** The declaration that the place is part of; a culprit inside it is pointed at itself. */
  readonly within: Place
}

interface Reported {
  readonly diagnostic: Diagnostic
  /** Undefined for one that is only counted in the report of another. */
  uses: number | undefined
}

export class Reporter {
  readonly #root: string
  readonly #files: ReadonlyMap<string, SourceFile>
  readonly #view: CheckerView
  readonly #diagnostics: Diagnostic[] = []
  readonly #culprits = new Map<string, Reported>()
  /** Set as soon as the classes are known; what is reported before has no fixes. */
  fixes: Fixes | undefined

  constructor(view: CheckerView, root: string) {
    this.#view = view
    this.#root = root
    this.#files = new Map(view.files().map((file) => [file.path, file]))
  }

  get count(): number {
    return this.#diagnostics.length
  }

  get diagnostics(): Diagnostic[] {
    return sortDiagnostics(this.#diagnostics)
  }

  /** Of a file (from the root), or those of no file. */
  diagnosticsOf(file: string | undefined): Diagnostic[] {
    return sortDiagnostics(this.#diagnostics.filter((each) => each.file === file))
  }

  span({ file, start, end }: Place): SourceSpan {
    return { file: fromRoot(this.#root, file), start, end }
  }

  add(
    code: Code,
    place: Place | undefined,
    report: Omit<Report, 'related'> & { related?: readonly RelatedPlace[] },
  ): Diagnostic {
    const text = place && (this.#files.get(place.file)?.text ?? '')
    const related = (report.related ?? []).map((each) => this.#related(each))
    const diagnostic = createDiagnostic(code, place && { ...this.span(place), text: text! }, { ...report, related })
    this.#diagnostics.push(diagnostic)
    return diagnostic
  }

  /** What the last analysis reported, and still holds; its places are of texts that are as they were. */
  repeat(diagnostics: readonly Diagnostic[]): void {
    this.#diagnostics.push(...diagnostics)
  }

  #related({ place, message }: RelatedPlace): Related {
    const text = this.#files.get(place.file)?.text ?? ''
    return { file: fromRoot(this.#root, place.file), ...lineAndColumn(text, place.start), message }
  }

  /** Reports what can't cross at one crossing; the last report counts what is left out, and that isn't reported elsewhere either. */
  crossing(found: readonly { readonly culprit: Culprit; readonly path: string }[], crossing: Crossing): Diagnostic[] {
    const met = new Set<Diagnostic>()
    const before = this.#culprits.size
    let last: Diagnostic | undefined
    let more = 0
    for (const { culprit, path } of found) {
      const key = this.#key(culprit, crossing)
      if (this.#culprits.has(key) || this.#culprits.size - before - more < REPORTS_MAX) {
        const fresh = !this.#culprits.has(key)
        const diagnostic = this.culprit(culprit, path, crossing)
        met.add(diagnostic)
        if (fresh) last = diagnostic
      } else if (last) {
        more++
        this.#culprits.set(key, { diagnostic: last, uses: undefined })
      }
    }
    if (last && more > 0)
      last.message = `${last.message.replace(/\.$/, '')}; and ${more} more in '${crossing.subject}'.`
    return [...met]
  }

  /** Reports what can't cross, or adds the use to the report that exists. */
  culprit(culprit: Culprit, path: string, crossing: Crossing): Diagnostic {
    const key = this.#key(culprit, crossing)
    const reported = this.#culprits.get(key)
    if (reported) {
      addUse(reported, this.#related({ place: crossing.place, message: `also reached by '${path}'` }))
      return reported.diagnostic
    }
    const inside = culprit.at && contains(crossing.within, culprit.at)
    const declaration = this.#declaration(culprit, path, inside === true)
    const shown = withoutRepetition(path)
    const diagnostic = this.add(culprit.code, inside ? culprit.at : crossing.place, {
      message: `'${shown}' ${culprit.says}`,
      why: culprit.why,
      fix: culprit.fix,
      path: shown,
      related: declaration ? [declaration] : [],
      fixes: this.#fixesOf(culprit, path),
    })
    this.#culprits.set(key, { diagnostic, uses: 0 })
    return diagnostic
  }

  #fixesOf({ code, at, symbol }: Culprit, path: string): (Fix | undefined)[] {
    const { fixes } = this
    if (!fixes) return []
    if (code === 'WV2018') return [symbol && fixes.export(symbol)]
    if (!at) return []
    if (code === 'WV2001' || code === 'WV2003') return [fixes.json(at)]
    if (code === 'WV2014') return [fixes.makeMember(path.match(/[^.]+$/)?.[0] ?? path, at)]
    return [fixes.asyncIterable(at)]
  }

  /** One report a type, if it has a name; else one a place where it is written. */
  #key({ code, symbol, at }: Culprit, { place }: Crossing): string {
    const declared = symbol ? this.#view.declarationsOf(symbol)[0] : undefined
    const where = declared ?? at ?? place
    return `${code}:${where.file}:${where.start}`
  }

  #declaration({ symbol, at }: Culprit, path: string, inside: boolean): RelatedPlace | undefined {
    const declared: { nameSpan: Place } | undefined = symbol && this.#declarationOf(symbol)
    if (symbol && declared)
      return { place: declared.nameSpan, message: `'${this.#view.symbolName(symbol)}' is declared here` }
    if (inside || !at) return undefined
    return { place: at, message: `'${path.match(/[^.]+$/)?.[0] ?? path}' is declared here` }
  }

  #declarationOf(symbol: SymbolHandle): { nameSpan: Place } | undefined {
    const all = this.#view.declarationsOf(symbol)
    // Of a class of Node.js, its own file rather than the augmentations of others.
    return all.find((each) => each.origin === 'project') ?? all[0]
  }
}

function addUse(reported: Reported, use: Related): void {
  if (reported.uses === undefined) return
  const { related } = reported.diagnostic
  const more = ++reported.uses - USES_MAX
  if (more > 1) related.pop()
  related.push(more > 0 ? { ...use, message: more === 1 ? use.message : `and ${more} more` } : use)
}

/** An endless type is met at the end of an endless path. */
const withoutRepetition = (path: string): string => path.replace(/((?:\.\w+|\[\w*\])+?)\1{3,}/g, '$1$1…')

const contains = (outer: Place, inner: Place): boolean =>
  outer.file === inner.file && outer.start <= inner.start && inner.end <= outer.end

/** Calls `found` for each unsupported shape that `shape` reaches, the nearest first, names followed once. */
export function findUnsupported(
  shape: Shape,
  path: string,
  definitions: Definitions,
  found: (unsupported: Unsupported, path: string) => void,
): void {
  walkShape(shape, path, definitions, (each, at) => {
    if (each.kind === 'unsupported') found(each, at)
  })
}

/**
 * Calls `visit` for each shape that `shape` reaches, itself included; names are followed once. The nearest first, so that
 * a path is as short as it can be: the way into a recursive union of hundreds may be any length.
 */
export function walkShape(
  shape: Shape,
  path: string,
  definitions: Definitions,
  visit: (shape: Shape, path: string) => void,
): void {
  const seen = new Set<string>()
  let level: (readonly [Shape, string])[] = [[shape, path]]
  while (level.length > 0) {
    const next: (readonly [Shape, string])[] = []
    // A name, a union and a mark are no step of a path: what is behind them is as near as they are.
    const look = (each: Shape, at: string): void => {
      visit(each, at)
      if (each.kind === 'shared') look(each.of, at)
      else if (each.kind === 'union') for (const member of each.members) look(member.shape, at)
      else if (each.kind === 'ref') {
        const definition = seen.has(each.name) ? undefined : definitions[each.name]
        seen.add(each.name)
        if (definition !== undefined) look(definition, at)
      } else next.push(...stepsInto(each, at))
    }
    for (const [each, at] of level) look(each, at)
    level = next
  }
}

function stepsInto(shape: Shape, path: string): (readonly [Shape, string])[] {
  switch (shape.kind) {
    case 'array':
    case 'stream':
      return [[shape.of, `${path}[]`]]
    case 'set':
      return [[shape.of, `${path}.values()[]`]]
    case 'custom':
      return [[shape.of, `${path} (as its codec encodes it)`]]
    case 'map':
      return [
        [shape.key, `${path}.keys()[]`],
        [shape.value, `${path}.values()[]`],
      ]
    case 'tuple':
      return shape.elements.map((element, at) => [element.shape, `${path}[${at}]`] as const)
    case 'object': {
      const members = shape.members.map((member) => [member.shape, path + memberPath(member.name)] as const)
      return shape.index ? [...members, [shape.index.of, `${path}[key]`]] : members
    }
    default:
      return []
  }
}

function memberPath(name: string): string {
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) return `.${name}`
  // A symbol's name brings its brackets.
  return name.startsWith('[') ? name : `[${JSON.stringify(name)}]`
}
