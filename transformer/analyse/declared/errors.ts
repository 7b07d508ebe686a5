/**
 * Error classes of the application, which cross as what they are when they are thrown: warns of the members that another process gets
 * otherwise than this one. A co-located caller gets the very error, with all that it holds; elsewhere its enumerable fields arrive,
 * by the codecs of their classes where they have one (runtime/codec/any.ts). What has none loses its class, and some things don't arrive.
 */
import type { Definitions, Shape } from '../../../runtime/shape.ts'
import type { CheckerView, Member } from '../../checker/view.ts'
import type { Code } from '../../diagnostics/catalogue.ts'
import { insideOf } from '../methods/references.ts'
import type { Reporter } from '../report/report.ts'
import { byCodeUnits } from '../types/canonical.ts'
import type { Shapes } from '../types/shape.ts'
import type { FoundClass } from './find.ts'

interface ErrorsInput {
  readonly view: CheckerView
  readonly shapes: Shapes
  readonly reporter: Reporter
  readonly classes: readonly FoundClass[]
}

/** The codec of errors leaves these out. */
const STAYS: ReadonlySet<Code> = new Set(['WV2004', 'WV2006', 'WV2010', 'WV2015', 'WV2016'])

interface Difference {
  /** What continues `'OutOfStock.retry' …`. */
  readonly says: string
  readonly why: string
  readonly fix: string
}

/** Gives the names of the codecs that the fields of each class need, by the class's name. */
export function reportErrorMembers({ view, shapes, reporter, classes }: ErrorsInput): Map<string, string[]> {
  const codecs = new Map<string, string[]>()
  for (const { name, declared, isError, test } of classes) {
    if (!isError || test || declared.exportName === undefined) continue
    const needed = new Set<string>()
    codecs.set(name, [])
    for (const member of view.members(view.declaredType(declared.symbol))) {
      const shape = shapeOf(member, shapes)
      if (shape !== undefined) addCodecs(shape, shapes.definitions, needed)
      const difference = differenceOf(member, shape, shapes)
      if (!difference || member.origin !== 'project' || !member.nameSpan || view.owner(member.symbol)) continue
      const { says, why, fix } = difference
      reporter.add('WV2013', member.nameSpan, { message: `'${declared.name}.${member.name}' ${says}`, why, fix })
    }
    codecs.set(name, [...needed].sort(byCodeUnits))
  }
  return codecs
}

/** A definition that isn't there was taken from the last analysis, and so leads to no codec. */
function addCodecs(shape: Shape, definitions: Definitions, found: Set<string>, seen = new Set<string>()): void {
  if (shape.kind === 'custom') found.add(shape.codec)
  if (shape.kind === 'ref' && !seen.has(shape.name)) {
    const definition = definitions[shape.name]
    seen.add(shape.name)
    if (definition !== undefined) addCodecs(definition, definitions, found, seen)
  }
  for (const part of insideOf(shape)) addCodecs(part, definitions, found, seen)
}

function shapeOf(member: Member, shapes: Shapes): Shape | undefined {
  if (member.kind !== 'property' || member.name.startsWith('#') || member.key === 'symbol') return undefined
  return shapes.shapeOf(shapes.present(member.type), member.typeSpan)
}

const stays = (why: string): Difference => ({
  says: 'does not arrive with the error when it crosses a boundary.',
  why,
  fix: 'keep what the receiver needs in a plain member',
})

function differenceOf(member: Member, shape: Shape | undefined, shapes: Shapes): Difference | undefined {
  if (member.kind !== 'property') return undefined
  if (member.name.startsWith('#')) return stays("private '#' members can be read by the object's own methods only")
  if (member.key === 'symbol') return stays('another process has other symbols')
  if (shape?.kind === 'component') return stays('the receiver of an error gets no stub with it')
  const culprit = shape?.kind === 'unsupported' ? shapes.culprit(shape) : undefined
  if (culprit === undefined) return undefined
  const says = culprit.says.replace(/\.$/, '')
  if (STAYS.has(culprit.code)) return stays(`it ${says}`)
  if (culprit.code !== 'WV2005' && culprit.code !== 'WV2019') return undefined
  return {
    says: 'arrives as plain data, without its class, when the error crosses a boundary.',
    why: `it ${says}`,
    fix: "give the class a 'static readonly codec', or keep what the receiver needs in a plain member",
  }
}
