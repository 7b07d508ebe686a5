/**
 * The analysis: a checker view in, the AppModel and its diagnostics out. What it does, in order, is in steps.ts; here is who may ask
 * for it. It never throws on a user's code: what is wrong is a diagnostic, and a component that it concerns is `broken`.
 */
import { posix } from 'node:path'
import type { TypeAnswer } from '../../runtime/config/configuration.ts'
import type { CheckerView, SymbolHandle } from '../checker/view.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { DiagnosticSettings } from '../diagnostics/severity.ts'
import type { Analysis, AppModel } from '../model.ts'
import { isDoubt, type Memory, type Recall } from './again/memory.ts'
import type { Lint } from './lint/index.ts'
import { Shown } from './report/as-shown.ts'
import { reportInternalError } from './report/internal-error.ts'
import { Reporter } from './report/report.ts'
import { Steps } from './steps.ts'

export interface AnalyseOptions {
  /** Absolute, forward slashes: what names and files of the model are relative to. */
  root: string
  /** From the root: the file that must call `run`. */
  entry?: string
  /** `implementations` of weave.config.ts. */
  implementations?: Readonly<Record<string, string>>
  /** `types` of weave.config.ts. */
  types?: Readonly<Record<string, TypeAnswer>>
  /** `diagnostics` of weave.config.ts. */
  diagnostics?: DiagnosticSettings
}

/**
 * Lint looks at a file when that is asked about, and at all of them when `diagnostics` is read: after each keystroke an editor asks about the
 * files that it shows, and about no others.
 */
export interface AnalysisByFile extends Analysis {
  /** Of a file (from the root), or those of no file. */
  diagnosticsOf(file: string | undefined): Diagnostic[]
}

/** `memory`: of one project, when it is analysed again and again. The analysis is the same without. */
export function analyse(view: CheckerView, options: AnalyseOptions, memory?: Memory): AnalysisByFile {
  const root = posix.normalize(options.root.replaceAll('\\', '/')).replace(/(.)\/$/, '$1')
  const recall = memory?.recall(view, { ...options, root })
  try {
    return analyseWith(view, { ...options, root }, recall)
  } catch (error) {
    if (isDoubt(error)) return analyseWith(view, { ...options, root }, recall?.withoutTypes())
    throw error
  }
}

function analyseWith(view: CheckerView, options: AnalyseOptions, recall: Recall | undefined): AnalysisByFile {
  const { root } = options
  const reporter = new Reporter(view, root)
  const dependencies = view
    .files()
    .filter((file) => file.origin === 'project')
    .map((file) => file.path)
  let model: AppModel = { components: [], apps: [], codecs: [], errors: [], definitions: {}, rewrites: [] }
  let lint: Lint | undefined
  try {
    const found = new Steps(view, options, reporter, recall).run()
    model = found.model
    lint = found.lint
  } catch (error) {
    reportInternalError(reporter, undefined, error)
  }
  const shown = new Shown({ view, root, reporter, settings: options.diagnostics ?? {} })
  let all: Diagnostic[] | undefined
  return {
    model,
    get diagnostics() {
      lint?.look()
      all ??= shown.all()
      return all
    },
    diagnosticsOf(file) {
      if (file !== undefined) lint?.look(posix.join(root, file))
      return shown.of(file)
    },
    dependencies,
  }
}

export type { SymbolHandle }
