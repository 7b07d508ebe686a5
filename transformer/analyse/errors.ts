/**
 * Error classes of the application, which cross as what they are when they are thrown: warns of the members that stay behind. The codec of
 * errors carries enumerable fields of any type, so only what no field of any process could be is named.
 */
import type { CheckerView, Member } from '../checker/view.ts'
import type { Code } from '../diagnostics/catalogue.ts'
import type { FoundClass } from './find.ts'
import type { Reporter } from './report.ts'
import type { Shapes } from './shape.ts'

interface ErrorsInput {
  readonly view: CheckerView
  readonly shapes: Shapes
  readonly reporter: Reporter
  readonly classes: readonly FoundClass[]
}

/** The codec of errors leaves these out, or makes plain data of them. */
const STAYS: ReadonlySet<Code> = new Set(['WV2004', 'WV2005', 'WV2006', 'WV2010', 'WV2015', 'WV2016'])

export function reportErrorMembers({ view, shapes, reporter, classes }: ErrorsInput): void {
  for (const { declared, isError, test } of classes) {
    if (!isError || test || declared.exportName === undefined) continue
    for (const member of view.members(view.declaredType(declared.symbol))) {
      const reason = reasonToStay(member, shapes)
      if (!reason || member.origin !== 'project' || !member.nameSpan || view.owner(member.symbol)) continue
      reporter.add('WV2013', member.nameSpan, {
        message: `'${declared.name}.${member.name}' does not arrive with the error when it crosses a boundary.`,
        why: reason,
        fix: 'keep what the receiver needs in a plain member',
      })
    }
  }
}

function reasonToStay(member: Member, shapes: Shapes): string | undefined {
  if (member.kind !== 'property') return undefined
  if (member.name.startsWith('#')) return "private '#' members can be read by the object's own methods only"
  if (member.key === 'symbol') return 'another process has other symbols'
  const shape = shapes.shapeOf(shapes.present(member.type), member.typeSpan)
  const culprit = shape.kind === 'unsupported' ? shapes.culprit(shape) : undefined
  return culprit && STAYS.has(culprit.code) ? `it ${culprit.says.replace(/\.$/, '')}` : undefined
}
