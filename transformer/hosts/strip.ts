/**
 * TypeScript text → what Node can run. Node strips types itself, which leaves every character in its place; what it refuses
 * (enums, namespaces, parameter properties, decorators, JSX, ES imports in a CommonJS file) goes through esbuild, with a source map
 * in the text. In goes a file's text, its path and how Node takes it; out comes the text and the format.
 */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type * as Esbuild from 'esbuild'
import { loaderSettings } from './tsconfig.ts'

export type NodeFormat = 'module' | 'commonjs'

/**
 * Said too often at worst, when a comment or a string looks like it: then the file takes esbuild's 2 ms instead of Node's 1.
 */
const REFUSED =
  /\b(?:enum|namespace|module)\s+[\w$."']+\s*\{|(?<![:|&=<>]\s*)\b(?:public|private|protected|readonly|override)\s+[\w$]+[^;{}()]*[,)=]|^\s*(?:export\s+)?import\s+[\w$]+\s*=|^\s*export\s*=|^[ \t]*@[\w$(]|\)\s*@[\w$(]/m

const ES_SYNTAX = /^[ \t]*(?:import\b(?!\s*[(.])|export\b)/m

/** Node would refuse to run it as it is. */
export function needsEsbuild(path: string, text: string, format: NodeFormat): boolean {
  return /x$/.test(path) || REFUSED.test(text) || (format === 'commonjs' && ES_SYNTAX.test(text))
}

let esbuild: typeof Esbuild | undefined

export function transform(path: string, text: string, format: NodeFormat): string {
  if (esbuild === undefined) {
    esbuild = createRequire(import.meta.url)('esbuild') as typeof Esbuild
    // Only then are there source maps to follow.
    process.setSourceMapsEnabled(true)
  }
  const { compilerOptions } = loaderSettings(dirname(path))
  return esbuild.transformSync(text, {
    loader: /x$/.test(path) ? 'tsx' : 'ts',
    format: format === 'commonjs' ? 'cjs' : 'esm',
    platform: 'node',
    target: `node${process.versions.node.split('.')[0]}`,
    sourcemap: 'inline',
    sourcesContent: false,
    sourcefile: path,
    tsconfigRaw: { compilerOptions } as Esbuild.TsconfigRaw,
    logLevel: 'silent',
  }).code
}
