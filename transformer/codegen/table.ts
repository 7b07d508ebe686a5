/**
 * Shapes → the lines of the application's table of types, in the notation that runtime/codec/table/text.ts reads: a line for
 * each definition, in order of their names, then one for each shape without a name that generated code or several lines refer to.
 * The same shapes, asked for in the same order, give the same lines.
 */
import { inner } from '../../runtime/codec/traits.ts'
import type { Definitions, Literal, Member, Shape, Test } from '../../runtime/shape.ts'
import type { Parameter } from '../model.ts'

/** In characters: a shorter shape is repeated; a line of its own and the numbers that lead there take as much. */
const LINE_LENGTH_MIN = 12

const LETTERS: Partial<Record<Shape['kind'], string>> = {
  boolean: 'b',
  number: 'n',
  bigint: 'i',
  string: 's',
  null: 'z',
  undefined: 'u',
  date: 'd',
  url: 'l',
  regexp: 'x',
  error: 'e',
  signal: 'S',
}

export interface TableFacts {
  isRecursive(name: string): boolean
  needsCopy(shape: Shape): boolean
}

export class Table {
  readonly #definitions: Definitions
  readonly #facts: TableFacts
  readonly #numbers = new Map<string, number>()
  /** The whole text of a shape without a name → the number of its line. */
  readonly #lines = new Map<string, number>()
  readonly #unnamed: Shape[] = []
  readonly #whole = new WeakMap<Shape, string>()

  /** `names`: the definitions that get lines. */
  constructor(definitions: Definitions, names: readonly string[], facts: TableFacts) {
    this.#definitions = definitions
    this.#facts = facts
    for (const [index, name] of names.entries()) this.#numbers.set(name, index)
    const met = new Map<string, Shape>()
    const shared = new Map<string, Shape>()
    const pending = names.flatMap((name) => inner(definitions[name]!))
    for (let shape = pending.pop(); shape !== undefined; shape = pending.pop()) {
      const text = this.#textOf(shape)
      if (text.length < LINE_LENGTH_MIN || shape.kind === 'literal') continue
      if (met.has(text)) shared.set(text, shape)
      else {
        met.set(text, shape)
        pending.push(...inner(shape))
      }
    }
    for (const text of [...shared.keys()].sort()) this.#add(text, shared.get(text)!)
  }

