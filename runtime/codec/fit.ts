/**
 * How well a value fits a shape, for unions whose members nothing but the whole value tells apart (`[a, b] | [a, b, c]`, two
 * webhook payloads that differ three levels down). In goes a shape, out comes a function that counts what the value has and the
 * shape doesn't declare: 0 is a perfect fit, -1 none. The best fit loses the least data, and where two lose different data
 * the value is refused. Shapes become closures once; a value is looked at once for each member that could fit.
 */

import { isReference } from '../calls/references.ts'
import { LIMITS } from '../limits.ts'
import type { Definitions, Literal, Shape, TupleElement } from '../shape.ts'
import { type Codecs, isCustom } from './custom.ts'
import {
  bytesKind,
  isBytes,
  isDate,
  isError,
  isMap,
  isObject,
  isPlain,
  isRegExp,
  isSet,
  isUrl,
  map,
  member,
  set,
} from './kinds.ts'

/** Undeclared keys, and classes that wouldn't arrive, that the value has at any depth; NO_FIT when it isn't of the shape. */
export type Measure = (value: unknown, depth: number) => number

export const NO_FIT = -1
/** Two members fit equally well, and each would lose what the other one keeps. */
export const AMBIGUOUS = -2

const fits = (does: boolean): number => (does ? 0 : NO_FIT)

/** Of the members of a union that are told apart by a whole look: which one; NO_FIT or AMBIGUOUS. */
export class BestFit {
  readonly #fits: readonly Measure[]
  readonly #losses: readonly Losses[]
  /** The member that most have as a literal: whoever has another value there needn't be tried. */
  readonly #property: string | undefined
  readonly #byValue = new Map<unknown, number[]>()
  readonly #others: number[] = []
  readonly #fitter: Fitter
  /** The answer to the last look, NO_FIT or AMBIGUOUS. */
  #chosen = NO_FIT
  /** Unions within unions would look at what they hold again and again: an object's score is kept for the while. */
  readonly #inner: boolean
  #known = new WeakMap<object, number>()
  #epoch = 0

  /** `inner`: of a union within another one, which is asked for its score. */
  constructor(shapes: readonly Shape[], fitter: Fitter, inner = false) {
    this.#fitter = fitter
    this.#inner = inner
    this.#fits = shapes.map((shape) => fitter.of(shape))
    this.#losses = shapes.map((shape) => fitter.lossesOf(shape))
    const literals = shapes.map((shape) => literalMembers(fitter.resolve(shape)))
    this.#property = mostCommon(literals.flatMap((each) => [...each.keys()]))
    for (const [index, members] of literals.entries()) {
      const values = this.#property === undefined ? undefined : members.get(this.#property)
      if (values === undefined) this.#others.push(index)
      for (const value of values ?? []) this.#byValue.set(value, [...(this.#byValue.get(value) ?? []), index])
    }
  }

  index(value: unknown): number {
    this.score(value, 0)
    return this.#chosen
  }

