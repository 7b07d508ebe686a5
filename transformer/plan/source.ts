/**
 * Where a planner's analyses come from: the disk cache while nothing is open, else an open project. In go options; out comes, at
 * each `refresh`, the analysis of what is there now, with the texts that it is of. Owns the open project.
 *
 * Once a project is open it stays open, and the cache is written only: a second look at a warm project costs less than a check of
 * an entry.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Memory } from '../analyse/again/memory.ts'
import type { AnalyseOptions } from '../analyse/index.ts'
import { Analyses, type Question } from '../cache/analyses.ts'
import type { Texts } from '../cache/texts.ts'
import type { CheckedProject, TypeError as TypeScriptError } from '../checker/project.ts'
import type { CheckerView } from '../checker/view.ts'
import type { Analysis } from '../model.ts'
import type { PlanOptions } from '../plan.ts'
import { compiler, openProject } from './late.ts'
import type { PlanInput } from './make.ts'
import { tsconfigError } from './problems.ts'

export type Sourced = Pick<PlanInput, 'analysis' | 'diagnosticsOf' | 'own' | 'texts' | 'compiler' | 'view'>

export interface Source {
  refresh(): Sourced
  add(path: string): void
  overlay(path: string, text: string | undefined): void
  warm(): void
  typeErrors(files?: readonly string[]): readonly TypeScriptError[]
  close(): void
}

export interface SourceOptions extends PlanOptions {
  root: string
  entry: string
  questions: AnalyseOptions
}

/** An edit is followed by others: an entry is written when they pause. */
const PAUSE_MS = 500

export function openSource(options: SourceOptions): Source {
  const { ts, program } = options
  if (ts === undefined || program === undefined) return new ProjectSource(options.part ? asPart(options) : options)
  const { configFilePath } = program.getCompilerOptions()
  const usual = configFilePath === join(options.root, 'tsconfig.json')
  // A project of `tsc -b` that the entry isn't part of is part of an application, and not one.
  const starts = usual || program.getSourceFile(options.entry) !== undefined
  const own = starts ? options : asPart(options)
  // Of the projects that it refers to, a compiler sees the outputs; the application is made of their sources.
  const isPart = (program.getProjectReferences()?.length ?? 0) > 0 && typeof configFilePath === 'string'
  return isPart ? new ProjectSource({ ...own, tsconfig: configFilePath }) : programSource({ ...own, ts, program })
}

function asPart(options: SourceOptions): SourceOptions {
  const { entry: _, ...questions } = options.questions
  return { ...options, entry: '', questions }
}

/** A host's own program, of which the host's compiler reports syntax errors and all others. */
function programSource({
  ts,
  program,
  root,
  questions,
  memory,
}: SourceOptions & Required<Pick<PlanOptions, 'ts' | 'program'>>): Source {
  const { analyse, createView6, ownSources } = compiler()
  const view = { ...createView6(ts, program, root), syntaxErrors: () => [] }
  const own = { version: ts.version, path: '', why: 'it is the one that compiles' }
  const sources = () => ownSources({ root, view, types: questions.types })
  return {
    refresh() {
      const analysis = analyse(view, questions, memory)
      return { analysis, diagnosticsOf: analysis.diagnosticsOf, own: sources(), compiler: own, view: () => view }
    },
    add: () => undefined,
    overlay: () => undefined,
    warm: () => undefined,
    typeErrors: () => [],
    close: () => undefined,
  }
}

class ProjectSource implements Source {
  readonly #options: SourceOptions
  readonly #tsconfig: string | undefined
  readonly #cache: Analyses | undefined
  readonly #added = new Set<string>()
  readonly #overlays = new Set<string>()
  #project: CheckedProject | undefined
  #memory: Memory | undefined
  #last: (Sourced & { readonly seen: CheckerView }) | undefined
  #writing: NodeJS.Timeout | undefined

  constructor(options: SourceOptions) {
    this.#options = options
    this.#tsconfig = options.tsconfig ?? usualTsconfig(options.root, options.entry)
    this.#project = options.project
    const wanted = options.project === undefined && (options.cache ?? process.env.WEAVE_CACHE !== 'off')
    this.#cache = wanted ? new Analyses(options.root) : undefined
  }

  add(path: string): void {
    this.#added.add(path)
    this.#project?.add(path)
  }

