/**
 * The text that generated code holds of a shape → the shape. Every type that crosses is in there once, for explaining bad values
 * and for the codecs of table/*, so a letter counts; still, a line can be read:
 *
 *     {at:d note?s lines!a12 next&[|z_12]}   { at: Date, note?: string, readonly lines: X[], readonly next?: null | X }, X being line 12
 *
 * transformer/codegen/table.ts writes it, from the same build: what doesn't parse is a bug, and no attack.
 *
 * | written            | shape                                        | written           | shape                             |
 * | ------------------ | -------------------------------------------- | ----------------- | --------------------------------- |
 * | `b n i s`          | boolean, number, bigint, string              | `{name:T …}`      | object; `?` for `:` is optional,  |
 * | `z u`              | null, undefined                              |                   | `!` readonly, `&` both            |
 * | `d l x e`          | Date, URL, RegExp, Error                     | `{… *:T}`         | index signature, `!` readonly;    |
 * | `j J`              | Json; the same, mutable                      |                   | `*('…'):T` with patterns of keys  |
 * | `'…'` `#1;` `%1;`  | literals: string, number, bigint             | `{~…}`            | with members left out             |
 * | `+ -`              | literals: true, false                        | `[…]`             | union; before each member its     |
 * | `(…)`              | several literals                             |                   | test: <code>&#124;</code> kind, `_` else, `~` match, |
 * | `aT rT hT`         | array, stream, Shared                        |                   | `.name:` property, `=name(…):` literal |
 * | `tT?T<T)`          | tuple; `?` before optional, `<` before rest  | `o'…'`            | a component                       |
 * | `mKV cT`           | Map, Set                                     | `k'…'T` `K'…'T`   | a codec of the user's; it tells   |
 * | `A T M C`          | the readonly ones of `a t m c`               | `yBuffer;` `S`    | bytes, AbortSignal                |
 * | `12`               | what line 12 holds                           | `U'…'`            | unsupported, as JSON              |
 */
import type { ParameterShape } from '../../boundary.ts'
import type { BytesKind, Index, Literal, Member, Shape, Test, TupleElement, UnionMember } from '../../shape.ts'

const SIMPLE: Readonly<Record<string, Shape>> = {
  b: { kind: 'boolean' },
  n: { kind: 'number' },
  i: { kind: 'bigint' },
  s: { kind: 'string' },
  z: { kind: 'null' },
  u: { kind: 'undefined' },
  d: { kind: 'date' },
  l: { kind: 'url' },
  x: { kind: 'regexp' },
  e: { kind: 'error' },
  j: { kind: 'json' },
  J: { kind: 'json', mutable: true },
  S: { kind: 'signal' },
}
const LITERALS = "'#%+-"

/** `line`: the shape for the number of a line. */
export function readShape(text: string, line: (number: number) => Shape): Shape {
  return new Text(text, line).shape()
}

/** Of a method: `id:s note?s more<12`, `?` for an optional one and `<` for one that stands for all the others. */
export function readParameters(text: string, line: (number: number) => Shape): ParameterShape[] {
  return new Text(text, line).parameters()
}

class Text {
  readonly #text: string
  readonly #line: (number: number) => Shape
  #at = 0

  constructor(text: string, line: (number: number) => Shape) {
    this.#text = text
    this.#line = line
  }

