/**
 * The modules that a plan from the cache doesn't need: analysis, checkers, code generation, the catalogue of diagnostics; a hundred
 * files, and half of the time that such a plan would take. They are loaded, synchronously, by the first plan that needs one.
 */
import { createRequire } from 'node:module'
import type { loadProject } from '../checker/load.ts'
import type { COMPILER } from './compile.ts'

type Compiler = typeof COMPILER

let provided: Compiler | undefined

/** By compile.ts itself, when somebody imports it: a bundle that can't load files later does. */
export function provideCompiler(compiler: Compiler): void {
  provided = compiler
}

export function compiler(): Compiler {
  provided ??= (load('./compile') as { COMPILER: Compiler }).COMPILER
  return provided
}

/** Without the rest, which can be loaded while a compiler in another process works. */
export const openProject: typeof loadProject = (options) => {
  const loaded = provided ?? (load('../checker/load') as { loadProject: typeof loadProject })
  return loaded.loadProject(options)
}

function load(module: string): unknown {
  return createRequire(import.meta.url)(module + (import.meta.url.endsWith('.ts') ? '.ts' : '.js'))
}
