/**
 * A walk over a value and its shape that says where they differ: for a value that an encoder has refused (`explain`, the
 * first difference) and for data from outside, such as a config (`checkValue`, all differences, undeclared keys too). It asks
 * the same questions in the same order as generated code (transformer/codegen/encode.ts, union.ts); a property test compares.
 */
import { LIMITS } from '../limits.ts'
import type { Definitions, Literal, Shape, TupleElement, UnionMember } from '../shape.ts'
import {
  hasMember,
  isBytes,
  isDate,
  isError,
  isMap,
  isObject,
  isPlain,
  isRegExp,
  isSet,
  isUrl,
  member,
} from './kinds.ts'
import { notation } from './notation.ts'
import { describe, type Problem } from './problem.ts'
import { conflictsOf, showsByPresence } from './union.ts'

/** The first place where `value` isn't of `shape`; undefined when it is. `path` names the value: `item`, `the result`. */
export function explain(shape: Shape, definitions: Definitions, value: unknown, path: string): Problem | undefined {
  return new Walk(definitions, { unknownKeys: 'ignore', problemsMax: 1 }).walk(shape, value, path)[0]
}

export interface CheckOptions {
  unknownKeys: 'error' | 'ignore'
  /** Name of the value; empty: paths begin with a member's name. */
  path?: string
}

/** Every place where `value` isn't of `shape`, up to a hundred. */
export function checkValue(shape: Shape, definitions: Definitions, value: unknown, options: CheckOptions): Problem[] {
  return new Walk(definitions, { unknownKeys: options.unknownKeys, problemsMax: 100 }).walk(
    shape,
    value,
    options.path ?? '',
  )
}

/** A value that holds others, of a named type or Json; only these can hold themselves. */
interface Holder {
  readonly type: string
  readonly value: object
  readonly path: string
  readonly outer: Holder | undefined
  readonly depth: number
}

interface Visit {
  readonly shape: Shape
  readonly value: unknown
  readonly path: string
  readonly holder: Holder | undefined
}

class Walk {
  readonly #problems: Problem[] = []
  readonly #definitions: Definitions
  readonly #options: { unknownKeys: 'error' | 'ignore'; problemsMax: number }
  /** What the present step has found to visit. A list rather than recursion, because values may be deeper than the stack. */
  #found: Visit[] = []
  #holder: Holder | undefined

  constructor(definitions: Definitions, options: { unknownKeys: 'error' | 'ignore'; problemsMax: number }) {
    this.#definitions = definitions
    this.#options = options
  }

  walk(shape: Shape, value: unknown, path: string): Problem[] {
    const pending: Visit[] = [{ shape, value, path, holder: undefined }]
    while (this.#problems.length < this.#options.problemsMax) {
      const visit = pending.pop()
      if (!visit) break
      this.#found = []
      this.#holder = visit.holder
      this.#step(visit.shape, visit.value, visit.path)
      for (let index = this.#found.length - 1; index >= 0; index--) pending.push(this.#found[index] as Visit)
    }
    return this.#problems
  }

  #visit(shape: Shape, value: unknown, path: string): void {
    this.#found.push({ shape, value, path, holder: this.#holder })
  }

  #step(shape: Shape, value: unknown, path: string): void {
    switch (shape.kind) {
      case 'shared':
        this.#step(shape.of, value, path)
        return
      case 'ref':
        if (this.#enter(shape.name, value, path)) this.#step(this.#definition(shape.name), value, path)
        return
      case 'union':
        this.#union(shape, value, path)
        return
      case 'json':
        this.#json(value, path)
        return
    }
    if (!this.#isKind(shape, value)) {
      this.#add({ kind: 'type', path, declared: notation(shape), found: describe(value, literalsOf(shape)) })
    } else if (shape.kind === 'array') this.#list(shape.of, value as unknown[], path)
    else if (shape.kind === 'tuple') this.#tuple(shape.elements, value as unknown[], path)
    else if (shape.kind === 'object') this.#object(shape, value as object, path)
    else if (shape.kind === 'set') this.#list(shape.of, [...(value as Set<unknown>)], `${path}.values()`)
    else if (shape.kind === 'map') {
      let index = 0
      for (const [key, item] of value as Map<unknown, unknown>) {
        this.#visit(shape.key, key, `${path}.keys()[${index++}]`)
        this.#visit(shape.value, item, `${path}.get(${label(key)})`)
      }
    }
  }

