/**
 * Shape → statements that check a value and write it to `w` (runtime/codec/writer.ts). What is written, for a reader of
 * bytes: no tags and no names, members in canonical order, first bits that say booleans and what is there, then required members, then
 * the others; see `decode.ts`, which mirrors this file line by line. A value that doesn't fit makes the statements throw a `Mismatch`.
 */
import { type Flag, flagsOf, isFlag, tupleParts } from '../../runtime/codec/traits.ts'
import type { Literal, Member, Shape, TupleElement, UnionMember } from '../../runtime/shape.ts'
import type { Body } from './emit.ts'
import type { Functions } from './functions.ts'
import { hasMember, keyTest, literalTable, literalText, objectCheck, quote, readMember } from './names.ts'
import { choices, fitVariable, isKnown, type Known, labels, tagOf } from './union.ts'

export class Encoder {
  readonly #functions: Functions
  readonly #body: Body
  readonly #depth: string
  readonly #string: 'text' | 'string'

  /** `string`: what a string is written by; `text` in a message that was opened. */
  constructor(functions: Functions, body: Body, depth: string, string: 'text' | 'string' = 'text') {
    this.#functions = functions
    this.#body = body
    this.#depth = depth
    this.#string = string
  }

  /** `value` is an expression; the statements evaluate it once. */
  encode(shape: Shape, value: string, known?: Known): void {
    const shared =
      this.#functions.callTable('encode', shape, `w, ${value}`) ??
      this.#functions.callShared('encode', shape, `w, ${value}`, this.#depth)
    if (shared === undefined) this.encodeHere(shape, value, known)
    else this.#body.line(shared)
  }

  /** Whether or not others have the same shape. */
  encodeHere(shape: Shape, value: string, known?: Known): void {
    const body = this.#body
    switch (shape.kind) {
      case 'boolean':
      case 'number':
      case 'bigint':
        body.line(`w.${shape.kind}(${value})`)
        return
      case 'string':
        body.line(`w.${this.#string}(${value})`)
        return
      case 'null':
      case 'undefined':
        body.line(`if (${value} !== ${shape.kind}) __weave.mismatch()`)
        return
      case 'literal':
        body.line(`if (${value} !== ${literalText(shape.literal)}) __weave.mismatch()`)
        return
      case 'literals':
        this.#literals(shape.values, value)
        return
      case 'array':
        if (shape.of.kind === 'number') body.line(`__weave.writeNumbers(w, ${value})`)
        else this.#array(shape.of, value)
        return
      case 'tuple':
        this.#tuple(shape.elements, value)
        return
      case 'object':
        this.#object(shape, value, known)
        return
      case 'map':
      case 'set':
        this.#collection(shape, value)
        return
      case 'date':
        body.line(`w.number(__weave.timeOf(${value}))`)
        return
      case 'url':
        body.line(`w.text(__weave.hrefOf(${value}))`)
        return
      case 'regexp':
        body.line(`__weave.writeRegExp(w, ${value})`)
        return
      case 'bytes':
        body.line(`w.bytes(__weave.bytesOf(${value}, "${shape.type}"))`)
        return
      case 'error':
        body.line(`__weave.writeError(w, ${value}, __weave_errors)`)
        return
      case 'json':
        body.line(`__weave.writeJson(w, ${value}, ${this.#depth})`)
        return
      case 'component':
        body.line(`__weave.encodeReference(w, ${value}, ${quote(shape.component)})`)
        return
      case 'custom':
        this.encode(shape.of, body.once(`__weave.toWire(__weave_codecs, ${quote(shape.codec)}, ${value})`, 'wire'))
        return
      case 'signal':
        body.line(`if (!__weave.isSignal(${value})) __weave.mismatch()`)
        return
      case 'stream':
        body.line(`if (!__weave.isStream(${value})) __weave.mismatch()`)
        return
      case 'shared':
        this.encode(shape.of, value)
        return
      case 'union':
        this.#union(shape, value)
        return
      case 'ref':
        body.line(this.#functions.call('encode', shape.name, `w, ${value}`, this.#depth))
        return
      case 'unsupported':
        body.line('__weave.mismatch()')
        return
    }
  }

  #literals(values: readonly Literal[], value: string): void {
    const name = this.#body.once(value, 'v')
    const table = literalTable(values)
    const is = (text: string) => (text === '-0' ? `Object.is(${name}, -0)` : `${name} === ${text}`)
    const index = table
      .map((text, index) => ({ text, index }))
      // Before the other zero, which it equals.
      .sort((a, b) => Number(b.text === '-0') - Number(a.text === '-0'))
      .map(({ text, index }) => `${is(text)} ? ${index} : `)
    this.#body.line(`w.index(${index.join('')}__weave.mismatch(), ${table.length})`)
  }

