/**
 * Shape → expressions and statements that read a value from `r` (runtime/codec/reader.ts): the mirror of `encode.ts`. The bytes
 * may be anybody's: counts are checked by the reader, indexes and states by the generated text, depth by the functions of
 * recursive definitions. Arrays grow by `push`, as far as there are bytes, whatever count was announced.
 */
import { type Flag, flagsOf, isFlag, tupleParts } from '../../runtime/codec/traits.ts'
import type { Member, Shape, TupleElement } from '../../runtime/shape.ts'
import type { Body } from './emit.ts'
import type { Functions } from './functions.ts'
import { keyTest, keyText, literalTable, literalText, quote, setMember } from './names.ts'

export class Decoder {
  readonly #functions: Functions
  readonly #body: Body
  readonly #depth: string
  readonly #string: 'text' | 'string'

  /** `string`: what a string is read by; `text` in a message that was opened. */
  constructor(functions: Functions, body: Body, depth: string, string: 'text' | 'string' = 'text') {
    this.#functions = functions
    this.#body = body
    this.#depth = depth
    this.#string = string
  }

  /** Writes the statements that are needed and gives an expression, which must be evaluated once and before anything else is read. */
  decode(shape: Shape): string {
    return (
      this.#functions.callTable('decode', shape, 'r') ??
      this.#functions.callShared('decode', shape, 'r', this.#depth) ??
      this.decodeHere(shape)
    )
  }

  /** Whether or not others have the same shape. */
  decodeHere(shape: Shape): string {
    switch (shape.kind) {
      case 'boolean':
      case 'number':
      case 'bigint':
        return `r.${shape.kind}()`
      case 'string':
        return `r.${this.#string}()`
      case 'null':
      case 'undefined':
        return shape.kind
      case 'literal':
        return literalText(shape.literal)
      case 'literals':
        return literalAt(literalTable(shape.values))
      case 'array':
        return shape.of.kind === 'number' ? '__weave.readNumbers(r)' : this.#array(shape.of)
      case 'tuple':
        return this.#tuple(shape.elements)
      case 'object':
        return this.#object(shape)
      case 'map':
      case 'set':
        return this.#collection(shape)
      case 'date':
        return 'new Date(r.number())'
      case 'url':
        return '__weave.readUrl(r)'
      case 'regexp':
        return '__weave.readRegExp(r)'
      case 'bytes':
        return shape.type === 'Uint8Array' ? 'r.bytes()' : `__weave.readBytes(r, "${shape.type}")`
      case 'error':
        return '__weave.readError(r, __weave_errors)'
      case 'json':
        return `__weave.readJson(r, ${this.#depth})`
      case 'component':
        return `__weave.decodeReference(r, ${quote(shape.component)})`
      case 'custom':
        return `__weave.fromWire(__weave_codecs, ${quote(shape.codec)}, ${this.decode(shape.of)})`
      // Whoever carries the call puts the real one there.
      case 'signal':
      case 'stream':
        return 'true'
      case 'shared':
        return this.decode(shape.of)
      case 'union':
        return this.#union(shape)
      case 'ref':
        return this.#functions.call('decode', shape.name, 'r', this.#depth)
      case 'unsupported':
        return `r.unexpected("a value")`
    }
  }

  #array(of: Shape): string {
    const body = this.#body
    const list = body.fresh('list')
    const left = body.fresh('n')
    body.line(`const ${list} = []`)
    if (!this.#functions.facts.canBeUndefined(of)) {
      body.block(`for (let ${left} = r.count(); ${left} > 0; ${left}--)`, () => this.#item(of, list))
      return list
    }
    const marked = this.#marked()
    body.block(`for (let ${left} = ${marked} >>> 1; ${left} > 0; ${left}--)`, () => this.#item(of, list))
    body.line(`if (${marked} & 1) __weave.readHoles(r, ${list})`)
    return list
  }

  #marked(): string {
    const marked = this.#body.fresh('marked')
    this.#body.line(`const ${marked} = r.markedCount()`)
    return marked
  }

