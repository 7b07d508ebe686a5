/**
 * Where a value comes from, as far as the file says it beyond doubt: received from a boundary call, taken as a parameter of an
 * implementing method or of another function, held by `this`, or declared by the module. In goes an expression; out comes its origin, or undefined
 * where it could be anything. Local names are followed through declarations that are never assigned again, through
 * destructuring, loops and the callbacks of arrays.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { BoundaryCall, ImplementedMethod } from './facts.ts'
import { bare, calledMember, contains, receiverOf } from './nodes.ts'
import { declarationOf, isReassigned } from './scope.ts'

export type Origin =
  | { readonly kind: 'received'; readonly call: BoundaryCall; readonly whole: boolean }
  /** `name` declares the parameter, or is the one of its pattern. */
  | {
      readonly kind: 'argument'
      readonly method: ImplementedMethod
      readonly parameter: SyntaxNode
      readonly whole: boolean
    }
  /** Taken as a parameter of another function: it existed before what that function receives. */
  | { readonly kind: 'given'; readonly to: SyntaxNode }
  | { readonly kind: 'this' }
  | { readonly kind: 'module'; readonly name: SyntaxNode }

const DEPTH_MAX = 32

/** Array methods that hand their elements to a callback, as its first parameter. */
const OVER_ELEMENTS: ReadonlySet<string> = new Set(
  'forEach map flatMap filter find findIndex findLast findLastIndex some every'.split(' '),
)
/** Methods that give a part of what they are called on, the very object. */
export const GIVES_PART: ReadonlySet<string> = new Set(['at', 'get', 'find', 'findLast', 'pop', 'shift'])
/** Methods whose result is iterated as the parts of what they are called on. */
const GIVES_PARTS: ReadonlySet<string> = new Set(['values', 'entries', 'keys'])

export class Origins {
  readonly #calls: ReadonlyMap<SyntaxNode, BoundaryCall>
  readonly #methods: ReadonlyMap<SyntaxNode, ImplementedMethod>
  readonly #byName = new Map<SyntaxNode, Origin | undefined>()

  constructor(calls: readonly BoundaryCall[], methods: readonly ImplementedMethod[]) {
    this.#calls = new Map(calls.map((call) => [call.node, call]))
    this.#methods = new Map(methods.map((method) => [method.node, method]))
  }

  of(expression: SyntaxNode, depth = 0): Origin | undefined {
    if (depth > DEPTH_MAX) return undefined
    const node = bare(expression)
    switch (node.kind) {
      case 'this':
        return { kind: 'this' }
      case 'member':
      case 'element':
        return part(this.of(node.child('object')!, depth + 1))
      case 'identifier':
        return this.#ofName(node, depth + 1)
      case 'keyword':
        return node.text === 'await' ? this.#awaited(node) : undefined
      case 'call': {
        const name = calledMember(node)
        const receiver = name !== undefined && GIVES_PART.has(name) ? receiverOf(node) : undefined
        // The call of a component is no part of what holds the component.
        return receiver && !this.#calls.has(node) ? part(this.of(receiver, depth + 1)) : undefined
      }
      default:
        return undefined
    }
  }