  #array(of: Shape, value: string): void {
    const body = this.#body
    const list = body.once(value, 'v')
    const count = body.fresh('n')
    const index = body.fresh('i')
    const holes = this.#functions.facts.canBeUndefined(of) ? this.#holes(`__weave.array(${list})`) : undefined
    body.line(`const ${count} = ${holes ? `${list}.length` : `w.list(${list})`}`)
    if (holes) body.line(`w.markedCount(${count}, ${holes} !== undefined)`)
    body.block(`for (let ${index} = 0; ${index} < ${count}; ${index}++)`, () => {
      this.#item(of, `${list}[${index}]`)
    })
    if (holes) body.line(`if (${holes} !== undefined) __weave.writeHoles(w, ${holes})`)
  }

  /** Names what holes a list has. */
  #holes(list: string): string {
    const holes = this.#body.fresh('holes')
    this.#body.line(`const ${holes} = __weave.holesOf(${list})`)
    return holes
  }

  /** An item of a list; one that may take no bytes is given one, because the reader trusts no count that isn't paid for. */
  #item(shape: Shape, value: string): void {
    this.encode(shape, value)
    if (this.#functions.facts.canBeEmpty(shape)) this.#body.line('w.uint8(0)')
  }

  /** Fixed elements; or the count beyond the required ones, then the elements. Holes last, where there may be any. */
  #tuple(elements: readonly TupleElement[], value: string): void {
    const body = this.#body
    const list = body.once(value, 'v')
    const { before, rest, after, required } = tupleParts(elements)
    if (required === elements.length) {
      body.line(`if (!Array.isArray(${list}) || ${list}.length !== ${required}) __weave.mismatch()`)
      for (const [index, element] of elements.entries()) this.encode(element.shape, `${list}[${index}]`)
      if (this.#functions.facts.mayHaveHoles(elements)) body.line(`__weave.writeHoles(w, __weave.holesOf(${list}))`)
      return
    }
    const count = body.fresh('n')
    const beyond = rest ? '' : ` || ${list}.length > ${elements.length}`
    body.line(`if (!Array.isArray(${list}) || ${list}.length < ${required}${beyond}) __weave.mismatch()`)
    body.line(`const ${count} = ${list}.length`)
    const holes = this.#functions.facts.mayHaveHoles(elements) ? this.#holes(list) : undefined
    body.line(
      holes ? `w.markedCount(${count} - ${required}, ${holes} !== undefined)` : `w.varint(${count} - ${required})`,
    )
    for (const [index, element] of before.entries()) {
      if (element.optional) {
        body.block(`if (${count} > ${index})`, () => this.#given(element.shape, `${list}[${index}]`))
      } else this.encode(element.shape, `${list}[${index}]`)
    }
    if (rest) {
      const index = body.fresh('i')
      const end = after.length === 0 ? count : `${count} - ${after.length}`
      body.block(`for (let ${index} = ${before.length}; ${index} < ${end}; ${index}++)`, () => {
        this.#item(rest.shape, `${list}[${index}]`)
      })
    }
    for (const [index, element] of after.entries()) {
      this.encode(element.shape, `${list}[${count} - ${after.length - index}]`)
    }
    if (holes) body.line(`if (${holes} !== undefined) __weave.writeHoles(w, ${holes})`)
  }

  /** A value that may be `undefined` beside what its shape says: an optional parameter or tuple element. */
  given(shape: Shape, value: string): void {
    this.#given(shape, value)
  }

  #given(shape: Shape, value: string): void {
    const body = this.#body
    const name = body.once(value, 'v')
    body.line(`w.boolean(${name} !== undefined)`)
    body.block(`if (${name} !== undefined)`, () => this.encode(shape, name))
  }

  #object(shape: Extract<Shape, { kind: 'object' }>, value: string, known: Known | undefined): void {
    const body = this.#body
    const object = body.once(value, 'v')
    const test = this.#functions.facts.objectTest(shape)
    if (known === undefined || test.record) body.line(objectCheck(object, test))
    const read = this.#flags(shape, object)
    const required = shape.members.filter((each) => !isKnown(each, known) && !each.optional && !isFlag(each))
    for (let at = 0; at < required.length; ) {
      const texts = this.#texts(required, at)
      const values = required.slice(at, at + Math.max(1, texts)).map(({ name }) => readMember(object, name))
      if (texts > 1) body.line(`w.text${texts}(${values.join(', ')})`)
      else this.encode(required[at]!.shape, values[0]!)
      at += values.length
    }
    for (const member of shape.members) {
      if (!member.optional || isFlag(member)) continue
      const name = read.get(member)!
      body.block(`if (${name} !== undefined)`, () => this.encode(member.shape, name))
    }
    if (shape.index) this.#index(shape, shape.index.of, object)
  }

  /** How many members from `start` on are strings that are written at once. */
  #texts(members: readonly Member[], start: number): number {
    if (this.#string !== 'text') return 0
    let at = start
    while (at < members.length && at < start + TEXTS_MAX && members[at]!.shape.kind === 'string') at++
    return at - start
  }

  /** The bits before an object's members (flagsOf of codec/traits.ts). Gives the names of the members that were read for them. */
  #flags(shape: Extract<Shape, { kind: 'object' }>, object: string): ReadonlyMap<Member, string> {
    const body = this.#body
    const flags = flagsOf(shape)
    const optional = shape.members.filter((member) => member.optional)
    const read = new Map<Member, string>()
    const said = bytesOf(flags).map(() => body.fresh('f'))
    const open = bytesOf(optional).map(() => body.fresh('u'))
    for (const name of [...said, ...open]) body.line(`let ${name} = 0`)
    const set = (member: Member, says: Flag['says']) =>
      bitOf(
        flags.findIndex((flag) => flag.member === member && flag.says === says),
        said,
      )
    for (const member of shape.members) {
      if (!member.optional && !isFlag(member)) continue
      const name = body.once(readMember(object, member.name), 'v')
      read.set(member, name)
      const undefinedOr = member.optional
        ? `if (${hasMember(object, member.name)}) ${bitOf(optional.indexOf(member), open)}`
        : ''
      if (!isFlag(member)) body.line(`if (${name} !== undefined) ${set(member, 'present')}; else ${undefinedOr}`)
      else if (!member.optional) {
        body.line(`if (${name} === true) ${set(member, 'value')}; else if (${name} !== false) __weave.mismatch()`)
      } else {
        body.block(`if (${name} === true || ${name} === false)`, () => {
          body.line(set(member, 'present'))
          body.line(`if (${name}) ${set(member, 'value')}`)
        })
        body.append(` else if (${name} !== undefined) __weave.mismatch(); else ${undefinedOr}`)
      }
    }
    if (open.length > 0) body.line(`if (${sum(open)} !== 0) ${said[0]} |= 1`)
    for (const name of said) body.line(`w.uint8(${name})`)
    if (open.length > 0) {
      body.block(`if (${sum(open)} !== 0)`, () => {
        for (const name of open) body.line(`w.uint8(${name})`)
      })
    }
    return read
  }

  #index(shape: Extract<Shape, { kind: 'object' }>, of: Shape, object: string): void {
    const body = this.#body
    const keys = body.fresh('k')
    const key = body.fresh('key')
    const included = shape.members.map((member) => `key !== ${quote(member.name)}`)
    if (shape.index?.keys) included.push(keyTest(shape.index.keys, 'key'))
    const filter = included.length === 0 ? '' : `.filter((key) => ${included.join(' && ')})`
    body.line(`const ${keys} = Object.keys(${object})${filter}`)
    body.line(`w.markedCount(${keys}.length, Object.getPrototypeOf(${object}) === null)`)
    body.block(`for (const ${key} of ${keys})`, () => {
      body.line(`w.text(${key})`)
      this.encode(of, `${object}[${key}]`)
    })
  }

  #collection(shape: Extract<Shape, { kind: 'map' | 'set' }>, value: string): void {
    const body = this.#body
    const collection = body.once(`__weave.${shape.kind}(${value})`, 'v')
    const left = body.fresh('n')
    const item = body.fresh('item')
    body.line(`let ${left} = ${collection}.size`)
    body.line(`w.varint(${left})`)
    body.block(`for (const ${item} of ${collection})`, () => {
      body.line(`${left}--`)
      if (shape.kind === 'set') return this.#item(shape.of, item)
      this.encode(shape.key, `${item}[0]`)
      this.encode(shape.value, `${item}[1]`)
      const { facts } = this.#functions
      if (facts.canBeEmpty(shape.key) && facts.canBeEmpty(shape.value)) body.line('w.uint8(0)')
    })
    body.line(`if (${left} !== 0) __weave.mismatch()`)
  }

  #union(shape: Extract<Shape, { kind: 'union' }>, value: string): void {
    const body = this.#body
    const name = body.once(value, 'v')
    const tag = tagOf(shape.members)
    if (tag !== undefined) {
      this.#tagged(shape.members, name, tag)
      return
    }
    const fit = fitVariable(shape.members, body)
    for (const [at, choice] of choices(shape.members, name, this.#functions, fit).entries()) {
      const fill = () => {
        if (choice.ambiguous) body.line(`if (${choice.ambiguous}) __weave.mismatch()`)
        body.line(`w.index(${choice.index}, ${shape.members.length})`)
        if (!choiceSaysAll(choice.shape)) this.encode(choice.shape, name, {})
      }
      if (at === 0) body.block(`if (${choice.condition})`, fill)
      else body.follow(`else if (${choice.condition})`, fill)
    }
    body.append(' else __weave.mismatch()')
  }

  #tagged(members: readonly UnionMember[], name: string, property: string): void {
    const body = this.#body
    body.line(`__weave.object(${name})`)
    body.block(`switch (${readMember(name, property)})`, () => {
      for (const [index, member] of members.entries()) {
        body.block(labels(member), () => {
          body.line(`w.index(${index}, ${members.length})`)
          this.encode(member.shape, name, { property })
          body.line('break')
        })
      }
      body.line('default: __weave.mismatch()')
    })
  }
}

/** `Writer.text2`, `text3`. */
const TEXTS_MAX = 3

const sum = (names: readonly string[]): string => (names.length === 1 ? names[0]! : `(${names.join(' | ')})`)

const bitOf = (position: number, bytes: readonly string[]): string =>
  `${bytes[position >> 3]} |= ${1 << (position & 7)}`

/** One element for each byte that the flags take. */
function bytesOf(flags: readonly unknown[]): number[] {
  return Array.from({ length: Math.ceil(flags.length / 8) }, (_, byte) => byte)
}

/** Nothing is left to check or write once the union's member is known. */
function choiceSaysAll(shape: Shape): boolean {
  return shape.kind === 'null' || shape.kind === 'undefined' || shape.kind === 'literal'
}
