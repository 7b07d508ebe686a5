/**
 * The code that handles values of a boundary: implementing methods, and functions with a boundary call in them. In go those;
 * out comes what the rules about values look at, gathered in one walk: mutations, comparisons, lookups by identity.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { BoundaryCall, ImplementedMethod } from './facts.ts'
import { bare, calledMember, cast, functionAround, receiverOf, walk } from './nodes.ts'
import { isAssignment } from './scope.ts'

export interface Mutation {
  /** The whole expression. */
  readonly node: SyntaxNode
  /** The object that changes. */
  readonly target: SyntaxNode
  /** Set when it is a call of a method, which changes only what has it by itself: arrays, maps, dates. */
  readonly method: string | undefined
}

/** `left === right`, `left.indexOf(right)`. */
export interface Comparison {
  readonly node: SyntaxNode
  readonly left: SyntaxNode
  readonly right: SyntaxNode
  /** `===`, `switch`, `Object.is`, `instanceof`, `indexOf` … */
  readonly by: string
}

export interface Regions {
  readonly mutations: readonly Mutation[]
  readonly comparisons: readonly Comparison[]
}

export function readRegions(calls: readonly BoundaryCall[], methods: readonly ImplementedMethod[]): Regions {
  const roots = new Set([...methods.map(({ node }) => node), ...calls.map(({ node }) => outermost(node))])
  const mutations: Mutation[] = []
  const comparisons: Comparison[] = []
  for (const root of roots) {
    // A region in another one is walked with that: a function's in another's, and all in that of the file.
    if ([outermost(root), topOf(root)].some((outer) => outer !== root && roots.has(outer))) continue
    const region = regionOf(root)
    mutations.push(...region.mutations)
    comparisons.push(...region.comparisons)
  }
  return { mutations, comparisons }
}

/** Syntax alone, so it holds as long as the tree: in a watch, until the file is edited. */
const regions = new WeakMap<SyntaxNode, Regions>()

function regionOf(root: SyntaxNode): Regions {
  const known = regions.get(root)
  if (known) return known
  const mutations: Mutation[] = []
  const comparisons: Comparison[] = []
  walk(root, (node) => {
    const mutation = mutationOf(node)
    if (mutation) mutations.push(mutation)
    const comparison = comparisonOf(node)
    if (comparison) comparisons.push(comparison)
    return node.kind !== 'type' && node.kind !== 'type-reference'
  })
  const region = { mutations, comparisons }
  regions.set(root, region)
  return region
}

/** The function of a class or module that `node` is in, at any depth; the file where there is none. */
function outermost(node: SyntaxNode): SyntaxNode {
  let outer = node.kind === 'function' ? node : functionAround(node)
  for (let next = outer; next; next = functionAround(next)) outer = next
  return outer ?? topOf(node)
}

function topOf(node: SyntaxNode): SyntaxNode {
  let top = node
  while (top.parent) top = top.parent
  return top
}

/** Names of methods that change what they are called on, for the built-in types that cross a boundary. */
const MUTATING: ReadonlySet<string> = new Set([
  ...[
    'push',
    'pop',
    'shift',
    'unshift',
    'splice',
    'sort',
    'reverse',
    'fill',
    'copyWithin',
    'set',
    'add',
    'delete',
    'clear',
  ],
  ...['setDate', 'setFullYear', 'setHours', 'setMilliseconds', 'setMinutes', 'setMonth', 'setSeconds', 'setTime'],
  ...[
    'setUTCDate',
    'setUTCFullYear',
    'setUTCHours',
    'setUTCMilliseconds',
    'setUTCMinutes',
    'setUTCMonth',
    'setUTCSeconds',
  ],
])

export function mutationOf(node: SyntaxNode): Mutation | undefined {
  const written = writtenBy(node)
  if (written) {
    const inner = bare(written)
    const target = inner.kind === 'member' || inner.kind === 'element' ? inner.child('object') : undefined
    return target && { node, target, method: undefined }
  }
  const name = calledMember(node)
  const receiver = name === undefined ? undefined : receiverOf(node)
  if (!receiver || name === undefined) return undefined
  if (name === 'assign' && receiver.text === 'Object') {
    const target = node.child('argument')
    return target && { node, target, method: undefined }
  }
  return MUTATING.has(name) ? { node, target: receiver, method: name } : undefined
}

/** What an assignment, `++`, `--` or `delete` gives another value. */
export function writtenBy(node: SyntaxNode): SyntaxNode | undefined {
  if (isAssignment(node)) return node.child('left')
  const counts = (node.kind === 'prefix' || node.kind === 'postfix') && /^(?:\+\+|--)$/.test(node.text)
  return counts || (node.kind === 'keyword' && node.text === 'delete') ? node.child('operand') : undefined
}

const OPERATORS: ReadonlySet<string> = new Set(['===', '!==', '==', '!=', 'instanceof'])
const LOOKUPS: ReadonlySet<string> = new Set(['indexOf', 'lastIndexOf', 'includes', 'has', 'get', 'delete'])

function comparisonOf(node: SyntaxNode): Comparison | undefined {
  if (node.kind === 'binary') {
    if (!OPERATORS.has(node.text)) return undefined
    return { node, left: node.child('left')!, right: node.child('right')!, by: node.text }
  }
  if (node.kind === 'other') return casedOf(node)
  const by = calledMember(node)
  if (by === 'is' && receiverOf(node)?.text === 'Object') {
    const [left, right] = node.all('argument')
    return left && right && { node, left, right, by: 'Object.is' }
  }
  if (by === undefined || !LOOKUPS.has(by)) return undefined
  const left = receiverOf(node)
  const right = node.child('argument')
  return left && right && right.kind !== 'literal' ? { node, left, right, by } : undefined
}

/** `case right:` of `switch (left)`. */
function casedOf(clause: SyntaxNode): Comparison | undefined {
  const right = clause.child('condition')
  const left = clause.parent?.parent?.kind === 'switch' ? clause.parent.parent.child('operand') : undefined
  return left && right && right.kind !== 'literal' ? { node: right, left, right, by: 'switch' } : undefined
}

/** The expression is a statement of its own, so nobody uses its value. */
export function isStatement(node: SyntaxNode): boolean {
  let outer = cast(node)
  while (outer.parent?.kind === 'keyword' && (outer.parent.text === 'void' || outer.parent.text === 'await'))
    outer = outer.parent
  return outer.parent?.kind === 'statement'
}
