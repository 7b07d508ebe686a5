/**
 * Results that needn't be copied for a co-located caller, because nobody else can hold them: made in the very `return` of the implementing
 * method, of parts that are made there too or can't be changed. In go components with their implementations, out the names of such methods.
 *
 * What is proven is that a copy could not be told from the original: so an object literal also has to have no members that aren't
 * declared, and those in the order that a copy has. A value that goes through a variable, a cast, a spread of an object or a function
 * of the user's isn't followed, and is copied. Whether the object that is called is an instance of this class as it is written here,
 * the runtime looks at (`made` of runtime/made.ts); decorators, which it can't see, are refused here.
 */
import { inner, isMutable } from '../../runtime/codec/traits.ts'
import type { Definitions, Member, Shape } from '../../runtime/shape.ts'
import type { SyntaxNode } from '../checker/syntax.ts'
import type { CheckerView } from '../checker/view.ts'
import { refsOf } from '../definitions.ts'
import type { Component } from '../model.ts'
import type { FoundClass } from './find.ts'
import { classNode } from './lint/facts.ts'

/** Of an array, these give a new one. What `map` puts into it is looked at, the others put in what was there. */
const NEW_ARRAYS: ReadonlySet<string> = new Set([
  'filter',
  'slice',
  'concat',
  'toSorted',
  'toReversed',
  'toSpliced',
  'with',
])

export interface UnsharedInput {
  readonly view: CheckerView
  readonly definitions: Definitions
}

/** Names of the methods whose results are unshared. `found`: the class of `component.implementation`. */
export function unsharedResults(component: Component, found: FoundClass, input: UnsharedInput): string[] {
  const methods = component.methods.filter(
    ({ result }) => result.kind !== 'stream' && isCopied(result, input.definitions),
  )
  if (methods.length === 0) return []
  const node = classNode(input.view.syntax(found.file), found)
  if (node === undefined || isDecorated(node, found.file.text)) return []
  const unshared = new Unshared(input)
  return methods.flatMap(({ name, result }) => {
    const implementing = node.all('member').filter((member) => member.child('name')?.text === name)
    const [member] = implementing
    if (implementing.length !== 1 || member?.kind !== 'function' || member.text !== 'method') return []
    if (!member.async || isDecorated(member, found.file.text)) return []
    return unshared.gives(member, result) ? [name] : []
  })
}

/** A decorator stands before the name, `@log` or `export @log class`. */
function isDecorated(node: SyntaxNode, text: string): boolean {
  const end = node.child('name')?.start ?? node.start
  // The one before `export class` may belong to the statement around it.
  return (
    text.slice(node.start, end).includes('@') ||
    /@[\w$.]+(?:\([^)]*\))?\s*(?:export\s+)?(?:default\s+)?$/.test(text.slice(0, node.start))
  )
}

/** Whether a copy is made of values of the shape (Facts.needsCopy of the generator). */
export function isCopied(shape: Shape, definitions: Definitions, seen: Set<string> = new Set()): boolean {
  if (isMutable(shape)) return true
  for (const name of refsOf(shape, inner, 'shared')) {
    if (seen.has(name)) continue
    seen.add(name)
    const definition = definitions[name]
    if (definition === undefined || isCopied(definition, definitions, seen)) return true
  }
  return false
}

class Unshared {
  readonly #view: CheckerView
  readonly #definitions: Definitions

  constructor({ view, definitions }: UnsharedInput) {
    this.#view = view
    this.#definitions = definitions
  }

  /** Every value that the function returns is one of `shape` that it has just made. */
  gives(method: SyntaxNode, shape: Shape): boolean {
    const body = method.child('body')
    if (body === undefined) return false
    if (body.kind !== 'block') return this.#isMade(body, shape)
    const returned = returnsIn(body)
    return (
      returned.length > 0 &&
      returned.every((each) => {
        const value = each.child('operand')
        return value !== undefined && this.#isMade(value, shape)
      })
    )
  }

