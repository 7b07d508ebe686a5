/**
 * The plan of the program that a language service holds. An editor asks many things about one program, and there is a new
 * program after each edit that matters, so a plan is made once a program and once a config. A program that could not be
 * analysed isn't tried again; the last plan that could be made stays, for questions that can live with yesterday's names.
 */
import { dirname, join } from 'node:path'
import type * as TS from 'typescript'
import type { WeaveConfig } from '../../../runtime/config/configuration.ts'
import { Memory } from '../../analyse/again/memory.ts'
import { findProjectRoot } from '../../checker/load.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { ConfigSource, type EditorConfig } from '../../editor/config-source.ts'
import { diagnosticsByFile } from '../../editor/places.ts'
import { fromRoot } from '../../from-root.ts'
import { openPlan, type Plan } from '../../plan.ts'
// The plugin is one file, which can load no others later.
import '../../plan/compile.ts'

/** Diagnostics of weave.config.ts, from its text as it is typed. */
export type ConfigProblems = (plan: Plan, config: EditorConfig) => Diagnostic[]

export interface Planned {
  readonly plan: Plan
  readonly program: TS.Program
  /** What is shown in a file (absolute path), by position; of other files lint asks nothing. */
  diagnosticsOf(path: string): readonly Diagnostic[]
}

interface PlanSourceInput {
  readonly ts: typeof TS
  readFile(path: string): string | undefined
  log(text: string): void
  readonly configProblems: ConfigProblems | undefined
}

export class PlanSource {
  readonly #input: PlanSourceInput
  readonly #plans = new WeakMap<TS.Program, { config: WeaveConfig; planned: Planned | undefined }>()
  readonly #memory = new Memory()
  #config: { root: string; source: ConfigSource } | undefined
  #last: Planned | undefined

  constructor(input: PlanSourceInput) {
    this.#input = input
  }

  get last(): Planned | undefined {
    return this.#last
  }

  readFile(path: string): string | undefined {
    return this.#input.readFile(path)
  }

  log(text: string): void {
    this.#input.log(text)
  }

  /** Undefined for a program without a tsconfig (a lone file), and for one that can't be analysed. */
  of(program: TS.Program | undefined): Planned | undefined {
    const tsconfig = program?.getCompilerOptions().configFilePath
    if (program === undefined || typeof tsconfig !== 'string') return undefined
    const config = this.#configOf(findProjectRoot(dirname(tsconfig)))
    const known = this.#plans.get(program)
    if (known?.config === config.config) return known.planned
    const planned = this.#make(program, tsconfig, config)
    this.#plans.set(program, { config: config.config, planned })
    this.#last = planned ?? this.#last
    return planned
  }

  #configOf(root: string): EditorConfig {
    if (this.#config?.root !== root) this.#config = { root, source: new ConfigSource(root, this.#input.readFile) }
    return this.#config.source.read()
  }

  #make(program: TS.Program, tsconfig: string, config: EditorConfig): Planned | undefined {
    const { ts, log, configProblems } = this.#input
    try {
      const planner = openPlan({ from: dirname(tsconfig), ts, program, config: config.config, memory: this.#memory })
      const plan = planner.refresh()
      const setup = { entry: planner.entry, tsconfig: undefined, config }
      let elsewhere: Map<string, Diagnostic[]> | undefined
      const placed = (): Map<string, Diagnostic[]> =>
        diagnosticsByFile(plan, [...plan.diagnosticsOf(undefined), ...(configProblems?.(plan, config) ?? [])], setup)
      const diagnosticsOf = (path: string): Diagnostic[] => {
        const own = diagnosticsByFile(plan, plan.diagnosticsOf(fromRoot(plan.root, path)), setup).get(path) ?? []
        elsewhere ??= placed()
        return [...(elsewhere.get(path) ?? []), ...own].sort((a, b) => a.start - b.start)
      }
      return { plan, program, diagnosticsOf }
    } catch (error) {
      log(`no plan of ${join(tsconfig)}: ${error instanceof Error ? error.stack : String(error)}`)
      return undefined
    }
  }
}
