/**
 * What is wrong with a config: one thing at a path, what it is and what to do about it, apart, since an editor shows them apart; and the
 * sentence that a terminal shows.
 */
import { WeaveError } from '../../runtime/errors.ts'
import type { UnknownName } from '../../runtime/names.ts'

export interface ConfigProblem {
  /** `listeners.web.port` */
  readonly path: string
  /** `unknown`: a name or key that nothing has; `missing`: what must be there and isn't; `wrong`: anything else. */
  readonly kind: 'unknown' | 'missing' | 'wrong'
  /** The setting that it is about, where `what` doesn't say so: `pins`. */
  readonly section?: string | undefined
  /** `there is no component "Crat"` */
  readonly what: string
  /** `did you mean "Cart"?`, `keep one of the two.` */
  readonly fix?: string | undefined
  /** What must be there: `missing` only. */
  readonly declared?: string | undefined
}

export function wrong(path: string, what: string, fix?: string): ConfigProblem {
  return { path, kind: 'wrong', what, fix }
}

export function unknown(path: string, { what, fix }: UnknownName, section?: string): ConfigProblem {
  return { path, kind: 'unknown', section, what, fix }
}

/** `where` is the file, or the flag: `weave.config.ts: pins: there is no component "Crat"; did you mean "Cart"?` */
export function sentenceOf({ section, what, fix }: ConfigProblem, where: string): string {
  return `${where}: ${section === undefined ? '' : `${section}: `}${what}${fix === undefined ? '.' : `; ${fix}`}`
}

/** Throws one `WV_CONFIG` that says all of them, if there are any. */
export function throwProblems(problems: readonly ConfigProblem[], where = 'weave.config.ts'): void {
  if (problems.length === 0) return
  throw new WeaveError(problems.map((problem) => sentenceOf(problem, where)).join('\n'), { code: 'WV_CONFIG' })
}