  #item(shape: Shape, list: string): void {
    this.#body.line(`${list}.push(${this.decode(shape)})`)
    if (this.#functions.facts.canBeEmpty(shape)) this.#body.line('r.uint8()')
  }

  #tuple(elements: readonly TupleElement[]): string {
    const body = this.#body
    const { before, rest, after, required } = tupleParts(elements)
    const mayHaveHoles = this.#functions.facts.mayHaveHoles(elements)
    if (required === elements.length) {
      const fixed = `[${this.#inOrder(elements.map((element) => element.shape)).join(', ')}]`
      return mayHaveHoles ? `__weave.readHoles(r, ${fixed})` : fixed
    }
    const list = body.fresh('list')
    const extra = body.fresh('n')
    body.line(`const ${list} = []`)
    const marked = mayHaveHoles ? this.#marked() : undefined
    body.line(`let ${extra} = ${marked ? `${marked} >>> 1` : 'r.count()'}`)
    if (!rest) body.line(`if (${extra} > ${elements.length - required}) r.unexpected("the length of a tuple")`)
    for (const element of before) {
      if (element.optional) {
        body.block(`if (${extra} > 0)`, () => {
          body.line(`${extra}--`)
          body.line(`${list}.push(${this.given(element.shape)})`)
        })
      } else body.line(`${list}.push(${this.decode(element.shape)})`)
    }
    if (rest) body.block(`for (; ${extra} > 0; ${extra}--)`, () => this.#item(rest.shape, list))
    for (const element of after) body.line(`${list}.push(${this.decode(element.shape)})`)
    if (marked) body.line(`if (${marked} & 1) __weave.readHoles(r, ${list})`)
    return list
  }

  /** A value that may be `undefined` beside what its shape says: an optional parameter or tuple element. */
  given(shape: Shape): string {
    const body = this.#body
    if (isExpression(shape)) return `r.boolean() ? ${this.decode(shape)} : undefined`
    const name = body.fresh('v')
    body.line(`let ${name}`)
    body.block('if (r.boolean())', () => body.line(`${name} = ${this.decode(shape)}`))
    return name
  }

