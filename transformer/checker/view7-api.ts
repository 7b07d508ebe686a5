/**
 * TypeScript 7.1's own API as the rest of `view7*` knows it, and how it is loaded: in goes the folder of a `typescript` package,
 * out come its modules, or an error that says in one clause why they can't be had. Types come from the 7.1 that this repository
 * installs under another name; what runs is the project's. Nothing here starts a process.
 */
import { accessSync, constants, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type * as Ast from 'typescript-7/ast'
import type * as Sync from 'typescript-7/sync'

export type { Ast, Sync }
export type Node = Ast.Node
export type Type = Sync.Type
export type Signature = Sync.Signature
/** Of the checker; not JavaScript's. */
export type TsSymbol = Sync.Symbol
export type Checker = Sync.Checker
export type Program = Sync.Program

export interface Ts7 {
  readonly version: string
  /** Folder of the package. */
  readonly path: string
  /** Folder of `lib.*.d.ts`, with forward slashes. */
  readonly libraries: string
  readonly sync: typeof Sync
  readonly ast: typeof Ast
}

/** Why TypeScript 7 can't be used although it is there: a clause for `compiler.why`. */
export class Unusable extends Error {}

export function loadTypeScript7(folder: string): Ts7 {
  const manifest = join(folder, 'package.json')
  const { name, version }: { name: string; version: string } = JSON.parse(readFileSync(manifest, 'utf8'))
  const require = createRequire(manifest)
  const native = nativePart(require)
  try {
    // By its own name: the package may be installed under another one.
    const sync: typeof Sync = require(`${name}/sync`)
    const ast: typeof Ast = require(`${name}/ast`)
    return { version, path: folder, libraries: native.replaceAll('\\', '/'), sync, ast }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'ERR_REQUIRE_ESM' ? 'needs Node 20.19, 22.12 or newer' : `can't be loaded (${message})`
    throw new Unusable(`TypeScript ${version} ${reason}`)
  }
}

/** The folder of the compiler's binary; an absent one (`npm install --omit=optional`) would otherwise show only as a closed pipe. */
function nativePart(require: NodeJS.Require): string {
  const part = `@typescript/typescript-${process.platform}-${process.arch}`
  try {
    const folder = join(dirname(require.resolve(`${part}/package.json`)), 'lib')
    accessSync(join(folder, process.platform === 'win32' ? 'tsc.exe' : 'tsc'), constants.X_OK)
    return folder
  } catch {
    throw new Unusable(`its native part, '${part}', is not installed`)
  }
}
