/**
 * For generated code: the codecs of types that are too large for functions of their own, by the number of their line in the
 * application's table of types. Functions are made of a line when it is first used, and kept with the table.
 */
import type { MethodShapes } from '../../boundary.ts'
import type { Definitions, Shape } from '../../shape.ts'
import type { Reader } from '../reader.ts'
import type { Writer } from '../writer.ts'
import { Copiers, type Copy } from './copy.ts'
import { type Decode, Decoders } from './decode.ts'
import { type Encode, Encoders } from './encode.ts'
import { readParameters, readShape } from './text.ts'
import { type TypesText, typesOf } from './types.ts'

class Codecs {
  readonly #text: () => TypesText
  readonly #encoders: Encoders
  readonly #decoders: Decoders
  readonly #copiers: Copiers
  readonly encodes: (Encode | undefined)[] = []
  readonly decodes: (Decode | undefined)[] = []
  readonly copies: (Copy | undefined)[] = []

  constructor(text: () => TypesText) {
    this.#text = text
    const types = typesOf(text)
    this.#encoders = new Encoders(types)
    this.#decoders = new Decoders(types)
    this.#copiers = new Copiers(types)
  }

  #shape(line: number): Shape {
    return typesOf(this.#text).shape(line)
  }

  encode(line: number): Encode {
    this.encodes[line] ??= this.#encoders.of(this.#shape(line))
    return this.encodes[line]
  }

  decode(line: number): Decode {
    this.decodes[line] ??= this.#decoders.of(this.#shape(line))
    return this.decodes[line]
  }

  copy(line: number): Copy {
    this.copies[line] ??= this.#copiers.of(this.#shape(line))
    return this.copies[line]
  }
}

const made = new WeakMap<() => TypesText, Codecs>()

function codecsOf(text: () => TypesText): Codecs {
  let codecs = made.get(text)
  if (codecs === undefined) {
    codecs = new Codecs(text)
    made.set(text, codecs)
  }
  return codecs
}

export function tableEncode(text: () => TypesText, line: number, writer: Writer, value: unknown): void {
  codecsOf(text).encode(line)(writer, value, 0)
}

export function tableDecode(text: () => TypesText, line: number, reader: Reader): unknown {
  return codecsOf(text).decode(line)(reader, 0)
}

export function tableCopy(text: () => TypesText, line: number, value: unknown): unknown {
  return codecsOf(text).copy(line)(value, 0)
}

/** All named types, each read when it is first asked for. */
export function definitionsOf(text: () => TypesText): Definitions {
  return typesOf(text).definitions
}

/** The shapes of a method, of which nobody asks but whoever explains a bad value. */
export function shapes(text: () => TypesText, parameters: string, result: string): MethodShapes {
  const types = typesOf(text)
  const line = (number: number): Shape => types.shape(number)
  const { codecs } = types.text
  return {
    parameters: readParameters(parameters, line),
    result: readShape(result, line),
    ...(codecs && { codecs }),
  }
}

/** The shapes of lines, for unions whose members only a whole look tells apart. */
export function shapesAt(text: () => TypesText, lines: readonly number[]): Shape[] {
  return lines.map((line) => typesOf(text).shape(line))
}
