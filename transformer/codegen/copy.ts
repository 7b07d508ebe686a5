/**
 * Shape → expressions and statements that copy a value for a co-located callee or caller, by the rules of the codec but
 * without bytes: declared members only, trees, a `Mismatch` for what doesn't fit. What can't be changed (Facts.needsCopy) is passed
 * as it is and, unlike on the wire, not looked at; primitives in what is copied are.
 */
import { isPrimitive, isUnionOfPrimitives, tupleParts } from '../../runtime/codec/traits.ts'
import type { Literal, Member, Shape, TupleElement, UnionMember } from '../../runtime/shape.ts'
import type { Body } from './emit.ts'
import type { Functions } from './functions.ts'
import { hasMember, keyTest, keyText, literalText, objectCheck, quote, readMember, setMember } from './names.ts'
import { choices, fitVariable, isKnown, type Known, labels, tagOf } from './union.ts'

export class Copier {
  readonly #functions: Functions
  readonly #body: Body
  readonly #depth: string

  constructor(functions: Functions, body: Body, depth: string) {
    this.#functions = functions
    this.#body = body
    this.#depth = depth
  }

  /** Writes the statements that are needed and gives an expression for the copy; `value` is evaluated once. */
  copy(shape: Shape, value: string, known?: Known): string {
    if (!this.#functions.facts.needsCopy(shape)) return this.copyHere(shape, value)
    return (
      this.#functions.callTable('copy', shape, value) ??
      this.#functions.callShared('copy', shape, value, this.#depth) ??
      this.copyHere(shape, value, known)
    )
  }

  /** Whether or not others have the same shape. */
  copyHere(shape: Shape, value: string, known?: Known): string {
    switch (shape.kind) {
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
        return `__weave.${shape.kind}(${value})`
      case 'null':
      case 'undefined':
        return `__weave.same(${value}, ${shape.kind})`
      case 'literal':
        return `__weave.same(${value}, ${literalText(shape.literal)})`
      case 'literals':
        return this.#literals(shape.values, value)
      case 'date':
        return `new Date(__weave.timeOf(${value}))`
      case 'url':
        return `new URL(__weave.hrefOf(${value}))`
      case 'regexp':
        return `__weave.copyRegExp(${value})`
      case 'bytes':
        return `__weave.copyBytes(${value}, "${shape.type}")`
      case 'error':
        return `__weave.copyError(${value}, __weave_errors)`
      case 'component':
        return `__weave.copyReference(${value}, ${quote(shape.component)})`
      case 'custom':
        return this.#custom(shape, value)
      case 'json':
        return shape.mutable ? `__weave.copyJson(${value}, ${this.#depth})` : value
      // The same one on both sides; a stream's items are copied by whoever wraps it.
      case 'signal':
      case 'stream':
      case 'shared':
        return value
    }
    if (!this.#functions.facts.needsCopy(shape)) return this.#asItIs(shape, value)
    switch (shape.kind) {
      case 'array':
        return this.#array(shape.of, value)
      case 'tuple':
        return this.#tuple(shape.elements, value)
      case 'object':
        return this.#object(shape, value, known)
      case 'map':
      case 'set':
        return this.#collection(shape, value)
      case 'union':
        return this.#union(shape, value)
      case 'ref':
        return this.#functions.call('copy', shape.name, value, this.#depth)
      case 'unsupported':
        return '__weave.mismatch()'
    }
  }

  #asItIs(shape: Shape, value: string): string {
    const resolved = this.#functions.facts.resolve(shape)
    if (!isUnionOfPrimitives(resolved)) return value
    const source = this.#body.once(value, 'v')
    const fit = fitVariable(resolved.members, this.#body)
    const tests = choices(resolved.members, source, this.#functions, fit).map(({ condition }) => condition)
    this.#body.line(`if (!(${tests.join(' || ')})) __weave.mismatch()`)
    return source
  }

  /** What the codec makes of a value may be a part of it, so it is copied on the way. */
  #custom(shape: Extract<Shape, { kind: 'custom' }>, value: string): string {
    const codec = `__weave_codecs, ${quote(shape.codec)}`
    const wire = this.#body.once(`__weave.toWire(${codec}, ${value})`, 'wire')
    return `__weave.fromWire(${codec}, ${this.copy(shape.of, wire)})`
  }

  #literals(values: readonly Literal[], value: string): string {
    const name = this.#body.once(value, 'v')
    const others = values.map((literal) => `${name} !== ${literalText(literal)}`).join(' && ')
    this.#body.line(`if (${others}) __weave.mismatch()`)
    return name
  }

  #array(of: Shape, value: string): string {
    const body = this.#body
    const source = body.once(value, 'v')
    const list = body.fresh('list')
    const index = body.fresh('i')
    body.line(`__weave.array(${source})`)
    body.line(`const ${list} = []`)
    body.block(`for (let ${index} = 0; ${index} < ${source}.length; ${index}++)`, () => {
      body.line(`${list}.push(${this.copy(of, `${source}[${index}]`)})`)
    })
    if (this.#functions.facts.canBeUndefined(of)) body.line(`__weave.copyHoles(${source}, ${list})`)
    return list
  }

  #tuple(elements: readonly TupleElement[], value: string): string {
    const body = this.#body
    const source = body.once(value, 'v')
    const { before, rest, after, required } = tupleParts(elements)
    const mayHaveHoles = this.#functions.facts.mayHaveHoles(elements)
    if (required === elements.length) {
      body.line(`if (!Array.isArray(${source}) || ${source}.length !== ${required}) __weave.mismatch()`)
      const fixed = `[${elements.map((element, index) => this.copy(element.shape, `${source}[${index}]`)).join(', ')}]`
      return mayHaveHoles ? `__weave.copyHoles(${source}, ${fixed})` : fixed
    }
    const beyond = rest ? '' : ` || ${source}.length > ${elements.length}`
    const list = body.fresh('list')
    const count = body.fresh('n')
    body.line(`if (!Array.isArray(${source}) || ${source}.length < ${required}${beyond}) __weave.mismatch()`)
    body.line(`const ${count} = ${source}.length`)
    body.line(`const ${list} = []`)
    for (const [index, element] of before.entries()) {
      const push = (text: string) => body.line(`${list}.push(${text})`)
      if (element.optional) {
        body.block(`if (${count} > ${index})`, () => push(this.given(element.shape, `${source}[${index}]`)))
      } else push(this.copy(element.shape, `${source}[${index}]`))
    }
    if (rest) {
      const index = body.fresh('i')
      const end = after.length === 0 ? count : `${count} - ${after.length}`
      body.block(`for (let ${index} = ${before.length}; ${index} < ${end}; ${index}++)`, () => {
        body.line(`${list}.push(${this.copy(rest.shape, `${source}[${index}]`)})`)
      })
    }
    for (const [index, element] of after.entries()) {
      body.line(`${list}.push(${this.copy(element.shape, `${source}[${count} - ${after.length - index}]`)})`)
    }
    if (mayHaveHoles) body.line(`__weave.copyHoles(${source}, ${list})`)
    return list
  }

