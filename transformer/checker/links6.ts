/**
 * What an answer about a file of a TypeScript 6 program may depend on: its imports, as this program resolves them, and whether it
 * speaks of things that nobody imports. In goes a program, out come links by path; undefined where TypeScript doesn't tell
 * (its list of imports is internal, and was there in all versions we know), so that nobody relies on half of them.
 */
import { posix } from 'node:path'
import { outline6 } from './outline6.ts'
import type { FileLinks, Links } from './view.ts'
import type { Ast, Checker, Ts } from './view6-types.ts'

/** As TypeScript keeps it beside the public members. */
interface WithImports {
  readonly path?: string
  /** Of `import`, `export … from`, `import()` in types and expressions, `require`, and those that `jsx` implies. */
  readonly imports?: readonly Ast.StringLiteralLike[]
  /** `declare module 'x'` and `declare global` in a module. */
  readonly moduleAugmentations?: readonly Ast.Node[]
}

/** What a program has resolved: by file, an object that the next program takes over as it is where it takes the answers over. */
interface WithResolutions {
  readonly resolvedModules?: ReadonlyMap<string, object>
}

interface Known {
  readonly links: FileLinks
  /** By which its imports were found: without a resolution of their own they were asked for each time. */
  readonly resolved: object
  readonly globals: readonly Ast.SourceFile[]
}

const known = new WeakMap<Ast.SourceFile, Known>()
/** Files that speak of what nobody imports, of the program that was asked last. While they are the same, `x` of `import 'x'` is no other module. */
let globals: readonly Ast.SourceFile[] = []

export function links6(ts: Ts, program: Ast.Program, checker: Checker): Links | undefined {
  const files = new Map<string, FileLinks>()
  const all = program.getSourceFiles()
  const { resolvedModules } = program as Ast.Program & WithResolutions
  const speaking = all.filter((file) => isGlobal(ts, file))
  if (speaking.length !== globals.length || speaking.some((file, at) => file !== globals[at])) globals = speaking
  for (const file of all) {
    const { path } = file as Ast.SourceFile & WithImports
    const resolved = path === undefined ? undefined : resolvedModules?.get(path)
    const kept = known.get(file)
    const holds = kept !== undefined && kept.resolved === resolved && kept.globals === globals
    const links = holds ? kept.links : linksOf(ts, program, checker, file)
    if (links === undefined) return undefined
    if (!holds && resolved !== undefined) known.set(file, { links, resolved, globals })
    files.set(file.fileName, links)
  }
  const options = JSON.stringify({ ...program.getCompilerOptions(), configFile: undefined })
  return { options: `${ts.version} ${options}`, files }
}

/** Where TypeScript doesn't tell, `linksOf` says so. */
function isGlobal(ts: Ts, file: Ast.SourceFile): boolean {
  const { moduleAugmentations } = file as Ast.SourceFile & WithImports
  return !ts.isExternalModule(file) || (moduleAugmentations?.length ?? 1) > 0 || !TYPESCRIPT.test(file.fileName)
}

function linksOf(ts: Ts, program: Ast.Program, checker: Checker, file: Ast.SourceFile): FileLinks | undefined {
  const { imports, moduleAugmentations } = file as Ast.SourceFile & WithImports
  if (imports === undefined || moduleAugmentations === undefined) return undefined
  const library = program.isSourceFileDefaultLibrary(file)
  const fixed = library || file.fileName.includes('/node_modules/')
  const about = { version: file, fixed, global: isGlobal(ts, file), outline: () => outline6(ts, file) }
  // What describes a platform imports nothing of the project; a package may, where the project is part of a workspace.
  if (library || file.fileName.includes('/node_modules/@types/')) return { ...about, imports: [] }
  const filesOf = (name: Ast.Node): string[] =>
    (checker.getSymbolAtLocation(name)?.declarations ?? []).filter(ts.isSourceFile).map(({ fileName }) => fileName)
  const modules = new Map<string, string | undefined>()
  const imported = imports.flatMap((name) => {
    const found = filesOf(name)
    const [only, second] = found
    const sole = second === undefined && (!modules.has(name.text) || modules.get(name.text) === only) ? only : undefined
    if (only !== undefined || modules.has(name.text)) modules.set(name.text, sole)
    return found
  })
  const folder = posix.dirname(file.fileName)
  const referenced = file.referencedFiles.map(({ fileName }) => posix.resolve(folder, fileName))
  const augments = moduleAugmentations.flatMap(filesOf)
  return { ...about, imports: [...referenced, ...imported], modules, augments }
}

/** JavaScript may add to what other files declare, and a JSON file is no module. */
const TYPESCRIPT = /\.[cm]?tsx?$/
