/** A mistake of ours becomes a report like any other; what is nobody's mistake, or means that the analysis begins again, passes. */
import { CompilerStopped } from '../../checker/project.ts'
import type { Place } from '../../checker/view.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { isDoubt } from '../again/memory.ts'
import type { Reporter } from './report.ts'

export function reportInternalError(reporter: Reporter, place: Place | undefined, error: unknown): Diagnostic {
  // The view is dead, and so is all that was asked of it.
  if (error instanceof CompilerStopped || isDoubt(error)) throw error
  return reporter.add('WV9007', place, {
    message: `weave could not analyse this: ${error instanceof Error ? error.message : String(error)}.`,
    why: 'this is an error of weave, not of your program',
    fix: 'please report it with this code',
  })
}