  /** A value that may be `undefined` beside what its shape says: an optional parameter or tuple element. */
  given(shape: Shape, value: string): string {
    const body = this.#body
    const source = body.once(value, 'v')
    const copy = body.fresh('copy')
    body.line(`let ${copy}`)
    body.block(`if (${source} !== undefined)`, () => body.line(`${copy} = ${this.copy(shape, source)}`))
    return copy
  }

  #object(shape: Extract<Shape, { kind: 'object' }>, value: string, known: Known | undefined): string {
    const body = this.#body
    const source = body.once(value, 'v')
    const test = this.#functions.facts.objectTest(shape)
    if (known === undefined || test.record) body.line(objectCheck(source, test))
    const copyOf = ({ name, shape: of }: Member): string => this.copy(of, readMember(source, name))
    const members = shape.members
      .filter((member) => !member.optional)
      .map((member) => {
        const { name, shape: of } = member
        const isLiteral = of.kind === 'literal' && isKnown(member, known)
        return `${keyText(name)}: ${isLiteral ? literalText(of.literal) : copyOf(member)}`
      })
    const literal = members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
    if (members.length === shape.members.length && !shape.index) return literal
    const object = body.fresh('object')
    body.line(`const ${object} = ${literal}`)
    for (const member of shape.members) {
      if (!member.optional) continue
      const read = body.once(readMember(source, member.name), 'v')
      body.block(`if (${read} !== undefined)`, () => {
        body.line(setMember(object, member.name, this.copy(member.shape, read)))
      })
      body.append(` else if (${hasMember(source, member.name)}) ${setMember(object, member.name, 'undefined')}`)
    }
    if (shape.index) this.#index(shape, shape.index.of, source, object)
    return object
  }

  #index(shape: Extract<Shape, { kind: 'object' }>, of: Shape, source: string, object: string): void {
    const body = this.#body
    const key = body.fresh('key')
    body.line(`if (Object.getPrototypeOf(${source}) === null) __weave.bare(${object})`)
    body.block(`for (const ${key} of Object.keys(${source}))`, () => {
      const others = shape.members.map((member) => `${key} === ${quote(member.name)}`)
      if (shape.index?.keys) others.push(`!${keyTest(shape.index.keys, key)}`)
      if (others.length > 0) body.line(`if (${others.join(' || ')}) continue`)
      body.line(`__weave.setKey(${object}, ${key}, ${this.copy(of, `${source}[${key}]`)})`)
    })
  }

  #collection(shape: Extract<Shape, { kind: 'map' | 'set' }>, value: string): string {
    const body = this.#body
    const source = body.once(`__weave.${shape.kind}(${value})`, 'v')
    const collection = body.fresh(shape.kind)
    const item = body.fresh('item')
    body.line(`const ${collection} = new ${shape.kind === 'map' ? 'Map' : 'Set'}()`)
    body.block(`for (const ${item} of ${source})`, () => {
      if (shape.kind === 'set') return body.line(`${collection}.add(${this.copy(shape.of, item)})`)
      const key = this.copy(shape.key, `${item}[0]`)
      body.line(`${collection}.set(${key}, ${this.copy(shape.value, `${item}[1]`)})`)
    })
    return collection
  }

  #union(shape: Extract<Shape, { kind: 'union' }>, value: string): string {
    const body = this.#body
    const source = body.once(value, 'v')
    const copy = body.fresh('copy')
    body.line(`let ${copy}`)
    const tag = tagOf(shape.members)
    if (tag !== undefined) {
      this.#tagged(shape.members, source, copy, tag)
      return copy
    }
    const fit = fitVariable(shape.members, body)
    for (const [at, choice] of choices(shape.members, source, this.#functions, fit).entries()) {
      const fill = () => {
        if (choice.ambiguous) body.line(`if (${choice.ambiguous}) __weave.mismatch()`)
        // Nothing is left to check of a primitive once it is known to be one.
        body.line(`${copy} = ${isPrimitive(choice.shape) ? source : this.copy(choice.shape, source, {})}`)
      }
      if (at === 0) body.block(`if (${choice.condition})`, fill)
      else body.follow(`else if (${choice.condition})`, fill)
    }
    body.append(' else __weave.mismatch()')
    return copy
  }

  #tagged(members: readonly UnionMember[], source: string, copy: string, property: string): void {
    const body = this.#body
    body.line(`__weave.object(${source})`)
    body.block(`switch (${readMember(source, property)})`, () => {
      for (const member of members) {
        body.block(labels(member), () => {
          body.line(`${copy} = ${this.copy(member.shape, source, { property })}`)
          body.line('break')
        })
      }
      body.line('default: __weave.mismatch()')
    })
  }
}
