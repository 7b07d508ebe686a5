/**
 * The analysis: a checker view in, the AppModel and its diagnostics out. What it does, in order, is in steps.ts; here is who may ask
 * for it. It never throws on a user's code: what is wrong is a diagnostic, and a component that it concerns is `broken`.
 */
import { posix } from 'node:path'
import type { TypeAnswer } from '../../runtime/configuration.ts'
import type { CheckerView, SymbolHandle } from '../checker/view.ts'
import type { DiagnosticSettings } from '../diagnostics/severity.ts'
import type { Analysis, AppModel } from '../model.ts'
import { asShown } from './as-shown.ts'
import { reportInternalError } from './internal-error.ts'
import { isDoubt, type Memory, type Recall } from './memory.ts'
import { Reporter } from './report.ts'
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

/** `memory`: of one project, when it is analysed again and again. The analysis is the same without. */
export function analyse(view: CheckerView, options: AnalyseOptions, memory?: Memory): Analysis {
  const root = posix.normalize(options.root.replaceAll('\\', '/')).replace(/(.)\/$/, '$1')
  const recall = memory?.recall(view, { ...options, root })
  try {
    return analyseWith(view, { ...options, root }, recall)
  } catch (error) {
    if (isDoubt(error)) return analyseWith(view, { ...options, root }, recall?.withoutTypes())
    throw error
  }
}

function analyseWith(view: CheckerView, options: AnalyseOptions, recall: Recall | undefined): Analysis {
  const { root } = options
  const reporter = new Reporter(view, root)
  const dependencies = view
    .files()
    .filter((file) => file.origin === 'project')
    .map((file) => file.path)
  let model: AppModel = { components: [], apps: [], codecs: [], errors: [], definitions: {}, rewrites: [] }
  try {
    model = new Steps(view, options, reporter, recall).run()
  } catch (error) {
    reportInternalError(reporter, undefined, error)
  }
  return { model, diagnostics: asShown({ view, root, reporter, settings: options.diagnostics ?? {} }), dependencies }
}

export type { SymbolHandle }
