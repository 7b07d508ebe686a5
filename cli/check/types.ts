/** `weave check --types`: TypeScript's own errors in the form of ours, so that one list and one exit code say it all. */
import { relative } from 'node:path'
import { lineAndColumn } from '../../transformer/diagnostics/create.ts'
import type { Diagnostic } from '../../transformer/diagnostics/diagnostic.ts'
import type { Plan, Planner } from '../../transformer/plan.ts'

export function typeDiagnostics(planner: Planner, plan: Plan): Diagnostic[] {
  const known = new Set(
    plan.analysis.diagnostics.filter((each) => each.code === 'WV9015').map(({ file, start }) => `${file}:${start}`),
  )
  return planner.typeErrors().flatMap(({ code, message, place }) => {
    const file = place && relative(plan.root, place.file).replaceAll('\\', '/')
    // An error of syntax has been reported already.
    if (place && known.has(`${file}:${place.start}`)) return []
    const text = place && plan.readFile(place.file)
    const { line, column } = place && text !== undefined ? lineAndColumn(text, place.start) : { line: 1, column: 1 }
    const [start, end] = [place?.start ?? 0, place?.end ?? 0]
    return [
      { code, severity: 'error', file, start, end, line, column, message, why: '', fix: '', path: '', related: [] },
    ]
  })
}