  /** Whether `character` comes next; if so, goes on behind it. */
  #is(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found === undefined)
      throw new Error(
        `The text of a shape, "${this.#text.slice(0, 80)}", is wrong at ${this.#at}; this is a bug of weavets.`,
      )
    this.#at += found.length
    return found
  }

  /** Up to the next semicolon, which goes too. */
  #upTo(): string {
    return this.#match(/[^;]*;/y).slice(0, -1)
  }

  #string(): string {
    const inside = this.#match(/'(?:[^'\\]|\\.)*'/y).slice(1, -1)
    return JSON.parse(`"${inside.replaceAll('"', '\\"')}"`)
  }

  #name(): string {
    return this.#text[this.#at] === "'" ? this.#string() : this.#match(/[\w$]+/y)
  }

  shape(): Shape {
    // Between two numbers.
    this.#is(' ')
    const first = this.#text[this.#at]!
    if (first >= '0' && first <= '9') return this.#line(Number(this.#match(/\d+/y)))
    if (LITERALS.includes(first)) return { kind: 'literal', literal: this.#literal() }
    this.#at++
    return SIMPLE[first] ?? this.#compound(first)
  }

  parameters(): ParameterShape[] {
    const parameters: ParameterShape[] = []
    while (this.#at < this.#text.length) {
      const name = this.#name()
      const mark = this.#match(/[:?<]/y)
      parameters.push({
        name,
        shape: this.shape(),
        ...(mark === '?' ? { optional: true } : {}),
        ...(mark === '<' ? { rest: true } : {}),
      })
      this.#is(' ')
    }
    return parameters
  }

  #compound(first: string): Shape {
    const lower = first.toLowerCase()
    const readonly = first === lower ? {} : ({ readonly: true } as const)
    switch (lower) {
      case '(':
        return { kind: 'literals', values: this.#literals() }
      case '{':
        return this.#object()
      case '[':
        return { kind: 'union', members: this.#until(']', () => this.#member()) }
      case 'a':
        return { kind: 'array', of: this.shape(), ...readonly }
      case 'c':
        return { kind: 'set', of: this.shape(), ...readonly }
      case 'm':
        return { kind: 'map', key: this.shape(), value: this.shape(), ...readonly }
      case 't':
        return { kind: 'tuple', elements: this.#until(')', () => this.#element()), ...readonly }
      case 'h':
        return { kind: 'shared', of: this.shape() }
      case 'r':
        return { kind: 'stream', of: this.shape() }
      case 'o':
        return { kind: 'component', component: this.#string() }
      case 'y':
        return { kind: 'bytes', type: this.#upTo() as BytesKind }
      case 'k': {
        const codec = this.#string()
        return { kind: 'custom', codec, of: this.shape(), ...(first === 'K' ? { tells: true } : {}) }
      }
      default:
        return JSON.parse(this.#string())
    }
  }

  #until<T>(end: string, each: () => T): T[] {
    const list: T[] = []
    while (!this.#is(end)) list.push(each())
    return list
  }

  #literal(): Literal {
    if (this.#is('+')) return { type: 'boolean', value: true }
    if (this.#is('-')) return { type: 'boolean', value: false }
    if (this.#is('#')) return { type: 'number', value: Number(this.#upTo()) }
    if (this.#is('%')) return { type: 'bigint', value: this.#upTo() }
    return { type: 'string', value: this.#string() }
  }

  #literals(): Literal[] {
    return this.#until(')', () => this.#literal())
  }

  #element(): TupleElement {
    const more = this.#is('?') ? { optional: true as const } : this.#is('<') ? { rest: true as const } : {}
    return { shape: this.shape(), ...more }
  }

  #object(): Shape {
    const omitted = this.#is('~')
    const members: Member[] = []
    let index: Index | undefined
    while (!this.#is('}')) {
      if (this.#is('*')) index = this.#index()
      else members.push(this.#objectMember())
      this.#is(' ')
    }
    return { kind: 'object', members, ...(index && { index }), ...(omitted && { omitted }) }
  }

  #objectMember(): Member {
    const name = this.#name()
    const mark = this.#match(/[:?!&]/y)
    return {
      name,
      shape: this.shape(),
      ...(mark === '?' || mark === '&' ? { optional: true } : {}),
      ...(mark === '!' || mark === '&' ? { readonly: true } : {}),
    }
  }

  #index(): Index {
    const keys = this.#is('(') ? { keys: this.#until(')', () => this.#string()) } : {}
    const readonly = this.#match(/[:!]/y) === '!' ? { readonly: true as const } : {}
    return { of: this.shape(), ...keys, ...readonly }
  }

  #member(): UnionMember {
    return { test: this.#test(), shape: this.shape() }
  }

  #test(): Test {
    switch (this.#match(/[|_~.=]/y)) {
      case '|':
        return { by: 'kind' }
      case '_':
        return { by: 'else' }
      case '~':
        return { by: 'match' }
      case '.': {
        const property = this.#name()
        this.#is(':')
        return { by: 'property', property }
      }
      default: {
        const property = this.#name()
        this.#is('(')
        const values = this.#literals()
        this.#is(':')
        return { by: 'literal', property, values }
      }
    }
  }
}