  overlay(path: string, text: string | undefined): void {
    if (text === undefined) this.#overlays.delete(path)
    else this.#overlays.add(path)
    // A buffer exists only in an open project.
    if (text !== undefined || this.#project !== undefined) this.#open().overlay(path, text)
  }

  warm(): void {
    this.#open().refresh()
  }

  typeErrors(files?: readonly string[]): readonly TypeScriptError[] {
    return this.#open().typeErrors(files)
  }

  close(): void {
    clearTimeout(this.#writing)
    if (this.#options.project === undefined) {
      this.#project?.close()
      this.#project = undefined
    }
    this.#last = undefined
  }

  refresh(): Sourced {
    clearTimeout(this.#writing)
    // The program must have the entry, whatever the tsconfig includes.
    const { entry, project } = this.#options
    // A host's project is as it is.
    if (project === undefined && !this.#added.has(entry) && existsSync(entry)) this.add(entry)
    return this.#fromCache() ?? this.#fromProject()
  }

  #fromCache(): Sourced | undefined {
    if (this.#project !== undefined) return undefined
    const known = this.#cache?.find(this.#question(), () => this.#analysedApart())
    return known && { ...known, compiler: 'cache', view: () => this.#open().refresh() }
  }

  /** For a plan that may have outlived its planner. */
  #analysedApart(): Analysis {
    const source = new ProjectSource({ ...this.#options, cache: false })
    for (const path of this.#added) source.add(path)
    try {
      return source.refresh().analysis
    } finally {
      source.close()
    }
  }

  #fromProject(): Sourced {
    const first = this.#project === undefined
    const project = this.#open()
    const startedMs = Date.now()
    project.start()
    const { analyse, Memory, ownSources } = compiler()
    const view = project.refresh()
    if (this.#last?.seen === view) return this.#last
    const { root, questions } = this.#options
    this.#memory ??= new Memory()
    const { model, diagnostics, dependencies } = analyse(view, questions, this.#memory)
    const analysis = {
      model,
      diagnostics: [...project.configErrors.map(tsconfigError), ...diagnostics],
      dependencies,
    }
    const own = ownSources({ root, view, types: questions.types })
    const sourced = { analysis, own, compiler: project.compiler, view: () => view }
    this.#last = { ...sourced, seen: view }
    if (first) return { ...sourced, texts: this.#keep(startedMs) }
    this.#writing = setTimeout(() => this.#keep(startedMs), PAUSE_MS).unref()
    return sourced
  }

  #open(): CheckedProject {
    if (this.#project === undefined) {
      const { root, typescript, ts } = this.#options
      const files = [...this.#added]
      this.#project = openProject({ root, tsconfig: this.#tsconfig, files, typescript, ts })
    }
    return this.#project
  }

  #keep(startedMs: number): Texts | undefined {
    const project = this.#project
    if (this.#cache === undefined || project === undefined || this.#last === undefined) return undefined
    if (this.#overlays.size > 0 || project.configErrors.length > 0) return undefined
    const { analysis, own, seen } = this.#last
    if (isDoubtful(analysis)) return undefined
    const { root } = this.#options
    const analysed = {
      root,
      tsconfig: this.#tsconfig,
      configFiles: project.configFiles,
      files: seen.files(),
      compiler: project.compiler.path,
      startedMs,
    }
    return this.#cache.keep(this.#question(), { analysis, own }, analysed)
  }

  #question(): Question {
    const { root, typescript, ts, questions } = this.#options
    const files = [...this.#added].sort()
    // A host's own TypeScript may be another one than the project's.
    return { root, tsconfig: this.#tsconfig, files, typescript: typescript ?? ts?.version, options: questions }
  }
}

/** In the root; else in the entry's folder, or between the two. */
function usualTsconfig(root: string, entry: string): string | undefined {
  const folders = [root]
  for (let folder = dirname(entry); folder.startsWith(`${root}/`); folder = dirname(folder)) folders.push(folder)
  return folders.map((folder) => join(folder, 'tsconfig.json')).find((file) => existsSync(file))
}

/** A failure of ours isn't worth keeping. */
function isDoubtful(analysis: Analysis): boolean {
  return analysis.diagnostics.some(({ code }) => code === 'WV9007')
}