  /**
   * What the best fit loses. One function rather than three, and loops by index, here and below: of a value that is nested as deep as may be,
   * each level takes the stack of all functions that look at it, and `for of` takes twice as much of it.
   */
  score(value: unknown, depth: number): number {
    const object = isObject(value) ? value : undefined
    if (this.#inner && this.#epoch !== this.#fitter.epoch) {
      this.#known = new WeakMap()
      this.#epoch = this.#fitter.epoch
    }
    const known = this.#inner && object ? this.#known.get(object) : undefined
    if (known !== undefined) return known
    const same =
      (object && this.#property !== undefined && this.#byValue.get(member(object, this.#property))) || NO_CANDIDATES
    const others = this.#others
    let best = NO_FIT
    let least = Number.POSITIVE_INFINITY
    let ties: number[] = []
    for (let at = 0; at < same.length + others.length; at++) {
      const candidate = at < same.length ? same[at]! : others[at - same.length]!
      const lost = this.#fits[candidate]!(value, depth)
      if (lost === NO_FIT || lost > least) continue
      if (lost < least) ties = []
      ties.push(candidate)
      if (lost < least || candidate < best) best = candidate
      least = lost
    }
    if (ties.length > 1 && least > 0 && !this.#loseTheSame(ties, value)) best = AMBIGUOUS
    this.#chosen = best
    const lost = best < 0 ? NO_FIT : least
    if (this.#inner && object) this.#known.set(object, lost)
    return lost
  }

  #loseTheSame(ties: readonly number[], value: unknown): boolean {
    const losses = ties.map((tie) => this.#losses[tie]!(value))
    return losses.every((each) => each === losses[0])
  }
}

const NO_CANDIDATES: readonly number[] = []

/** Which keys would be lost, as one text to compare; for values that fit two members, so it may be slow. */
type Losses = (value: unknown) => string

export class Fitter {
  /** Raised before each whole look: until then what was found out about an object holds. */
  epoch = 0
  readonly #definitions: Definitions
  readonly #codecs: Codecs | undefined
  readonly #named = new Map<string, Measure>()
  readonly #best = new WeakMap<readonly Shape[], BestFit>()
  readonly #losses: (shape: Shape, value: unknown) => string

  /** `losses` names the undeclared keys of a value that fits (check.ts walks it). */
  constructor(definitions: Definitions, codecs: Codecs | undefined, losses: (shape: Shape, value: unknown) => string) {
    this.#definitions = definitions
    this.#codecs = codecs
    this.#losses = losses
  }

  lossesOf(shape: Shape): Losses {
    return (value) => this.#losses(shape, value)
  }

  /** Made once for a list of members, which is known by its identity. */
  bestOf(shapes: readonly Shape[]): BestFit {
    let best = this.#best.get(shapes)
    if (best === undefined) {
      best = new BestFit(shapes, this)
      this.#best.set(shapes, best)
    }
    return best
  }

  resolve(shape: Shape): Shape {
    let current = shape
    while (current.kind === 'ref' || current.kind === 'shared') {
      const next: Shape | undefined = current.kind === 'ref' ? this.#definitions[current.name] : current.of
      if (next === undefined) return current
      current = next
    }
    return current
  }

  of(shape: Shape): Measure {
    switch (shape.kind) {
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
        return (value) => fits(typeof value === shape.kind)
      case 'null':
        return (value) => fits(value === null)
      case 'undefined':
        return (value) => fits(value === undefined)
      case 'literal': {
        const [only] = literalValues(shape)
        // Of one literal nothing is sent, so the sign of a zero is lost.
        return (value) => (value === only ? (Object.is(value, -0) ? 1 : 0) : NO_FIT)
      }
      case 'literals': {
        const values = new Set<unknown>(literalValues(shape))
        return (value) => fits(values.has(value))
      }
      case 'array':
        return this.#array(shape.of)
      case 'tuple':
        return this.#tuple(shape.elements)
      case 'object':
        return this.#object(shape)
      case 'map':
      case 'set':
        return this.#collection(shape)
      case 'date':
        return (value) => fits(isDate(value))
      case 'url':
        return (value) => fits(isUrl(value))
      case 'regexp':
        return (value) => fits(isRegExp(value))
      case 'bytes':
        return (value) => {
          if (!isBytes(value, shape.type)) return NO_FIT
          // A Buffer is a Uint8Array, and as one it would arrive: less than what it is.
          return bytesKind(value) === shape.type ? 0 : 1
        }
      case 'error':
        return (value) => fits(isError(value))
      case 'json':
        return (value, depth) => fits(isJson(value, depth))
      case 'component':
        return (value) => fits(isReference(value, shape.component))
      case 'custom':
        return this.#custom(shape)
      case 'shared':
        return this.of(shape.of)
      case 'union': {
        const best = new BestFit(
          shape.members.map((each) => each.shape),
          this,
          true,
        )
        return best.score.bind(best)
      }
      case 'ref':
        return this.#ref(shape.name)
      default:
        return (value) => fits(value !== undefined && value !== null)
    }
  }

  /** Compiled when first asked for, since a type may contain itself. A cycle is left for the encoder to find and name. */
  #ref(name: string): Measure {
    let measure: Measure | undefined
    return (value, depth) => {
      if (depth > LIMITS.depthMax) return 0
      measure ??= this.#measureOf(name)
      return measure(value, depth + 1)
    }
  }

  #measureOf(name: string): Measure {
    const measure = this.#named.get(name) ?? this.of(this.#definitions[name] ?? { kind: 'undefined' })
    this.#named.set(name, measure)
    return measure
  }

  /** A codec that doesn't know its own values takes any: whatever else fits is nearer. */
  #custom({ codec, tells }: Extract<Shape, { kind: 'custom' }>): Measure {
    const codecs = this.#codecs
    if (!tells || codecs === undefined) return (value) => (value === undefined || value === null ? NO_FIT : 1)
    return (value) => fits(isCustom(codecs, codec, value))
  }

