/**
 * Where analysis and code generation meet. Takes a project (or a program that a host made); gives, for each file whose
 * text changes, what changes; and the version, the manifest and the diagnostics. Hosts ask this and hold no rules.
 *
 * A planner stays open between builds: `refresh` analyses again what changed since.
 */

import { resolve } from 'node:path'
import type * as TS from 'typescript'
import { loadConfigFile } from '../runtime/config/config-file.ts'
import type { WeaveConfig } from '../runtime/config/configuration.ts'
import type { Manifest, Outline } from '../runtime/manifest.ts'
import type { Memory } from './analyse/again/memory.ts'
import type { AnalyseOptions } from './analyse/index.ts'
import type { Text } from './cache/texts.ts'
import type { CheckedProject, TypeError as TypeScriptError } from './checker/project.ts'
import { findProjectRoot } from './checker/root.ts'
import type { Place } from './checker/view.ts'
import type { ApartOptions } from './codegen/apart.ts'
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import type { Analysis, App, Rewrite } from './model.ts'
import { makePlan } from './plan/make.ts'
import { openSource } from './plan/source.ts'

export { setupProblem } from './plan/problems.ts'

export const MANIFEST_FILE = 'weave.manifest.json'

export interface PlanOptions {
  /** A folder of the project; its root is looked for from here upwards. */
  from: string
  /** Default: `tsconfig.json` in the root. */
  tsconfig?: string | undefined
  /** Default: what `weave.config.ts` says. */
  config?: WeaveConfig | undefined
  /** By a host that has made a program already: it is analysed as it is. */
  ts?: typeof TS
  program?: TS.Program
  /** With `program`, by a host that has one program after another: what was analysed of the last one is taken over where it holds. */
  memory?: Memory | undefined
  /** Folder of a TypeScript package that must be taken, whatever the project has: for tests and `weave doctor`. */
  typescript?: string | undefined
  /** A project that a host has opened, and closes itself. */
  project?: CheckedProject | undefined
  /** The tsconfig is of a part of an application (a project of `--build`), so an entry isn't missed in it. */
  part?: boolean | undefined
  /** Analyses are kept in `.weave/cache`. Default: true, unless the environment says `WEAVE_CACHE=off`. */
  cache?: boolean | undefined
}

export interface Planner {
  readonly root: string
  /** Where the file that calls `run` is expected (absolute path); there may be none. */
  readonly entry: string
  /** Adds a file that the tsconfig leaves out (tests, often); the next `refresh` has it. */
  add(path: string): void
  /** An unsaved buffer in place of a file; `undefined` takes it away. The next `refresh` sees it. */
  overlay(path: string, text: string | undefined): void
  /** The plan of what is on disk (and in buffers) now. From the cache where that knows it, and then no compiler is loaded. */
  refresh(): Plan
  /** Opens the project, if it isn't, so that the first `refresh` after an edit needn't. */
  warm(): void
  /** TypeScript's own errors in what the last `refresh` saw: those of the files named, or all. Opens the project. */
  typeErrors(files?: readonly string[]): readonly TypeScriptError[]
  /** Ends what the planner holds: memory, or a process of TypeScript 7. */
  close(): void
}

export interface Plan {
  readonly root: string
  readonly analysis: Analysis
  /** Of a file (from the root), or those of no file: what an editor asks after a keystroke, so that lint needn't look at all others. */
  diagnosticsOf(file: string | undefined): readonly Diagnostic[]
  /** Made when it is first read: an editor analyses after every keystroke and reads none. */
  readonly version: string
  /** By absolute path. */
  readonly files: ReadonlyMap<string, FilePlan>
  /** Absolute path of the file whose `run` starts the application. */
  readonly entry: string | undefined
  /** The application that the entry starts. */
  readonly app: App | undefined
  /** Name of the application. */
  readonly name: string
  /** The TypeScript that answered; `cache`: none was needed. */
  readonly compiler: CheckedProject['compiler'] | 'cache'
  /** Folders that hold the project's sources: a new file in one may change the plan. */
  readonly folders: readonly string[]
  includes(path: string): boolean
  /** What the version is made of: path from the root → text. */
  sources(): readonly (readonly [file: string, text: string])[]
  /** Text of a file (absolute path), as it was analysed if it was. */
  readFile(path: string): string | undefined
  /** For editors: places of the names by which the identifier at `offset` of a file of the project is declared. */
  declarationsAt(path: string, offset: number): readonly Place[]
  /** `entryOutput` is where the built entry file is, from the manifest's folder. Undefined when nothing is started. */
  manifest(entryOutput: string): Manifest | undefined
  /** What weave.config.ts is checked against; costs nothing beside a manifest. Undefined when nothing is started. */
  outline(): Outline | undefined
  /** The manifest's text. */
  manifestText(entryOutput: string): string | undefined
  /** The same in UTF-8. */
  manifestBytes(entryOutput: string): Uint8Array | undefined
  /** Writes it to a file (absolute path), where it isn't there already. */
  writeManifest(path: string, entryOutput: string): void
}

/**
 * How generated code loads a module: by its source file (bundlers, Node), by what tsc makes of it, or by `require` of that (CommonJS
 * in which tsc leaves no `import(…)`).
 */
export type SpecifierStyle = 'source' | 'output' | 'require'

export interface FilePlan {
  /** What was analysed, and so what the offsets in `rewrites` are of. */
  readonly text: string
  readonly rewrites: readonly Rewrite[]
  /** It starts an application, so code is appended. */
  readonly isApp: boolean
  /** Absolute paths of the files that the generated code depends on. */
  readonly dependencies: readonly string[]
  append(style: SpecifierStyle): string
  /** The whole new text. */
  apply(style: SpecifierStyle): string
  /** The new text, with most of what is generated in modules that it imports. Undefined when nothing can be apart. */
  applyApart(style: SpecifierStyle, options: ApartOptions): Apart | undefined
}

export interface Apart {
  /** In UTF-8. */
  readonly inFile: Uint8Array
  readonly modules: readonly Text[]
}

export function openPlan(options: PlanOptions): Planner {
  const root = findProjectRoot(options.from)
  const config = options.config ?? loadConfigFile(root) ?? {}
  const entry = resolve(root, config.entry ?? 'src/main.ts')
  const source = openSource({ ...options, root, entry, questions: questionsOf(root, config) })
  return {
    root,
    entry,
    add: (path) => source.add(path),
    overlay: (path, text) => source.overlay(path, text),
    refresh: () => makePlan({ root, config, tsconfig: options.tsconfig, ...source.refresh() }),
    warm: () => source.warm(),
    typeErrors: (files) => source.typeErrors(files),
    close: () => source.close(),
  }
}

/** All that an analysis is told beside the sources; the cache keeps answers by it. */
function questionsOf(root: string, { entry, implementations, types, diagnostics }: WeaveConfig): AnalyseOptions {
  return {
    root,
    ...(entry && { entry }),
    ...(implementations && { implementations }),
    ...(types && { types }),
    ...(diagnostics && { diagnostics }),
  }
}
