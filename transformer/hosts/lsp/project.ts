/**
 * One tsconfig as the editor sees it: a planner whose files are the editor's buffers where it has some. It analyses when it is asked
 * and something changed; an analysis that fails leaves the last answers standing and says so once.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Diagnostic as LspDiagnostic } from 'vscode-languageserver'
import { CONFIG_FILES } from '../../../runtime/config/config-file.ts'
import { findProjectRoot } from '../../checker/load.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { ConfigSource, type EditorConfig } from '../../editor/config-source.ts'
import { Lines } from '../../editor/lines.ts'
import { diagnosticsByFile } from '../../editor/places.ts'
import { openPlan, type Plan, type Planner } from '../../plan.ts'
import { convertDiagnostic, type Texts } from './convert.ts'

/** Diagnostics of weave.config.ts, from its text as it is typed. */
export type ConfigProblems = (plan: Plan, config: EditorConfig) => Diagnostic[]

export interface ProjectInput {
  readonly tsconfig: string
  /** Folder of the TypeScript that must be taken; undefined for the project's own. */
  readonly typescript: string | undefined
  /** Buffers of the editor, by absolute path. */
  readonly buffers: ReadonlyMap<string, string>
  readonly configProblems: ConfigProblems | undefined
  log(text: string): void
}

export class Project {
  readonly root: string
  readonly #input: ProjectInput
  readonly #config: ConfigSource
  #planner: Planner | undefined
  /** The part of the config that the planner was opened with. */
  #openedWith = ''
  #plan: Plan | undefined
  #byFile: ReadonlyMap<string, readonly Diagnostic[]> = new Map()
  #stale = true
  #failure: string | undefined
  #lines = new Map<string, Lines>()

  constructor(input: ProjectInput) {
    this.#input = input
    this.root = findProjectRoot(dirname(input.tsconfig))
    this.#config = new ConfigSource(this.root, (path) => input.buffers.get(path) ?? readText(path))
  }

  /** Something that it may depend on has changed, in a buffer or on disk. */
  touch(path?: string): void {
    this.#stale = true
    if (path !== undefined) this.#planner?.overlay(path, this.#input.buffers.get(path))
  }

  /** The plan of what is there now, or the last that could be made. */
  plan(): Plan | undefined {
    if (this.#stale) {
      this.#stale = false
      try {
        this.#refresh()
        this.#failure = undefined
      } catch (error) {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        if (text !== this.#failure) this.#input.log(`${this.#input.tsconfig} was not analysed: ${text}`)
        this.#failure = text
        // What it holds may be in any state.
        this.#close()
      }
    }
    return this.#plan
  }

  /** Without an analysis: names may be of a moment ago. */
  lastPlan(): Plan | undefined {
    return this.#plan ?? this.plan()
  }

  /** By absolute path, of all files that have some. */
  diagnostics(): Map<string, LspDiagnostic[]> {
    if (this.plan() === undefined) return new Map()
    const texts = this.texts()
    return new Map(
      [...this.#byFile].map(([path, found]) => [path, found.map((each) => convertDiagnostic(each, path, texts))]),
    )
  }

  /** As they were analysed. */
  texts(): Texts {
    const config = this.#config.read()
    const text = (path: string): string => {
      if (config.file !== undefined && path === join(this.root, config.file)) return config.text
      return this.#plan?.readFile(path) ?? this.#input.buffers.get(path) ?? readText(path) ?? ''
    }
    const lines = (path: string): Lines => {
      const known = this.#lines.get(path) ?? new Lines(text(path))
      this.#lines.set(path, known)
      return known
    }
    return { root: this.root, lines }
  }

  /** A file of its program, or its config. */
  includes(path: string): boolean {
    const isConfig = dirname(path) === this.root && (CONFIG_FILES as readonly string[]).includes(basename(path))
    return isConfig || this.lastPlan()?.includes(path) === true
  }

  close(): void {
    this.#close()
    this.#plan = undefined
    this.#byFile = new Map()
  }

  #close(): void {
    try {
      this.#planner?.close()
    } catch (error) {
      this.#input.log(`closing ${this.#input.tsconfig}: ${String(error)}`)
    }
    this.#planner = undefined
  }

  #refresh(): void {
    const config = this.#config.read()
    const planner = this.#open(config)
    const plan = planner.refresh()
    const problems = this.#input.configProblems?.(plan, config) ?? []
    const setup = { entry: planner.entry, tsconfig: this.#input.tsconfig, config }
    if (this.#plan === undefined && plan.compiler !== 'cache')
      this.#input.log(`${this.#input.tsconfig}: TypeScript ${plan.compiler.version}, since ${plan.compiler.why}`)
    this.#plan = plan
    this.#byFile = diagnosticsByFile(plan, [...plan.analysis.diagnostics, ...problems], setup)
    this.#lines = new Map()
  }

  #open({ config }: EditorConfig): Planner {
    // Listeners, placement and the like don't concern the planner.
    const { listeners: _, placement: __, replicas: ___, config: ____, ...asked } = config
    const key = JSON.stringify(asked)
    if (this.#planner !== undefined && key === this.#openedWith) return this.#planner
    this.#close()
    const { tsconfig, typescript, buffers } = this.#input
    const planner = openPlan({ from: dirname(tsconfig), tsconfig, config, typescript, cache: false })
    for (const [path, text] of buffers) if (isBelow(path, this.root)) planner.overlay(path, text)
    this.#planner = planner
    this.#openedWith = key
    return planner
  }
}

export const isBelow = (path: string, folder: string): boolean =>
  path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