  #add(problem: Problem): void {
    this.#problems.push(problem)
  }

  #definition(name: string): Shape {
    return this.#definitions[name] ?? { kind: 'unsupported', reason: 'it is not defined', path: '', fix: '' }
  }

  /** Whether to go on with what `value` holds: not when it holds itself or sits too deep. */
  #enter(type: string, value: unknown, path: string): boolean {
    if (!isObject(value)) return true
    for (let holder = this.#holder; holder; holder = holder.outer) {
      if (holder.value !== value || holder.type !== type || holder.path === path) continue
      this.#add({ kind: 'cycle', path, declared: holder.path, found: describe(value) })
      return false
    }
    const depth = (this.#holder?.depth ?? 0) + 1
    if (depth > LIMITS.depthMax + 1) {
      this.#add({ kind: 'depth', path, declared: `at most ${LIMITS.depthMax} levels`, found: 'more' })
      return false
    }
    this.#holder = { type, value, path, outer: this.#holder, depth }
    return true
  }

  #list(of: Shape, list: readonly unknown[], path: string): void {
    for (let index = 0; index < list.length; index++) this.#visit(of, list[index], `${path}[${index}]`)
  }

  #tuple(elements: readonly TupleElement[], list: readonly unknown[], path: string): void {
    const rest = elements.findIndex((element) => element.rest)
    const after = rest < 0 ? 0 : elements.length - rest - 1
    for (let index = 0; index < list.length; index++) {
      const fromEnd = list.length - index
      const position = rest < 0 || index < rest ? index : fromEnd <= after ? elements.length - fromEnd : rest
      const element = elements[position] as TupleElement
      if (element.optional && list[index] === undefined) continue
      this.#visit(element.shape, list[index], `${path}[${index}]`)
    }
  }

  #object(shape: Extract<Shape, { kind: 'object' }>, object: object, path: string): void {
    const names = new Set<string>()
    for (const { name, shape: of, optional } of shape.members) {
      names.add(name)
      const value = member(object, name)
      if (value === undefined && optional) continue
      const at = join(path, name)
      if (value === undefined && !hasMember(object, name) && !this.#allowsUndefined(of)) {
        this.#add({ kind: 'missing', path: at, declared: notation(of), found: 'nothing' })
      } else this.#visit(of, value, at)
    }
    if (!shape.index && this.#options.unknownKeys === 'ignore') return
    for (const key of Object.keys(object)) {
      if (names.has(key)) continue
      const value = (object as Record<string, unknown>)[key]
      if (shape.index) this.#visit(shape.index.of, value, join(path, key))
      else this.#unknown(join(path, key), value, [...names])
    }
  }

  #unknown(path: string, value: unknown, known: readonly string[]): void {
    const declared = known.length === 0 ? 'no key at all' : known.map((name) => `'${name}'`).join(', ')
    this.#add({ kind: 'unknown', path, declared, found: describe(value), known })
  }

  #allowsUndefined(shape: Shape): boolean {
    return (
      new Walk(this.#definitions, { unknownKeys: 'ignore', problemsMax: 1 }).walk(shape, undefined, '').length === 0
    )
  }

  #union(shape: Extract<Shape, { kind: 'union' }>, value: unknown, path: string): void {
    const chosen = this.#choose(shape.members, value)
    if (chosen) {
      const other = this.#alsoFits(chosen, shape.members, value)
      if (!other) this.#step(chosen.shape, value, path)
      else {
        const found = [chosen, other].map((each) => notation(each.shape)).join(' and ')
        this.#add({ kind: 'ambiguous', path, declared: notation(shape), found })
      }
      return
    }
    const tests = shape.members.map((each) => each.test).filter((test) => test.by === 'literal')
    const property = tests[0]?.property
    if (isObject(value) && property !== undefined && tests.every((test) => test.property === property)) {
      const values = tests.flatMap((test) => test.values)
      const declared = notation({ kind: 'literals', values })
      const found = describe(member(value, property), values)
      this.#add({ kind: 'type', path: join(path, property), declared, found })
      return
    }
    const literals = shape.members.flatMap((each) => literalsOf(this.#resolve(each.shape)))
    this.#add({ kind: 'type', path, declared: notation(shape), found: describe(value, literals) })
  }

  #choose(members: readonly UnionMember[], value: unknown): UnionMember | undefined {
    return members
      .map((member, index) => ({ member, index, rank: this.#rank(member) }))
      .sort((a, b) => a.rank - b.rank || a.index - b.index)
      .find(({ member }) => this.#passes(member, value))?.member
  }

  /** A member that the value would lose data of, being taken for `chosen`. */
  #alsoFits(chosen: UnionMember, members: readonly UnionMember[], value: unknown): UnionMember | undefined {
    if (!isObject(value)) return undefined
    return conflictsOf(chosen, members, (each) => this.#resolve(each)).find(
      ({ property, literal }) =>
        member(value, property) !== undefined && (!literal || isOneOf(member(value, literal.property), literal.values)),
    )?.other
  }

  #rank({ test, shape }: UnionMember): number {
    if (test.by === 'kind' || this.#resolve(shape).kind === 'json') return this.#kindRank(shape)
    return test.by === 'else' ? 2 : 1
  }

  #kindRank(shape: Shape): number {
    const resolved = this.#resolve(shape)
    if (resolved.kind === 'union') return Math.max(...resolved.members.map((each) => this.#kindRank(each.shape)))
    // It is a Uint8Array as well.
    if (resolved.kind === 'bytes' && resolved.type === 'Buffer') return -1
    return resolved.kind === 'json' ? 3 : resolved.kind === 'object' ? 2 : 0
  }

  #passes(candidate: UnionMember, value: unknown): boolean {
    const { test, shape } = candidate
    switch (test.by) {
      case 'kind': {
        const resolved = this.#resolve(shape)
        if (resolved.kind === 'union') return this.#choose(resolved.members, value) !== undefined
        return resolved.kind === 'tuple' ? Array.isArray(value) : this.#isKind(resolved, value)
      }
      case 'literal':
        return isObject(value) && isOneOf(member(value, test.property), test.values)
      case 'property':
        if (!isObject(value)) return false
        return showsByPresence(candidate, test.property, (each) => this.#resolve(each))
          ? hasMember(value, test.property)
          : member(value, test.property) !== undefined
      case 'else':
        return this.#isKind(this.#resolve(shape), value)
    }
  }

  #resolve(shape: Shape): Shape {
    let current = shape
    while (current.kind === 'ref' || current.kind === 'shared') {
      current = current.kind === 'ref' ? this.#definition(current.name) : current.of
    }
    return current
  }

  /** Whether `value` itself fits; what it holds is visited later. */
  #isKind(shape: Shape, value: unknown): boolean {
    switch (shape.kind) {
      case 'boolean':
      case 'number':
      case 'bigint':
      case 'string':
        return typeof value === shape.kind
      case 'null':
        return value === null
      case 'undefined':
        return value === undefined
      case 'literal':
        return isOneOf(value, [shape.literal])
      case 'literals':
        return isOneOf(value, shape.values)
      case 'array':
        return Array.isArray(value)
      case 'tuple': {
        if (!Array.isArray(value)) return false
        const rest = shape.elements.some((element) => element.rest)
        const required = shape.elements.filter((element) => !element.optional && !element.rest).length
        return value.length >= required && (rest || value.length <= shape.elements.length)
      }
      case 'object':
        return isObject(value)
      case 'map':
        return isMap(value)
      case 'set':
        return isSet(value)
      case 'date':
        return isDate(value)
      case 'url':
        return isUrl(value)
      case 'regexp':
        return isRegExp(value)
      case 'bytes':
        return isBytes(value, shape.type)
      case 'error':
        return isError(value)
      case 'json':
        return value !== undefined
      default:
        return false
    }
  }

  #json(value: unknown, path: string): void {
    if (value === null || ['boolean', 'number', 'string'].includes(typeof value)) return
    const isList = Array.isArray(value)
    if (!isObject(value) || !(isList || isPlain(value))) {
      this.#add({ kind: 'type', path, declared: 'Json', found: describe(value) })
      return
    }
    if (!this.#enter('Json', value, path)) return
    if (isList) this.#list(JSON_SHAPE, value, path)
    else for (const key of Object.keys(value)) this.#visit(JSON_SHAPE, member(value, key), join(path, key))
  }
}

const JSON_SHAPE: Shape = { kind: 'json' }

function literalsOf(shape: Shape): readonly Literal[] {
  return shape.kind === 'literal' ? [shape.literal] : shape.kind === 'literals' ? shape.values : []
}

function isOneOf(value: unknown, literals: readonly Literal[]): boolean {
  return literals.some((each) => (each.type === 'bigint' ? value === BigInt(each.value) : value === each.value))
}

function join(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

/** A key of a map in a path. */
function label(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key.slice(0, 40)) : isObject(key) ? describe(key) : String(key)
}
