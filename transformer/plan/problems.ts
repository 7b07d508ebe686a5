/** What is wrong before anything can be analysed, as diagnostics: an unreadable tsconfig, a weave.config.ts that can't be loaded. */
import { WeaveError } from '../../runtime/errors.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { compiler } from './late.ts'

export function tsconfigError(text: string): Diagnostic {
  return compiler().createDiagnostic('WV9013', undefined, {
    message: text,
    why: 'what tsconfig.json includes is what weave analyses',
    fix: 'correct it; `tsc --noEmit` shows the same error',
  })
}

/** What keeps a plan from being made at all (a weave.config.ts that can't be loaded), for hosts to report as their own error. */
export function setupProblem(error: unknown): Diagnostic | undefined {
  if (!(error instanceof WeaveError)) return undefined
  return compiler().createDiagnostic('WV9012', undefined, {
    message: error.message,
    why: 'weave.config.ts chooses implementations and the entry',
    fix: 'correct weave.config.ts, then run "weave check"',
  })
}