  #add(text: string, shape: Shape): number {
    const number = this.#numbers.size + this.#unnamed.length
    this.#unnamed.push(shape)
    this.#lines.set(text, number)
    return number
  }

  /** The number of its line, which it gets if it has none. */
  numberOf(shape: Shape): number {
    if (shape.kind === 'ref') return this.#number(shape.name)
    const text = this.#textOf(shape)
    return this.#lines.get(text) ?? this.#add(text, shape)
  }

  #number(name: string): number {
    const number = this.#numbers.get(name)
    if (number === undefined) throw new Error(`The table of types has no line for '${name}'; this is a bug of weavets.`)
    return number
  }

  /** A shape as a part of a line: with numbers for what has lines. */
  text(shape: Shape): string {
    return this.#part(shape)
  }

  /** `id:s note?s more<12`. */
  parameters(parameters: readonly Parameter[]): string {
    return parameters
      .map(
        ({ name: own, shape, optional, rest }) =>
          `${name(own)}${rest ? '<' : optional ? '?' : ':'}${this.#part(shape)}`,
      )
      .join(' ')
  }

  /** So many lines are those of definitions. */
  get named(): number {
    return this.#numbers.size
  }

  #part(shape: Shape): string {
    if (shape.kind === 'ref') return String(this.#number(shape.name))
    const number = this.#lines.get(this.#textOf(shape))
    return number === undefined ? this.#write(shape, (part) => this.#part(part)) : String(number)
  }

  /**
   * All lines; those of names begin with the name, whether the type is recursive (`@`), and whether values are copied (`=`) or passed as
   * they are (`-`).
   */
  lines(): string[] {
    const named = [...this.#numbers.keys()].map((name) => {
      const mark = `${this.#facts.isRecursive(name) ? '@' : ''}${this.#facts.needsCopy({ kind: 'ref', name }) ? '=' : '-'}`
      return `${/^[^\s']+$/.test(name) ? name : string(name)} ${mark}${this.#inside(this.#definitions[name]!)}`
    })
    return [...named, ...this.#unnamed.map((shape) => this.#inside(shape))]
  }

  #inside(shape: Shape): string {
    return this.#write(shape, (part) => this.#part(part))
  }

  /** With all that it holds written out, as far as it has no name. */
  #textOf(shape: Shape): string {
    let text = this.#whole.get(shape)
    if (text === undefined) {
      text = this.#write(shape, (part) => this.#textOf(part))
      this.#whole.set(shape, text)
    }
    return text
  }

  #write(shape: Shape, part: (shape: Shape) => string): string {
    const letter = LETTERS[shape.kind]
    if (letter !== undefined) return letter
    switch (shape.kind) {
      case 'json':
        return shape.mutable ? 'J' : 'j'
      case 'literal':
        return literal(shape.literal)
      case 'literals':
        return `(${shape.values.map(literal).join('')})`
      case 'array':
        return (shape.readonly ? 'A' : 'a') + part(shape.of)
      case 'set':
        return (shape.readonly ? 'C' : 'c') + part(shape.of)
      case 'map':
        return (shape.readonly ? 'M' : 'm') + apart([part(shape.key), part(shape.value)])
      case 'tuple': {
        const elements = shape.elements.map((each) => {
          return `${each.optional ? '?' : each.rest ? '<' : ''}${part(each.shape)}`
        })
        return `${shape.readonly ? 'T' : 't'}${apart(elements)})`
      }
      case 'object': {
        const members = shape.members.map((each) => `${name(each.name)}${mark(each)}${part(each.shape)}`)
        if (shape.index) {
          const keys = shape.index.keys ? `(${shape.index.keys.map(string).join('')})` : ''
          members.push(`*${keys}${shape.index.readonly ? '!' : ':'}${part(shape.index.of)}`)
        }
        return `{${shape.omitted ? '~' : ''}${members.join(' ')}}`
      }
      case 'union':
        return `[${shape.members.map((each) => testText(each.test) + part(each.shape)).join('')}]`
      case 'shared':
        return `h${part(shape.of)}`
      case 'stream':
        return `r${part(shape.of)}`
      case 'custom':
        return (shape.tells ? 'K' : 'k') + string(shape.codec) + part(shape.of)
      case 'component':
        return `o${string(shape.component)}`
      case 'bytes':
        return `y${shape.type};`
      case 'ref':
        return String(this.#number(shape.name))
      default:
        return `U${string(JSON.stringify(shape))}`
    }
  }
}

function testText(test: Test): string {
  switch (test.by) {
    case 'kind':
      return '|'
    case 'else':
      return '_'
    case 'match':
      return '~'
    case 'property':
      return `.${name(test.property)}:`
    case 'literal':
      return `=${name(test.property)}(${test.values.map(literal).join('')}):`
  }
}

function literal(value: Literal): string {
  switch (value.type) {
    case 'boolean':
      return value.value ? '+' : '-'
    case 'number':
      return `#${Object.is(value.value, -0) ? '-0' : value.value};`
    case 'bigint':
      return `%${value.value};`
    case 'string':
      return string(value.value)
  }
}

function mark({ optional, readonly }: Member): string {
  return optional ? (readonly ? '&' : '?') : readonly ? '!' : ':'
}

const name = (text: string): string => (/^[\w$]+$/.test(text) ? text : string(text))

function string(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", '\\u0027')}'`
}

/** Two numbers side by side would read as one. */
function apart(texts: readonly string[]): string {
  return texts.reduce((all, text) => (/\d$/.test(all) && /^\d/.test(text) ? `${all} ${text}` : all + text), '')
}
