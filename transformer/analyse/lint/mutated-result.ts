/**
 * WV2030: a caller changes what it received and does nothing with it, as if the component would notice. Results are copies
 * wherever the components are, so a caller may sort and fill them as it likes; reported is a change that nobody reads afterwards,
 * which makes sense only where the object were the callee's own.
 * Where the result is `Shared<T>`, or a cast takes `readonly` away, the callee does notice while both are in one process: that is
 * reported in any case.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { BoundaryCall } from './facts.ts'
import { changing, takesReadonlyAway } from './mutated-argument.ts'
import { bare, calledMember, contains, functionAround, placeOf, receiverOf } from './nodes.ts'
import { GIVES_PART, type Origin } from './origin.ts'
import { isStatement, type Mutation } from './regions.ts'
import type { LintContext } from './rule.ts'
import { declarationOf, referencesOf } from './scope.ts'

interface Found {
  readonly mutation: Mutation
  readonly call: BoundaryCall
}

export function mutatedResult(context: LintContext): void {
  const { origins } = context
  const { mutations } = context.regions
  const found = mutations.flatMap((mutation): Found[] => {
    const origin: Origin | undefined = origins.of(mutation.target)
    return origin?.kind === 'received' ? [{ mutation, call: origin.call }] : []
  })
  const real = changing(
    context,
    found.map(({ mutation }) => mutation),
  )
  const changes = new Set([...real].map(({ node }) => node))
  for (const { mutation, call } of found) {
    if (!real.has(mutation)) continue
    const { promised } = call.method
    const shared =
      (promised !== undefined && context.markers.is('shared', promised)) || takesReadonlyAway(context, mutation.target)
    if (shared) report(context, { mutation, call }, true)
    else if (isLost(mutation, changes)) report(context, { mutation, call }, false)
  }
}

function report(context: LintContext, { mutation, call }: Found, shared: boolean): void {
  const { title, component } = call.method
  context.report('WV2030', placeOf(bare(mutation.target)), {
    message: shared
      ? `This changes what '${title}' gave, which '${component.shortName}' sees only while both are in one process.`
      : `This changes a copy of what '${title}' gave, and nobody reads it afterwards.`,
    why: shared
      ? 'what is shared or readonly is passed on as it is inside a process, and as a copy to another one'
      : `results of a component are passed by value, in one process as in many: '${component.shortName}' keeps its own`,
    fix: shared ? 'change a copy of it' : `let '${component.shortName}' have a method that makes the change`,
    related: [{ place: placeOf(call.node), message: 'it was received here' }],
  })
}

/** Its own value isn't used, and after it nothing but further changes looks at the variable that holds the object. */
function isLost({ node, target }: Mutation, changes: ReadonlySet<SyntaxNode>): boolean {
  if (!isStatement(node)) return false
  const root = rootOf(target)
  if (root.kind === 'keyword') return true
  const name = root.kind === 'identifier' ? declarationOf(root) : undefined
  const variable = name && variableOf(name)
  // Names of loops and callbacks hold parts of something that others may read.
  if (!name || !variable || variable.parent?.parent?.kind === 'loop') return false
  // What the variable holds must be what was awaited: a part of another variable would be read through that.
  const value = variable.child('value')
  if (!value || rootOf(value).kind !== 'keyword') return false
  const home = functionAround(name)
  return referencesOf(name).every((reference) => {
    if (changeOf(reference, changes)) return true
    // What a function or a loop reads, it may read later than the text says.
    const later = functionAround(reference) !== home || loopAround(node, name) !== undefined
    return !later && reference.start < node.start && isOnlyRead(reference)
  })
}

/** Methods of arrays, maps, sets, strings and dates that give nothing of what they hold. */
const TELLING = /^(?:every|findIndex|findLastIndex|get\w*Time|has|includes|indexOf|join|lastIndexOf|some|to\w*String)$/
const OPERATORS = /^(?:[=!]==?|[<>]=?|[-+*/%]|instanceof|in)$/

/** Nobody has the object from there: it isn't stored, passed, returned or captured, so that a change would be seen after all. */
function isOnlyRead(reference: SyntaxNode): boolean {
  let node = reference
  while (node.role === 'object' || node.parent?.kind === 'cast') node = node.parent!
  const { parent, role } = node
  if (role === 'condition') return true
  switch (parent?.kind) {
    case 'binary':
      return OPERATORS.test(parent.text)
    case 'prefix':
      return true
    case 'keyword':
      return parent.text === 'typeof'
    case 'call':
      if (role === 'callee') return TELLING.test(bare(node).child('name')?.text ?? '')
      return receiverOf(parent)?.text === 'console'
    default:
      // `const { length } = items`, `const size = items.size`: a number by its name.
      return node.kind === 'member' && /^(?:length|size|byteLength)$/.test(node.child('name')?.text ?? '')
  }
}

/** The variable that `name` is, or is a part of by a pattern; in a pattern in a pattern two names can hold one object. */
function variableOf(name: SyntaxNode): SyntaxNode | undefined {
  const { parent } = name
  const owner = parent?.kind === 'binding' ? parent.parent!.parent! : parent
  return owner?.kind === 'variable' ? owner : undefined
}

function rootOf(expression: SyntaxNode): SyntaxNode {
  let node = bare(expression)
  for (let next = wholeOf(node); next; next = wholeOf(node)) node = bare(next)
  return node
}

/** `items` of `items.first`, `items[0]` and `items.get(0)`. */
function wholeOf(node: SyntaxNode): SyntaxNode | undefined {
  return GIVES_PART.has(calledMember(node) ?? '') ? receiverOf(node) : node.child('object')
}

/** The reference is there only for a change. */
function changeOf(reference: SyntaxNode, changes: ReadonlySet<SyntaxNode>): boolean {
  let node = reference
  for (;;) {
    const { parent, role } = node
    const change = role === 'callee' || role === 'left' || role === 'operand' ? parent! : undefined
    if (change !== undefined && changes.has(change)) return isStatement(change)
    const givesPart = role === 'callee' && GIVES_PART.has(calledMember(parent!) ?? '')
    if (role !== 'object' && parent?.kind !== 'cast' && !givesPart) return false
    node = parent!
  }
}

/** The loop that repeats `node` and not the declaration of `name`. */
function loopAround(node: SyntaxNode, name: SyntaxNode): SyntaxNode | undefined {
  for (let outer = node.parent; outer && !contains(outer, name); outer = outer.parent) {
    if (outer.kind === 'loop') return outer
  }
  return undefined
}