  #isMade(value: SyntaxNode, declared: Shape): boolean {
    if (!isCopied(declared, this.#definitions)) return true
    const shape = this.#resolved(declared)
    if (value.kind === 'cast') return value.text === 'satisfies' && this.#isMade(value.child('operand')!, shape)
    if (value.kind === 'conditional') {
      return this.#isMade(value.child('then')!, shape) && this.#isMade(value.child('else')!, shape)
    }
    if (shape.kind === 'union')
      return this.#isMadeOne(
        value,
        shape.members.map((member) => member.shape),
      )
    switch (value.kind) {
      case 'array':
        return this.#isMadeArray(value, shape)
      case 'object':
        return shape.kind === 'object' && !shape.index && !shape.omitted && this.#isMadeObject(value, shape.members)
      case 'call':
        return shape.kind === 'array' && this.#isNewArray(value, shape.of)
      default:
        return false
    }
  }

  /** `undefined`, `null`, or what only one member of the union can be. */
  #isMadeOne(value: SyntaxNode, shapes: readonly Shape[]): boolean {
    if (value.kind === 'literal' || (value.kind === 'identifier' && value.text === 'undefined')) return true
    const kinds = value.kind === 'object' ? ['object'] : ['array', 'tuple']
    const others = shapes
      .map((shape) => this.#resolved(shape))
      .filter(({ kind }) => kinds.includes(kind) || kind === 'union')
    return others.length === 1 && this.#isMade(value, others[0]!)
  }

  #resolved(shape: Shape): Shape {
    let resolved = shape
    for (let steps = 0; resolved.kind === 'ref' && steps < 100; steps++) resolved = this.#definitions[resolved.name]!
    return resolved
  }

  #isMadeArray(array: SyntaxNode, shape: Shape): boolean {
    const elements = array.children
    // A hole is no element; it would be refused, or copied as one.
    if (elements.some(({ kind }) => kind === 'other')) return false
    if (shape.kind === 'tuple') {
      if (shape.elements.length !== elements.length) return false
      return shape.elements.every((element, at) => {
        return (
          !element.optional &&
          !element.rest &&
          elements[at]!.kind !== 'spread' &&
          this.#isMade(elements[at]!, element.shape)
        )
      })
    }
    if (shape.kind !== 'array') return false
    return elements.every((element) =>
      element.kind === 'spread' ? !isCopied(shape.of, this.#definitions) : this.#isMade(element, shape.of),
    )
  }

  #isMadeObject(object: SyntaxNode, members: readonly Member[]): boolean {
    const inOrder = [...members.filter((member) => !member.optional), ...members.filter((member) => member.optional)]
    let at = 0
    for (const property of object.children) {
      const name = property.kind === 'property' ? property.child('name') : undefined
      if (name?.kind !== 'identifier' || name.text === '__proto__') return false
      const position = inOrder.findIndex((member, index) => index >= at && member.name === name.text)
      if (position < 0) return false
      // Passing over a required one is an error of types; it would have to be reported as it is elsewhere.
      if (inOrder.slice(at, position).some((member) => !member.optional)) return false
      if (!this.#isMade(property.child('value') ?? name, inOrder[position]!.shape)) return false
      at = position + 1
    }
    return inOrder.slice(at).every((member) => member.optional)
  }

  /** `list.map(…)` and its like, of an array and by the array's own method. */
  #isNewArray(call: SyntaxNode, of: Shape): boolean {
    const callee = call.child('callee')!
    const [object, name] = [callee.child('object'), callee.child('name')]
    if (callee.kind !== 'member' || callee.optional || call.optional || !object || !name) return false
    const made =
      name.text === 'map' ? this.#mapsTo(call, of) : NEW_ARRAYS.has(name.text) && !isCopied(of, this.#definitions)
    if (!made) return false
    const [symbol] = this.#view.symbolsAt([name])
    const [type] = this.#view.typesAt([object])
    if (symbol === undefined || type === undefined) return false
    const kind = this.#view.describe(type).kind
    const declarations = this.#view.declarationsOf(symbol)
    return (
      (kind === 'array' || kind === 'tuple') &&
      declarations.length > 0 &&
      declarations.every(({ origin }) => origin === 'lib')
    )
  }

  #mapsTo(call: SyntaxNode, of: Shape): boolean {
    if (!isCopied(of, this.#definitions)) return true
    const [mapping] = call.all('argument')
    return mapping?.kind === 'function' && mapping.text === 'arrow' && !mapping.async && this.gives(mapping, of)
  }
}

/** Without those of functions and classes inside. */
function returnsIn(node: SyntaxNode): SyntaxNode[] {
  if (node.kind === 'return') return [node]
  return node.children.flatMap((child) => (child.kind === 'function' || child.kind === 'class' ? [] : returnsIn(child)))
}
