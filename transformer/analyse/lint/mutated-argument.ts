/**
 * WV2011: an implementing method changes what it was given. Arguments are copies wherever the components are, so its caller never
 * sees the change; called directly, as a unit test does, it does. Not reported: a parameter that is replaced by another value, and
 * one that is returned, by which the caller gets the change after all.
 * Where the type says `Shared<T>`, or a cast takes `readonly` away, nothing is copied between co-located components: then the
 * caller sees the change in one placement and not in another, and it is reported in any case.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { Fix } from '../../diagnostics/diagnostic.ts'
import { readonlyType } from '../../diagnostics/fixes/types.ts'
import { bare, contains, placeOf, some } from './nodes.ts'
import { type Origin, parameterOf } from './origin.ts'
import type { Mutation } from './regions.ts'
import type { LintContext } from './rule.ts'
import { boundNames, declarationOf, referencesOf } from './scope.ts'

type Argument = Extract<Origin, { kind: 'argument' }>

interface Found {
  readonly mutation: Mutation
  readonly origin: Argument
}

export function mutatedArgument(context: LintContext): void {
  const { origins } = context
  const found = context.regions.mutations.flatMap((mutation): Found[] => {
    const origin = origins.of(mutation.target)
    return origin?.kind === 'argument' ? [{ mutation, origin }] : []
  })
  const changes = changing(
    context,
    found.map(({ mutation }) => mutation),
  )
  const whole = context.view.typesAt(found.map(({ origin }) => parameterOf(origin).child('name')!))
  const reported = new Set<SyntaxNode>()
  for (const [at, each] of found.entries()) {
    const parameter = parameterOf(each.origin)
    // One report a parameter: the first change says it.
    if (reported.has(parameter)) continue
    if (!changes.has(each.mutation)) continue
    const shared = context.markers.is('shared', whole[at]!) || takesReadonlyAway(context, each.mutation.target)
    if (!shared && isReturned(each.origin, parameter)) continue
    reported.add(parameter)
    report(context, each, shared)
  }
}

function report(context: LintContext, { mutation, origin }: Found, shared: boolean): void {
  const { found, method } = origin.method
  const parameter = parameterOf(origin)
  const name = parameter.child('name')!
  const shown = name.kind === 'identifier' ? name.text : origin.parameter.text
  const className = found.declared.name || 'default'
  context.report('WV2011', placeOf(bare(mutation.target)), {
    message: shared
      ? `'${className}.${method.name}' changes its argument '${shown}', which its caller sees only while both are in one process.`
      : `'${className}.${method.name}' changes its argument '${shown}', and its caller does not see that.`,
    why: shared
      ? 'what is shared or readonly is passed on as it is inside a process, and as a copy to another one'
      : 'arguments of a component are passed by value, in one process as in many; only a direct call, as in a unit test, would change the object of its caller',
    fix: `return what has changed, or change a copy: ${copyOf(mutation, shown)}`,
    related: [{ place: placeOf(name), message: `'${shown}' is declared here` }],
    fixes: fixes(context, { mutation, origin }),
  })
}

/** `toSorted` for `sort`; for anything else a copy of the whole. */
function copyOf({ method, target }: Mutation, shown: string): string {
  const copying = method !== undefined && ['sort', 'reverse', 'splice'].includes(method)
  if (!copying) return `'structuredClone(${shown})'`
  const of = bare(target).kind === 'identifier' ? bare(target).text : '…'
  return `'${of}.to${{ sort: 'Sorted', reverse: 'Reversed', splice: 'Spliced' }[method as 'sort' | 'reverse' | 'splice']}(…)'`
}

/** Offered where TypeScript then points at this change: `Readonly<Date>` has `setTime`, and `Readonly<Item>` has `tags.push`. */
function fixes({ files }: LintContext, { mutation, origin }: Found): Fix[] {
  const type = parameterOf(origin).child('type')
  const text = type && files.find(({ path }) => path === type.file)?.text.slice(type.start, type.end)
  const changed = text === undefined ? undefined : readonlyType(text)
  if (!type || changed === undefined || !origin.whole) return []
  const hides = mutation.method !== undefined && changed.startsWith('Readonly<')
  const edits = [{ ...placeOf(type), text: changed }]
  return hides ? [] : [{ id: 'readonly', title: `Declare it as '${changed}'`, safe: false, choice: true, edits }]
}

/** Those that change something: of a component or a stream `add` or `set` is a call like any other, and only what the language or Node declares changes its object. */
export function changing({ view }: LintContext, mutations: readonly Mutation[]): Set<Mutation> {
  const called = mutations.filter(({ method }) => method !== undefined)
  const symbols = view.symbolsAt(called.map(({ node }) => bare(node.child('callee')!).child('name')!))
  const others = called.filter((_, at) => {
    const declarations = symbols[at] ? view.declarationsOf(symbols[at]) : []
    return !declarations.some(({ origin }) => origin === 'lib' || origin === 'node')
  })
  return new Set(mutations.filter((each) => !others.includes(each)))
}

/** `(items as Item[]).push(…)`, where `items` is readonly. */
export function takesReadonlyAway({ view }: LintContext, target: SyntaxNode): boolean {
  for (let node: SyntaxNode | undefined = target; node; node = node.child('object') ?? node.child('operand')) {
    if (node.kind !== 'cast' || node.text !== 'as') continue
    const [type] = view.typesAt([bare(node)])
    const description = view.describe(type!)
    if ((description.kind === 'array' || description.kind === 'tuple') && description.readonly) return true
    if (description.kind === 'object') {
      const symbol = view.symbolOf(type!)
      if (symbol && /^Readonly(?:Map|Set)$/.test(view.symbolName(symbol))) return true
      const members = view.members(type!)
      if (members.length > 0 && members.every((member) => member.readonly)) return true
    }
  }
  return false
}

/** The parameter, or a part of it, is in what the method returns. */
function isReturned({ method }: Argument, parameter: SyntaxNode): boolean {
  const body = method.node.child('body')!
  const names = boundNames(parameter.child('name'))
  const derived = new Set(names)
  for (const name of names) {
    for (const reference of referencesOf(name)) {
      const variable = ownerOf(reference)
      if (variable) for (const each of boundNames(variable.child('name'))) derived.add(each)
    }
  }
  const mentioned = (node: SyntaxNode): boolean =>
    some(node, (each) => each.kind === 'identifier' && derived.has(declarationOf(each) ?? each) && isValue(each))
  if (body.kind !== 'block') return mentioned(body)
  return some(body, (node) => {
    if (node.kind !== 'return' || !contains(body, node)) return false
    const value = node.child('operand')
    return value !== undefined && mentioned(value)
  })
}

/** `const alias = …reference…`, in which the value goes on. */
function ownerOf(reference: SyntaxNode): SyntaxNode | undefined {
  let node = reference
  while (node.role === 'object' || node.parent?.kind === 'cast') node = node.parent!
  return node.role === 'value' && node.parent?.kind === 'variable' ? node.parent : undefined
}

/** It is passed on itself, and not just asked for a member: `return order`, `return { order }`, `return order.lines`. */
function isValue(identifier: SyntaxNode): boolean {
  if (identifier.role === 'name' && identifier.parent?.kind === 'member') return false
  let node = identifier
  while (node.role === 'object' || node.parent?.kind === 'cast') node = node.parent!
  return (
    node.role !== 'left' &&
    node.role !== 'condition' &&
    node.role !== 'callee' &&
    !/^(?:length|size)$/.test(lastName(node))
  )
}

function lastName(node: SyntaxNode): string {
  return node.kind === 'member' ? (node.child('name')?.text ?? '') : ''
}
