/**
 * Error classes of packages that the application throws (`throw new NotFoundException(…)`) or tells apart (`error instanceof AxiosError`),
 * imported by name. They cross as what they are like the application's own, since both processes can import them as the source does. One that a
 * package throws and nobody asks for is named nowhere, and arrives by the nearest class that is known.
 */
import type { CheckerView, SourceFile, SymbolHandle } from '../../checker/view.ts'
import { fromRoot } from '../../from-root.ts'
import type { ErrorClass } from '../../model.ts'
import { byCodeUnits } from '../types/canonical.ts'
import { extendsError } from './find.ts'
import type { Packages } from './packages.ts'
import { isTestFile } from './test-files.ts'
import { namesIn } from './text-facts.ts'

const NAMING = /\b(?:throw\s+new|instanceof)\s+([\w$]+)/g
/** No path, no `#import`, nothing of Node's or weavets' own, whose classes are known. */
const IMPORT = /\bimport\s*(?:[\w$]+\s*,\s*)?\{([^}]*)\}\s*from\s*['"]((?!node:|weavets['"/])[\w@][^'":]*)['"]/g
const NAMED = /^(?!type\s)([\w$]+)(?:\s+as\s+([\w$]+))?$/

interface ThrownInput {
  readonly view: CheckerView
  readonly root: string
  readonly files: readonly SourceFile[]
  readonly packages: Packages
}

/** By name, each once. */
export function thrownOfPackages({ view, root, files, packages }: ThrownInput): ErrorClass[] {
  const used = files.flatMap((file) => {
    const names = namesIn(file, NAMING)
    // Elsewhere a specifier may mean another package, or none.
    if (names.size === 0 || isTestFile(root, file.path) || packages.isForeign(file.path)) return []
    return importsOf(file).flatMap((imported) => placesOf(imported).map((start) => ({ ...imported, start })))
  })
  const symbols = view.symbolsAt(used.map(({ file, start }) => view.syntax(file).at(start)))
  const found = new Map<string, ErrorClass>()
  for (const [at, { file, specifier, exportName }] of used.entries()) {
    const symbol = symbols[at]
    const name = `${specifier}.${exportName}`
    if (symbol === undefined || found.has(name) || !isErrorOfPackage(view, symbol, packages)) continue
    const imported = { file: fromRoot(root, file.path), package: specifier, exportName }
    found.set(name, { name, className: view.symbolName(symbol), ...imported })
  }
  return [...found.values()].sort((a, b) => byCodeUnits(a.name, b.name))
}

/** What a package that uses weavets declares is found by itself. */
function isErrorOfPackage(view: CheckerView, symbol: SymbolHandle, packages: Packages): boolean {
  const declarations = view.declarationsOf(symbol)
  const isForeign = declarations.length > 0 && declarations.every(({ origin }) => origin === 'package')
  if (!isForeign || declarations.some(({ file }) => packages.of(file)?.usesWeave === true)) return false
  return view.symbolKind(symbol) === 'class' && extendsError(view, symbol)
}

/** All of them: one may be in a comment, where the checker knows no symbol. */
function placesOf({ file, local }: Imported): number[] {
  return [...file.text.matchAll(NAMING)].flatMap((match) =>
    match[1] === local ? [match.index + match[0].length - local.length] : [],
  )
}

interface Imported {
  readonly file: SourceFile
  readonly local: string
  readonly specifier: string
  readonly exportName: string
}

function importsOf(file: SourceFile): Imported[] {
  return [...file.text.matchAll(IMPORT)].flatMap(([, names = '', specifier = '']) =>
    names.split(',').flatMap((each) => {
      const [, exportName, local = exportName] = NAMED.exec(each.trim()) ?? []
      return exportName === undefined || local === undefined ? [] : [{ file, local, specifier, exportName }]
    }),
  )
}
