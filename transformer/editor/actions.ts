/**
 * What an editor offers to do about diagnostics: the fixes that the analysis has found, one for all of a kind, and for a warning the
 * comment that suppresses it. In go a plan's diagnostics and a span of a file; out come named lists of edits, for files as they were
 * analysed. Two edits that overlap are never made together.
 */
import { join } from 'node:path'
import { CATALOGUE, isCode } from '../diagnostics/catalogue.ts'
import type { Diagnostic, Edit, Fix } from '../diagnostics/diagnostic.ts'
import { applyFixes } from '../diagnostics/fixes/apply.ts'
import type { Plan } from '../plan.ts'
import { Lines } from './lines.ts'

export interface Action {
  readonly title: string
  /** `return-promise`; `suppress` for the comment. */
  readonly id: string
  /** The best answer to its diagnostic, and at most one is. */
  readonly preferred: boolean
  readonly diagnostic: Diagnostic
  readonly edits: readonly Edit[]
}

export const SUPPRESS = 'suppress'
/** Where the cursor belongs after the comment was put in; a suppression without a reason is reported itself. */
const REASON = 'why this is meant'

/** For diagnostics of `file` (from the root) that touch [start, end]. */
export function actionsAt(plan: Plan, file: string, start: number, end: number): Action[] {
  return plan
    .diagnosticsOf(file)
    .filter((each) => each.start <= end && each.end >= start)
    .flatMap((diagnostic) => actionsFor(plan, diagnostic))
}

export function actionsFor(plan: Plan, diagnostic: Diagnostic): Action[] {
  const fixes = (diagnostic.fixes ?? []).map((fix, at): Action => {
    // Several of one kind are a question: which class, which unit.
    const preferred = at === 0 && diagnostic.fixes?.[1]?.id !== fix.id
    return { title: fix.title, id: fix.id, preferred, diagnostic, edits: fix.edits }
  })
  const comment = suppression(plan, diagnostic)
  if (comment === undefined) return fixes
  const title = `Suppress ${diagnostic.code} here, with a reason`
  return [...fixes, { title, id: SUPPRESS, preferred: false, diagnostic, edits: [comment] }]
}

/** By what the catalogue says: a warning that the config has made an error is still a matter of opinion. */
function suppression(plan: Plan, { file, code, start }: Diagnostic): Edit | undefined {
  if (file === undefined || !isCode(code) || CATALOGUE[code].severity === 'error') return undefined
  const text = plan.readFile(join(plan.root, file))
  if (text === undefined) return undefined
  const at = new Lines(text).lineStart(start)
  const [line = ''] = text.slice(at).split('\n')
  // A report about a suppression is answered by correcting that one.
  if (line.includes('weave-ignore')) return undefined
  const indent = /^[\t ]*/.exec(line)![0]
  return { file, start: at, end: at, text: `${indent}// weave-ignore ${code}: ${REASON}\n` }
}

/** The first fix of a kind of each diagnostic of a file. */
export function fixAll(plan: Plan, id: string, file: string): Edit[] {
  return allOf(plan, file, (fix) => fix.id === id)
}

/** What can't change behaviour, and needs nobody's consent. */
export function fixAllSafe(plan: Plan, file: string): Edit[] {
  return allOf(plan, file, (fix) => fix.safe)
}

/** Two fixes that touch the same text are not made together: the second one is for the next time. */
function allOf(plan: Plan, file: string, wanted: (fix: Fix) => boolean): Edit[] {
  const found = plan.diagnosticsOf(file).map((each) => ({ ...each, fixes: each.fixes?.filter(wanted) ?? [] }))
  // Several of one kind are a question, which an editor asks one at a time.
  const choose = ({ fixes: [best, second] = [] }: Diagnostic): Fix | undefined =>
    second?.id === best?.id ? undefined : best
  const read = (name: string): string | undefined => plan.readFile(join(plan.root, name))
  const edits = applyFixes(found, { choose, read }).applied.flatMap(({ fix }) => fix.edits)
  const key = ({ file, start, end, text }: Edit): string => JSON.stringify([file, start, end, text])
  return [...new Map(edits.map((edit) => [key(edit), edit])).values()]
}