  #object(shape: Extract<Shape, { kind: 'object' }>): string {
    const body = this.#body
    const { has, open } = this.#flags(shape)
    const required = shape.members.filter((member) => !member.optional)
    const read = required.filter((member) => !isFlag(member))
    const values = this.#inOrder(read.map((member) => member.shape))
    const members = required.map((member) => {
      return `${keyText(member.name)}: ${isFlag(member) ? has(member, 'value') : values[read.indexOf(member)]}`
    })
    const literal = members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
    if (required.length === shape.members.length && !shape.index) return literal
    const object = body.fresh('object')
    body.line(`const ${object} = ${literal}`)
    for (const member of shape.members) {
      if (!member.optional) continue
      body.block(`if (${has(member, 'present')})`, () => {
        const value = isFlag(member) ? has(member, 'value') : this.decode(member.shape)
        body.line(setMember(object, member.name, value))
      })
    }
    for (const { bits, names } of open) {
      body.line(`if (${bits}) __weave.setUndefined(${object}, ${bits}, [${names.map(quote).join(', ')}])`)
    }
    if (shape.index) this.#index(shape, shape.index.of, object)
    return object
  }

  /** Reads the bits before an object's members, and gives the conditions that ask them. */
  #flags(shape: Extract<Shape, { kind: 'object' }>) {
    const body = this.#body
    const flags = flagsOf(shape)
    const optional = shape.members.filter((member) => member.optional)
    const read = (count: number, prefix: string, otherwise: (read: string) => string): string[] => {
      const names: string[] = []
      for (let at = 0; at < count; at += 8) {
        const name = body.fresh(prefix)
        body.line(`const ${name} = ${otherwise(`r.flags(${2 ** Math.min(8, count - at) - 1})`)}`)
        names.push(name)
      }
      return names
    }
    const said = read(flags.length, 'f', (read) => read)
    const open = read(optional.length, 'u', (read) => `${said[0]} & 1 ? ${read} : 0`)
    const names = optional.map((member) => member.name)
    return {
      has: (member: Member, says: Flag['says']) => {
        const at = flags.findIndex((flag) => flag.member === member && flag.says === says)
        const bit = `${said[at >> 3]} & ${1 << (at & 7)}`
        return says === 'value' ? `(${bit}) !== 0` : bit
      },
      open: open.map((bits, byte) => ({ bits, names: names.slice(byte * 8, byte * 8 + 8) })),
    }
  }

  #index(shape: Extract<Shape, { kind: 'object' }>, of: Shape, object: string): void {
    const body = this.#body
    const left = body.fresh('n')
    const key = body.fresh('key')
    const marked = this.#marked()
    body.line(`if (${marked} & 1) __weave.bare(${object})`)
    body.block(`for (let ${left} = ${marked} >>> 1; ${left} > 0; ${left}--)`, () => {
      body.line(`const ${key} = r.text()`)
      const wrong = shape.members.map((member) => `${key} === ${quote(member.name)}`)
      if (shape.index?.keys) wrong.push(`!${keyTest(shape.index.keys, key)}`)
      if (wrong.length > 0) body.line(`if (${wrong.join(' || ')}) r.unexpected("a key")`)
      body.line(`__weave.setKey(${object}, ${key}, ${this.decode(of)})`)
    })
  }

  #collection(shape: Extract<Shape, { kind: 'map' | 'set' }>): string {
    const body = this.#body
    const { facts } = this.#functions
    const collection = body.fresh(shape.kind)
    const left = body.fresh('n')
    body.line(`const ${collection} = new ${shape.kind === 'map' ? 'Map' : 'Set'}()`)
    body.block(`for (let ${left} = r.count(); ${left} > 0; ${left}--)`, () => {
      if (shape.kind === 'set') {
        body.line(`${collection}.add(${this.decode(shape.of)})`)
        if (facts.canBeEmpty(shape.of)) body.line('r.uint8()')
        return
      }
      body.line(`${collection}.set(${this.#inOrder([shape.key, shape.value]).join(', ')})`)
      if (facts.canBeEmpty(shape.key) && facts.canBeEmpty(shape.value)) body.line('r.uint8()')
    })
    return collection
  }

  #union(shape: Extract<Shape, { kind: 'union' }>): string {
    const body = this.#body
    const value = body.fresh('v')
    body.line(`let ${value}`)
    body.block(`switch (r.index(${shape.members.length}))`, () => {
      for (const [index, member] of shape.members.entries()) {
        if (isExpression(member.shape)) body.line(`case ${index}: ${value} = ${this.decode(member.shape)}; break`)
        else {
          body.block(`case ${index}:`, () => {
            body.line(`${value} = ${this.decode(member.shape)}`)
            body.line('break')
          })
        }
      }
    })
    return value
  }

  /** Expressions that may stand side by side. Where one needs statements, all are read into names, so that the order holds. */
  #inOrder(shapes: readonly Shape[]): string[] {
    if (shapes.every(isExpression)) return shapes.map((shape) => this.decode(shape))
    return shapes.map((shape) => {
      const expression = this.decode(shape)
      if (/^\w+$/.test(expression)) return expression
      const name = this.#body.fresh('v')
      this.#body.line(`const ${name} = ${expression}`)
      return name
    })
  }
}

function literalAt(table: readonly string[]): string {
  return `[${table.join(', ')}][r.index(${table.length})]`
}

/** `decode` writes no statements for it. */
function isExpression(shape: Shape): boolean {
  switch (shape.kind) {
    case 'array':
      return shape.of.kind === 'number'
    case 'map':
    case 'set':
    case 'union':
      return false
    case 'tuple':
      return shape.elements.every((element) => !element.optional && !element.rest && isExpression(element.shape))
    case 'object':
      return (
        !shape.index &&
        shape.members.every((member) => !member.optional && !isFlag(member) && isExpression(member.shape))
      )
    case 'shared':
    case 'custom':
      return isExpression(shape.of)
    default:
      return true
  }
}
