/**
 * The types of an application, as generated code holds them: a list of lines in the notation of text.ts. In goes the number of a line
 * or a name, out comes its shape, read when it is first asked for. `definitions` is the same as a record, for whoever explains a
 * bad value, checks a config or compares a value with all members of a union.
 */
import type { ErrorDescriptor } from '../../boundary.ts'
import type { Definitions, Shape } from '../../shape.ts'
import type { Codecs } from '../custom.ts'
import { inner, isMutable } from '../traits.ts'
import type { Resolve } from '../union.ts'
import { readShape } from './text.ts'

export interface TypesText {
  /** So many lines are those of named types: `name =`, copied between co-located components, or `name -`, not; with `@`, recursive. */
  readonly named: number
  readonly lines: readonly string[]
  readonly errors: () => readonly ErrorDescriptor[]
  readonly codecs?: Codecs
}

export interface NamedType {
  readonly shape: Shape
  readonly copied: boolean
  /** A value of it may hold another one. */
  readonly recursive: boolean
}

interface Head {
  readonly name: string
  readonly copied: boolean
  readonly recursive: boolean
  readonly text: string
}

const HEAD = /^(?:'((?:[^'\\]|\\.)*)'|(\S+)) (@?)([=-])/

export class Types {
  readonly text: TypesText
  readonly definitions: Definitions = Object.create(null)
  readonly #heads: Head[] = []
  readonly #numbers = new Map<string, number>()
  /** By line. */
  readonly #shapes: (Shape | undefined)[] = []

  constructor(text: TypesText) {
    this.text = text
    for (let line = 0; line < text.named; line++) {
      const head = headOf(text.lines[line]!)
      this.#heads.push(head)
      this.#numbers.set(head.name, line)
      const get = (): Shape => {
        const value = this.named(head.name).shape
        Object.defineProperty(this.definitions, head.name, { value, enumerable: true })
        return value
      }
      Object.defineProperty(this.definitions, head.name, { get, enumerable: true, configurable: true })
    }
  }

  named(name: string): NamedType {
    const line = this.#numbers.get(name)
    if (line === undefined)
      throw new Error(`No line of the table of types is that of '${name}'; this is a bug of weavets.`)
    const { copied, recursive, text } = this.#heads[line]!
    return { shape: this.#read(line, text), copied, recursive }
  }

  /** What a number stands for: a named type as a reference. */
  shape(line: number): Shape {
    const head = this.#heads[line]
    return head ? { kind: 'ref', name: head.name } : this.#read(line, this.text.lines[line]!)
  }

  #read(line: number, text: string): Shape {
    this.#shapes[line] ??= readShape(text, (number) => this.shape(number))
    return this.#shapes[line]
  }

  readonly resolve: Resolve = (shape) => {
    let current = shape
    while (current.kind === 'ref' || current.kind === 'shared') {
      current = current.kind === 'ref' ? this.named(current.name).shape : current.of
    }
    return current
  }

  /** Caller and callee could see each other's changes if they held the same value (Facts.needsCopy of the code generator). */
  needsCopy(shape: Shape): boolean {
    return isMutable(shape) || this.#refersToCopied(shape)
  }

  #refersToCopied(shape: Shape): boolean {
    if (shape.kind === 'shared') return false
    if (shape.kind === 'ref') return this.named(shape.name).copied
    return inner(shape).some((part) => this.#refersToCopied(part))
  }
}

function headOf(line: string): Head {
  const found = HEAD.exec(line)
  if (!found)
    throw new Error(`A line of the table of types, "${line.slice(0, 80)}", has no name; this is a bug of weavets.`)
  const [all, quoted, plain, recursive, copied] = found
  const name = plain ?? (JSON.parse(`"${quoted!.replaceAll('"', '\\"')}"`) as string)
  return { name, recursive: recursive === '@', copied: copied === '=', text: line.slice(all.length) }
}

const read = new WeakMap<() => TypesText, Types>()

/** The same for the same generated function. */
export function typesOf(text: () => TypesText): Types {
  let types = read.get(text)
  if (types === undefined) {
    types = new Types(text())
    read.set(text, types)
  }
  return types
}