  #awaited(keyword: SyntaxNode): Origin | undefined {
    const call = this.#calls.get(bare(keyword.child('operand')!))
    return call && { kind: 'received', call, whole: true }
  }

  #ofName(identifier: SyntaxNode, depth: number): Origin | undefined {
    const name = declarationOf(identifier)
    if (!name) return undefined
    if (!this.#byName.has(name)) {
      const origin = this.#declared(name, name, depth)
      this.#byName.set(name, origin && !isReassigned(name) ? origin : undefined)
    }
    return this.#byName.get(name)
  }

  /** `at` is `name`, or a pattern that `name` is bound by. */
  #declared(at: SyntaxNode, name: SyntaxNode, depth: number): Origin | undefined {
    const declaration = at.parent!
    switch (declaration.kind) {
      case 'binding':
        return declaration.rest ? undefined : this.#bound(declaration, name, depth)
      case 'parameter':
        return this.#parameter(declaration, at, name, depth)
      case 'variable':
        return this.#variable(declaration, name, depth)
      default:
        return undefined
    }
  }

  #bound(binding: SyntaxNode, name: SyntaxNode, depth: number): Origin | undefined {
    // With a default it may be another object.
    if (binding.child('value')) return undefined
    const pattern = binding.parent!
    const variable = pattern.parent!
    const value = variable.kind === 'variable' ? variable.child('value') : undefined
    const together = value && this.#together(value)
    if (together && pattern.text === 'array') {
      const element = together.all('element')[pattern.all('element').indexOf(binding)]
      const call = element && this.#calls.get(bare(element))
      return call && { kind: 'received', call, whole: true }
    }
    return part(this.#declared(pattern, name, depth))
  }

  /** The array of `await Promise.all([…])`. */
  #together(value: SyntaxNode): SyntaxNode | undefined {
    const inner = bare(value)
    const call = inner.kind === 'keyword' && inner.text === 'await' ? bare(inner.child('operand')!) : undefined
    if (!call || calledMember(call) !== 'all' || receiverOf(call)?.text !== 'Promise') return undefined
    const array = call.child('argument')
    return array?.kind === 'array' ? array : undefined
  }

  #parameter(parameter: SyntaxNode, at: SyntaxNode, name: SyntaxNode, depth: number): Origin | undefined {
    const owner = parameter.parent!
    const method = this.#methods.get(owner)
    // A rest parameter is an array of this function's own; its elements are the caller's.
    if (method) return { kind: 'argument', method, parameter: name, whole: at === name && !parameter.rest }
    const call = owner.role === 'argument' ? owner.parent! : undefined
    const over = call && calledMember(call)
    if (over && OVER_ELEMENTS.has(over) && owner.child('parameter') === parameter)
      return part(this.of(receiverOf(call)!, depth + 1))
    return { kind: 'given', to: owner }
  }

  #variable(variable: SyntaxNode, name: SyntaxNode, depth: number): Origin | undefined {
    const list = variable.parent!
    if (list.parent?.kind === 'loop' && list.role === 'initializer' && list.parent.text === 'for-of') {
      return list.parent.awaits ? undefined : part(this.#iterated(list.parent.child('iterated')!, depth + 1))
    }
    const value = variable.child('value')
    const origin = value && this.of(value, depth + 1)
    if (origin || list.parent?.parent?.kind !== 'file') return origin
    return { kind: 'module', name }
  }

  #iterated(expression: SyntaxNode, depth: number): Origin | undefined {
    const node = bare(expression)
    const name = calledMember(node)
    return this.of(name !== undefined && GIVES_PARTS.has(name) ? receiverOf(node)! : node, depth)
  }
}

function part(origin: Origin | undefined): Origin | undefined {
  return origin && 'whole' in origin ? { ...origin, whole: false } : origin
}

/** They may be parts of one object, so that identity among them says something. */
export function sameSource(a: Origin, b: Origin): boolean {
  if (a.kind === 'received' && b.kind !== 'given') return b.kind === 'received' && a.call === b.call
  if (a.kind === 'argument' && b.kind !== 'given')
    return b.kind === 'argument' && a.method === b.method && parameterOf(a) === parameterOf(b)
  // What a function was given is apart only from what it received after that.
  if (a.kind === 'given') return !(b.kind === 'received' && contains(a.to, b.call.node))
  if (b.kind === 'given') return sameSource(b, a)
  return a.kind === b.kind && (a.kind !== 'module' || (b.kind === 'module' && a.name === b.name))
}

export function parameterOf({ parameter }: { readonly parameter: SyntaxNode }): SyntaxNode {
  let node = parameter
  while (node.kind !== 'parameter') node = node.parent!
  return node
}