  #array(of: Shape): Measure {
    const item = this.of(of)
    return (value, depth) => {
      if (!Array.isArray(value)) return NO_FIT
      let lost = 0
      for (let index = 0; index < value.length; index++) {
        const more = item(value[index], depth)
        if (more < 0) return NO_FIT
        lost += more
      }
      return lost
    }
  }

  #tuple(elements: readonly TupleElement[]): Measure {
    const items = elements.map(({ shape }) => this.of(shape))
    const rest = elements.findIndex((element) => element.rest)
    const after = rest < 0 ? 0 : elements.length - rest - 1
    const required = elements.filter((element) => !element.optional && !element.rest).length
    return (value, depth) => {
      if (!Array.isArray(value) || value.length < required || (rest < 0 && value.length > elements.length))
        return NO_FIT
      let lost = 0
      for (let index = 0; index < value.length; index++) {
        const fromEnd = value.length - index
        const at = rest < 0 || index < rest ? index : fromEnd <= after ? elements.length - fromEnd : rest
        if (elements[at]!.optional && value[index] === undefined) continue
        const more = items[at]!(value[index], depth)
        if (more < 0) return NO_FIT
        lost += more
      }
      return lost
    }
  }

  #object(shape: Extract<Shape, { kind: 'object' }>): Measure {
    // Literals first: they cost least and exclude most.
    const members = shape.members
      .map(({ name, optional, shape: of }) => ({
        name,
        optional: optional === true,
        of,
        measure: this.of(of),
        inherited: name in Object.prototype,
      }))
      .sort((a, b) => literalFirst(a.of) - literalFirst(b.of))
    const names = new Set(members.map(({ name }) => name))
    const index = shape.index && this.of(shape.index.of)
    const patterns = shape.index?.keys?.map((pattern) => new RegExp(pattern))
    return (value, depth) => {
      if (!isObject(value) || Array.isArray(value)) return NO_FIT
      // Of a Map, say, an object's shape would keep nothing; and without keys of its own it doesn't keep that there is no prototype.
      let lost = isPlain(value) || !isBuiltIn(value) ? 0 : 1
      if (index === undefined && Object.getPrototypeOf(value) === null) lost++
      for (let at = 0; at < members.length; at++) {
        const { name, optional, measure, inherited } = members[at]!
        const held = inherited ? member(value, name) : (value as Record<string, unknown>)[name]
        if (held === undefined && optional) continue
        const more = measure(held, depth)
        if (more < 0) return NO_FIT
        lost += more
      }
      const keys = Object.keys(value)
      for (let at = 0; at < keys.length; at++) {
        const key = keys[at]!
        if (names.has(key)) continue
        const declared = patterns === undefined || patterns.some((pattern) => pattern.test(key))
        const more = index === undefined || !declared ? 1 : index((value as Record<string, unknown>)[key], depth)
        if (more < 0) return NO_FIT
        lost += more
      }
      return lost
    }
  }

  #collection(shape: Extract<Shape, { kind: 'map' | 'set' }>): Measure {
    const key = this.of(shape.kind === 'map' ? shape.key : shape.of)
    const item = shape.kind === 'map' ? this.of(shape.value) : undefined
    return (value, depth) => {
      if (item === undefined ? !isSet(value) : !isMap(value)) return NO_FIT
      const held = item === undefined ? set(value) : map(value)
      let lost = 0
      const entries = [...held.entries()]
      for (let at = 0; at < entries.length; at++) {
        const inKey = key(entries[at]![0], depth)
        const inValue = item === undefined ? 0 : item(entries[at]![1], depth)
        if (inKey < 0 || inValue < 0) return NO_FIT
        lost += inKey + inValue
      }
      return lost
    }
  }
}

function literalValues(shape: Shape): (string | number | boolean | bigint)[] {
  const value = (literal: Literal) => (literal.type === 'bigint' ? BigInt(literal.value) : literal.value)
  if (shape.kind === 'literal') return [value(shape.literal)]
  return shape.kind === 'literals' ? shape.values.map(value) : []
}

function literalMembers(shape: Shape): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>()
  if (shape.kind !== 'object') return found
  for (const { name, optional, shape: of } of shape.members) {
    const values = optional ? [] : literalValues(of)
    if (values.length > 0) found.set(name, values)
  }
  return found
}

function mostCommon(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0]
}

const literalFirst = ({ kind }: Shape): number => (kind === 'literal' || kind === 'literals' ? 0 : 1)

const isBuiltIn = (value: object): boolean =>
  isMap(value) ||
  isSet(value) ||
  isDate(value) ||
  isUrl(value) ||
  isRegExp(value) ||
  isError(value) ||
  bytesKind(value) !== undefined

/** To the bottom: a date in it is what tells the other member. */
function isJson(value: unknown, depth: number): boolean {
  if (value === null || ['boolean', 'number', 'string'].includes(typeof value)) return true
  if (!isObject(value)) return false
  if (depth > LIMITS.depthMax) return true
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1))
  return isPlain(value) && Object.values(value).every((held) => isJson(held, depth + 1))
}
