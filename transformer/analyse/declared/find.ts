/**
 * What a project declares: component interfaces, classes that implement them, error classes. Files of tests count only for
 * what they say about themselves: a component or a class in a test belongs to that test, and never to the application.
 */
import { posix } from 'node:path'
import type { CheckerView, Declared, Place, SourceFile, SymbolHandle, TypeHandle } from '../../checker/view.ts'
import type { Recall } from '../again/memory.ts'
import { kindOfNote } from '../again/notes.ts'
import { ERRORS } from '../types/builtins.ts'
import { byCodeUnits } from '../types/canonical.ts'
import type { Markers } from './markers.ts'
import { moduleName } from './names.ts'
import type { Packages } from './packages.ts'
import { isTestFile } from './test-files.ts'
import { matches } from './text-facts.ts'

export { isTestFile } from './test-files.ts'

const HERITAGE = /\b(?:extends|implements)\b/
const EXTENDS = /\bextends\b/
const CLASS = /\bclass\b/

export interface FoundComponent {
  readonly name: string
  readonly shortName: string
  readonly symbol: SymbolHandle
  readonly nameSpan: Place
  readonly span: Place
  readonly file: SourceFile
  readonly exported: boolean
}

export interface FoundClass {
  /** `src/cart-memory.MemoryCart` */
  readonly name: string
  readonly declared: Declared
  readonly file: SourceFile
  readonly test: boolean
  /** Component interfaces that it or a base class names in `implements`. */
  readonly implements: readonly { readonly symbol: SymbolHandle; readonly span: Place; readonly type: TypeHandle }[]
  readonly isError: boolean
}

/**
 * The user's own sources, sorted by path: no declaration files, nothing of node_modules, and nothing of weavets itself when
 * its sources are part of the program (as in our own tests).
 */
export function ownFiles(view: CheckerView, root: string, markers: Markers): SourceFile[] {
  const inside = (path: string, folder: string): boolean =>
    path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)
  const ours = new Set(
    markers.symbols().flatMap(({ symbol }) => view.declarationsOf(symbol).map(({ file }) => posix.dirname(file))),
  )
  return view
    .files()
    .filter((file) => file.origin === 'project' && !file.declaration)
    .filter(({ path }) => inside(path, root) || ![...ours].some((folder) => inside(path, folder)))
}

/**
 * Declaration files that may declare components or implement them: of installed packages that use weavets, and of other projects'
 * outputs. What is declared there is used as it is; mistakes in it are for those who build it to see.
 */
export function packagedFiles(view: CheckerView, packages: Packages): SourceFile[] {
  return view
    .files()
    .filter(({ origin, declaration }) => declaration && (origin === 'package' || origin === 'project'))
    .filter((file) => matches(file, HERITAGE) && packages.of(file.path)?.usesWeave === true)
}

export interface FindInput {
  readonly view: CheckerView
  readonly root: string
  readonly markers: Markers
  readonly files: readonly SourceFile[]
  readonly packages: Packages
  readonly recall: Recall | undefined
}

/** Where the names of a file's components stand, and whether they are exported. */
const COMPONENTS_OF_FILE = kindOfNote<ReadonlyMap<number, boolean>>('components of a file')

export function findComponents({ view, root, markers, files, packages, recall }: FindInput): FoundComponent[] {
  const found = new Map<SymbolHandle, FoundComponent>()
  for (const file of files) {
    if (!matches(file, EXTENDS)) continue
    const known = recall?.find(COMPONENTS_OF_FILE, file.path)
    const own = new Map<number, boolean>()
    for (const declared of view.declarations(file)) {
      const { symbol, nameSpan, span, name: shortName } = declared
      const isKnown = known?.get(nameSpan.start)
      if (found.has(symbol) || (known ? isKnown === undefined : !isNamedComponent(declared, markers))) continue
      const exported = isKnown ?? declared.exportName !== undefined
      own.set(nameSpan.start, exported)
      const name = `${moduleName(root, file.path, packages)}.${shortName}`
      found.set(symbol, { name, shortName, symbol, nameSpan, span, file, exported })
    }
    if (known === undefined) recall?.note(COMPONENTS_OF_FILE, own, file.path)
  }
  return [...found.values()].sort((a, b) => byCodeUnits(a.name, b.name))
}

/** A generic one is a base for others: nobody can name it without type arguments. */
function isNamedComponent({ kind, hasHeritage, typeParameters, symbol }: Declared, markers: Markers): boolean {
  return kind === 'interface' && hasHeritage && typeParameters === 0 && markers.isComponent(symbol)
}

