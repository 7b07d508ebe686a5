/**
 * What an answer about a file of a TypeScript 6 program may depend on: its imports, as this program resolves them, and whether it
 * speaks of things that nobody imports. In goes a program, out come links by path; undefined where TypeScript doesn't tell
 * (its list of imports is internal, and was there in all versions we know), so that nobody relies on half of them.
 */
import { posix } from 'node:path'
import type { FileLinks, Links } from './view.ts'
import type { Ast, Checker, Ts } from './view6-types.ts'

/** As TypeScript keeps it beside the public members. */
interface WithImports {
  /** Of `import`, `export … from`, `import()` in types and expressions, `require`, and those that `jsx` implies. */
  readonly imports?: readonly Ast.StringLiteralLike[]
  /** `declare module 'x'` and `declare global` in a module. */
  readonly moduleAugmentations?: readonly Ast.Node[]
}

export function links6(ts: Ts, program: Ast.Program, checker: Checker): Links | undefined {
  const files = new Map<string, FileLinks>()
  for (const file of program.getSourceFiles()) {
    const found = linksOf(ts, program, checker, file)
    if (found === undefined) return undefined
    files.set(file.fileName, found)
  }
  const options = JSON.stringify({ ...program.getCompilerOptions(), configFile: undefined })
  return { options: `${ts.version} ${options}`, files }
}

function linksOf(ts: Ts, program: Ast.Program, checker: Checker, file: Ast.SourceFile): FileLinks | undefined {
  const { imports, moduleAugmentations } = file as Ast.SourceFile & WithImports
  if (imports === undefined || moduleAugmentations === undefined) return undefined
  const library = program.isSourceFileDefaultLibrary(file)
  const fixed = library || file.fileName.includes('/node_modules/')
  const folder = posix.dirname(file.fileName)
  return {
    version: file,
    fixed,
    global: !ts.isExternalModule(file) || moduleAugmentations.length > 0 || !TYPESCRIPT.test(file.fileName),
    // What describes a platform imports nothing of the project; a package may, where the project is part of a workspace.
    imports:
      library || file.fileName.includes('/node_modules/@types/')
        ? []
        : [
            ...file.referencedFiles.map(({ fileName }) => posix.resolve(folder, fileName)),
            ...imports.flatMap((name) => checker.getSymbolAtLocation(name)?.declarations ?? []).flatMap(moduleOf(ts)),
          ],
  }
}

/** An ambient module is declared in a file that counts as global. */
const moduleOf =
  (ts: Ts) =>
  (node: Ast.Node): string[] =>
    ts.isSourceFile(node) ? [node.fileName] : []

/** JavaScript may add to what other files declare, and a JSON file is no module. */
const TYPESCRIPT = /\.[cm]?tsx?$/
