/** Components of which none can be constructed first, since each takes the next in its constructor. */
import { oneLine } from '../../diagnostics/create.ts'
import type { Draft } from '../methods/drafts.ts'
import type { Reporter } from '../report/report.ts'
import type { Chosen } from './choose.ts'
import { findCycles } from './wiring.ts'

export function reportCycles(drafts: readonly Draft[], chosen: Chosen, reporter: Reporter): void {
  const names = new Map(drafts.map(({ found }) => [found.name, found.shortName]))
  const edges = new Map(drafts.map(({ found }) => [found.name, chosen.constructorDependencies(found.name)]))
  for (const cycle of findCycles(edges)) {
    const arrows = cycle.map((from, at) => ({ from, to: cycle[(at + 1) % cycle.length]! }))
    const [first, ...rest] = arrows.map(({ from, to }) => ({
      place: chosen.of(from)!.places.get(to)!,
      message: `'${names.get(from)}' takes '${names.get(to)}' here`,
    }))
    const diagnostic = reporter.add('WV3003', first!.place, {
      message: `${[...cycle, cycle[0]!].map((name) => names.get(name)).join(' → ')}: none can be constructed first.`,
      why: 'a component is constructed after what its constructor takes',
      fix: `let one of them ask for the other when it needs it, with get<${names.get(arrows.at(-1)!.to)}>()`,
      related: rest,
    })
    for (const draft of drafts) if (cycle.includes(draft.found.name)) draft.broken ??= oneLine(diagnostic)
  }
}