export interface ClassesInput extends FindInput {
  readonly components: ReadonlyMap<SymbolHandle, FoundComponent>
}

export function findClasses({ view, root, files, packages, ...about }: ClassesInput): FoundClass[] {
  const heritage = new Heritage({ view, ...about })
  const found: FoundClass[] = []
  for (const file of files) {
    if (!matches(file, CLASS)) continue
    for (const declared of view.declarations(file)) {
      if (declared.kind !== 'class') continue
      const name = `${moduleName(root, file.path, packages)}.${declared.name || 'default'}`
      const { path } = file
      found.push({ name, file, test: isTestFile(root, path), ...heritage.of(declared, path) })
    }
  }
  return found.sort((a, b) => byCodeUnits(a.name, b.name))
}

type ClassHeritage = Pick<FoundClass, 'declared' | 'implements' | 'isError'>

/** A class's heritage by names, so that it outlives the view. */
interface KnownHeritage {
  readonly implements: readonly { readonly component: string; readonly span: Place }[]
  readonly isError: boolean
  readonly exportName: string | undefined
}

const HERITAGE_OF_CLASS = kindOfNote<KnownHeritage>('heritage of a class')

/** What a class is by its clauses: asked of the view, or known from the last analysis. */
class Heritage {
  readonly #input: Pick<ClassesInput, 'view' | 'markers' | 'components' | 'recall'>
  readonly #byName: ReadonlyMap<string, SymbolHandle>

  constructor(input: Pick<ClassesInput, 'view' | 'markers' | 'components' | 'recall'>) {
    this.#input = input
    this.#byName = new Map([...input.components].map(([symbol, { name }]) => [name, symbol]))
  }

  of(declared: Declared, file: string): ClassHeritage {
    const { view, markers, recall } = this.#input
    if (!declared.hasHeritage) return { declared, implements: [], isError: false }
    const id = String(declared.nameSpan.start)
    const known = recall?.find(HERITAGE_OF_CLASS, file, id)
    if (known) return this.#recalled(declared, known)
    const found = implementedComponents(view, markers, declared.symbol)
    const isError = extendsError(view, declared.symbol)
    this.#note(declared, { implements: found, isError }, file, id)
    return { declared, implements: found, isError }
  }

  #recalled(declared: Declared, { exportName, isError, ...known }: KnownHeritage): ClassHeritage {
    const { view } = this.#input
    const { kind, name, symbol, nameSpan, span, abstract, typeParameters, hasHeritage } = declared
    const found = known.implements.map(({ component, span: entry }) => {
      const of = this.#byName.get(component)!
      return {
        symbol: of,
        span: entry,
        get type() {
          return view.declaredType(of)
        },
      }
    })
    const same = { kind, name, symbol, nameSpan, span, abstract, typeParameters, hasHeritage, exportName }
    return { declared: same, implements: found, isError }
  }

  /** What implements something that is no component has a type to report, which doesn't outlive the view. */
  #note(declared: Declared, found: Pick<FoundClass, 'implements' | 'isError'>, file: string, id: string): void {
    const { components, recall } = this.#input
    const entries = found.implements.map(({ symbol, span }) => ({ component: components.get(symbol)?.name, span }))
    const named = entries.flatMap(({ component, span }) => (component === undefined ? [] : [{ component, span }]))
    if (recall === undefined || named.length < entries.length) return
    const { isError } = found
    recall.note(HERITAGE_OF_CLASS, { implements: named, isError, exportName: declared.exportName }, file, id)
  }
}

function implementedComponents(view: CheckerView, markers: Markers, symbol: SymbolHandle): FoundClass['implements'] {
  return view.implemented(symbol).flatMap(({ type, span }) => {
    const named = view.symbolOf(type)
    if (!named || !markers.isComponent(named)) return []
    return [{ symbol: named, span, type }]
  })
}

export function extendsError(view: CheckerView, symbol: SymbolHandle, depth = 0): boolean {
  if (depth > 64) return false
  return view.bases(view.declaredType(symbol)).some((base) => {
    const above = view.symbolOf(base)
    if (!above) return false
    const builtIn = view.declarationsOf(above).some(({ origin }) => origin === 'lib')
    return (builtIn && ERRORS.has(view.symbolName(above))) || extendsError(view, above, depth + 1)
  })
}
