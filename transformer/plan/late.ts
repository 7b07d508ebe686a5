/**
 * The modules that a plan from the cache doesn't need: analysis, checkers, code generation, the catalogue of diagnostics; a hundred
 * files, and half of the time that such a plan would take. They are loaded, synchronously, by the first plan that needs one.
 */
import { createRequire } from 'node:module'
import type { COMPILER } from './compile.ts'

type Compiler = typeof COMPILER

let provided: Compiler | undefined

/** By compile.ts itself, when somebody imports it: a bundle that can't load files later does. */
export function provideCompiler(compiler: Compiler): void {
  provided = compiler
}

export function compiler(): Compiler {
  if (provided === undefined) {
    const file = import.meta.url.endsWith('.ts') ? './compile.ts' : './compile.js'
    const loaded: { COMPILER: Compiler } = createRequire(import.meta.url)(file)
    provided = loaded.COMPILER
  }
  return provided
}
