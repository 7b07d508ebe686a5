/**
 * WV2012: a value that crossed a boundary is compared by identity with one that didn't come with it. It is a copy (between
 * co-located components too, unless it is readonly or shared), so `===` is false, and a set or map doesn't have it. Only objects, and only where the other side
 * surely has another source: state (`this.#x`), a constant of the module, another call's result, another parameter.
 * Also `instanceof` with a class of the project that neither is an error nor has a codec: no instance of it ever crosses.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { TypeHandle } from '../../checker/view.ts'
import { contentsOf } from './contents.ts'
import { componentOf } from './facts.ts'
import { bare, calledMember, functionAround, placeOf, receiverOf, some } from './nodes.ts'
import { type Origin, sameSource } from './origin.ts'
import type { Comparison } from './regions.ts'
import type { LintContext } from './rule.ts'
import { declarationOf, isAssignment } from './scope.ts'

interface Found {
  readonly comparison: Comparison
  /** The side that crossed. */
  readonly crossed: SyntaxNode
  readonly origin: Extract<Origin, { kind: 'received' | 'argument' }>
}

export function lostIdentity(context: LintContext): void {
  const { origins } = context
  instances(context)
  const found = context.regions.comparisons.flatMap((comparison): Found[] => {
    if (comparison.by === 'instanceof') return []
    const right = origins.of(comparison.right)
    const lefts = isOperator(comparison) ? listed(origins.of(comparison.left)) : contentsOf(origins, comparison.left)
    const [left] = lefts ?? []
    if (!left || !right || lefts!.some((each) => sameSource(each, right))) return []
    // In a lookup it is the key that must have crossed, or all that is looked into.
    const crossing = [
      { crossed: comparison.right, origin: right },
      ...(isOperator(comparison) || right.kind === 'given' ? [{ crossed: comparison.left, origin: left }] : []),
    ].find(({ origin }) => origin.kind === 'received' || origin.kind === 'argument')
    if (!crossing || isKept(crossing.crossed)) return []
    return [{ comparison, crossed: crossing.crossed, origin: crossing.origin as Found['origin'] }]
  })
  const { view } = context
  const rights = view.typesAt(found.map(({ comparison }) => comparison.right))
  const lefts = view.typesAt(found.map(({ comparison }) => comparison.left))
  for (const [at, each] of found.entries()) {
    if (!isObject(context, rights[at]!)) continue
    // The other side of an operator is a value too; what is looked into must be a collection of the language.
    const fits = isOperator(each.comparison) ? isObject(context, lefts[at]!) : isCollection(context, lefts[at]!)
    if (fits) report(context, each)
  }
}

function instances(context: LintContext): void {
  const { origins } = context
  const found = context.regions.comparisons.flatMap((comparison): Found[] => {
    const origin = comparison.by === 'instanceof' ? origins.of(comparison.left) : undefined
    const crossed = origin?.kind === 'received' || origin?.kind === 'argument'
    return crossed ? [{ comparison, crossed: comparison.left, origin }] : []
  })
  const symbols = context.view.symbolsAt(found.map(({ comparison }) => comparison.right))
  for (const [at, { comparison, crossed, origin }] of found.entries()) {
    const symbol = symbols[at]
    const asked = symbol && context.classes.find(({ declared }) => declared.symbol === symbol)
    if (!asked || asked.isError || context.view.staticMember(symbol, 'codec')) continue
    const title = origin.kind === 'received' ? origin.call.method.title : origin.method.method.title
    context.report('WV2012', placeOf(comparison.node), {
      message: `'instanceof' asks for the class '${asked.declared.name}', and ${shownOf(crossed)} crossed a boundary, by '${title}'.`,
      why: 'instances of a class do not cross a boundary; what arrives is a plain object',
      fix: `tell it by its data, such as a member 'kind', or give '${asked.declared.name}' a codec`,
      related: [{ place: asked.declared.nameSpan, message: `'${asked.declared.name}' is declared here` }],
    })
  }
}

const isOperator = ({ by }: Comparison): boolean => by.endsWith('=') || by === 'switch' || by === 'Object.is'

const listed = (origin: Origin | undefined): Origin[] => (origin ? [origin] : [])

function report(context: LintContext, { comparison, crossed, origin }: Found): void {
  const { by } = comparison
  const title = origin.kind === 'received' ? origin.call.method.title : origin.method.method.title
  const shown = shownOf(crossed)
  context.report('WV2012', placeOf(isOperator(comparison) ? comparison.node : bare(comparison.right)), {
    message: isOperator(comparison)
      ? `'${by}' asks whether two things are one object, and ${shown} crossed a boundary, by '${title}'.`
      : `'${by}' looks for the very object, and ${shown} crossed a boundary, by '${title}'.`,
    why: 'values cross as copies, between processes always and inside of one unless they are readonly or shared: the answer is no, or depends on the placement',
    fix: `${isOperator(comparison) ? 'compare' : 'look for'} what identifies it, such as its id`,
  })
}

function shownOf(node: SyntaxNode): string {
  const inner = bare(node)
  return inner.kind === 'identifier'
    ? `'${inner.text}'`
    : inner.kind === 'member'
      ? `'${inner.child('name')!.text}'`
      : 'what it is asked for'
}

/** Every part but `null` and `undefined` is an object, and none is a component or a function. */
function isObject(context: LintContext, type: TypeHandle): boolean {
  const { view, components } = context
  const description = view.describe(type)
  const parts = description.kind === 'union' ? description.parts : [type]
  const values = parts.filter((part) => !['undefined', 'null'].includes(view.describe(part).kind))
  return (
    values.length > 0 &&
    componentOf(view, components, type) === undefined &&
    values.every((part) => {
      const { kind } = view.describe(part)
      if (kind === 'array' || kind === 'tuple') return true
      return kind === 'object' && view.callSignatures(part).length === 0 && !view.isConstructable(part)
    })
  )
}

const COLLECTION = /^(?:Readonly|Weak)?(?:Map|Set)$/

function isCollection({ view }: LintContext, type: TypeHandle): boolean {
  const { kind } = view.describe(type)
  if (kind === 'array' || kind === 'tuple') return true
  const symbol = view.symbolOf(type)
  if (!symbol || !COLLECTION.test(view.symbolName(symbol))) return false
  return view.declarationsOf(symbol).some(({ origin }) => origin === 'lib')
}

const KEEPING: ReadonlySet<string> = new Set(['add', 'set', 'push', 'unshift', 'splice'])

/** The same function puts it somewhere, so it may be looked for there: `this.#running.add(job) … this.#running.delete(job)`. */
function isKept(crossed: SyntaxNode): boolean {
  let root = bare(crossed)
  while (root.kind === 'member' || root.kind === 'element') root = bare(root.child('object')!)
  const declared = root.kind === 'identifier' ? declarationOf(root) : undefined
  let around = functionAround(crossed)
  for (let next = around && functionAround(around); next; next = functionAround(next)) around = next
  if (!declared || !around) return false
  const is = (node: SyntaxNode | undefined): boolean => {
    const inner = node && bare(node)
    return inner?.kind === 'identifier' && declarationOf(inner) === declared
  }
  return some(around, (node) => {
    if (isAssignment(node)) return bare(node.child('left')!).kind !== 'identifier' && is(node.child('right'))
    return KEEPING.has(calledMember(node) ?? '') && receiverOf(node) !== undefined && node.all('argument').some(is)
  })
}
