/**
 * A walk over a value and its shape that says where they differ: for a value that an encoder has refused (`explain`, the
 * first difference) and for data from outside, such as a config (`checkValue`, all differences, undeclared keys too). It asks
 * the same questions in the same order as generated code (transformer/codegen/encode.ts, union.ts); a property test compares.
 *
 * The content of a value is shown only where its kind isn't what is wrong, because messages end in logs and a string in the wrong
 * place may be a card number.
 */
import { LIMITS } from '../limits.ts'
import type { Definitions, Literal, Shape, Test, TupleElement, UnionMember } from '../shape.ts'
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

export interface Problem {
  /** `missing` and `unknown`: the member `path` itself; `cycle`: it is an object that holds it. */
  readonly kind: 'type' | 'missing' | 'unknown' | 'cycle' | 'depth'
  /** `item.lines[3].price`. */
  readonly path: string
  /** The declared type, as people write it; for `unknown` the keys that there are, for `cycle` the path of the holder. */
  readonly declared: string
  readonly found: string
  /** `unknown` only: the keys that there are, for a "did you mean". */
  readonly known?: readonly string[]
}

/** A sentence about one problem. */
export function problemText(problem: Problem): string {
  const path = shorten(problem.path)
  switch (problem.kind) {
    case 'type':
      return `${path} must be ${problem.declared}; it is ${problem.found}.`
    case 'missing':
      return `${path} is missing; it must be ${problem.declared}.`
    case 'unknown':
      return `${path} is not known; there is ${problem.declared}.`
    case 'cycle':
      return `${path} is the object that holds it (${shorten(problem.declared)}); what crosses a boundary must be a tree, so pass an id instead.`
    case 'depth':
      return `${path} is nested deeper than ${LIMITS.depthMax} levels; pass a flat list instead.`
  }
}

/** The first place where `value` isn't of `shape`; undefined when it is. `path` names the value: `item`, `the result`. */
export function explain(shape: Shape, definitions: Definitions, value: unknown, path: string): Problem | undefined {
  const walk = new Walk(definitions, { unknownKeys: 'ignore', problemsMax: 1 })
  walk.visit(shape, value, path)
  return walk.problems[0]
}

export interface CheckOptions {
  unknownKeys: 'error' | 'ignore'
  /** Name of the value; empty: paths begin with a member's name. */
  path?: string
}

/** Every place where `value` isn't of `shape`, up to a hundred. */
export function checkValue(shape: Shape, definitions: Definitions, value: unknown, options: CheckOptions): Problem[] {
  const walk = new Walk(definitions, { unknownKeys: options.unknownKeys, problemsMax: 100 })
  walk.visit(shape, value, options.path ?? '')
  return walk.problems
}

class Walk {
  readonly problems: Problem[] = []
  readonly #definitions: Definitions
  readonly #options: { unknownKeys: 'error' | 'ignore'; problemsMax: number }
  /** Values of named types (and of Json) that hold the one being visited. */
  readonly #holders: { type: string; value: object; path: string }[] = []

  constructor(definitions: Definitions, options: { unknownKeys: 'error' | 'ignore'; problemsMax: number }) {
    this.#definitions = definitions
    this.#options = options
  }

  visit(shape: Shape, value: unknown, path: string): void {
    if (this.problems.length >= this.#options.problemsMax) return
    switch (shape.kind) {
      case 'shared':
        this.visit(shape.of, value, path)
        return
      case 'ref':
        this.#inside(shape.name, value, path, () => this.visit(this.#definition(shape.name), value, path))
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
      return
    }
    if (shape.kind === 'array') this.#list(shape.of, value as unknown[], path, 0)
    else if (shape.kind === 'tuple') this.#tuple(shape.elements, value as unknown[], path)
    else if (shape.kind === 'object') this.#object(shape, value as object, path)
    else if (shape.kind === 'map') {
      let index = 0
      for (const [key, item] of value as Map<unknown, unknown>) {
        this.visit(shape.key, key, `${path}.keys()[${index++}]`)
        this.visit(shape.value, item, `${path}.get(${label(key)})`)
      }
    } else if (shape.kind === 'set') this.#list(shape.of, [...(value as Set<unknown>)], `${path}.values()`, 0)
  }

  #add(problem: Problem): void {
    if (this.problems.length < this.#options.problemsMax) this.problems.push(problem)
  }

  #definition(name: string): Shape {
    return this.#definitions[name] ?? { kind: 'unsupported', reason: 'it is not defined', path: '', fix: '' }
  }

  /** Visits what `value` holds, unless it holds itself or sits too deep. */
  #inside(type: string, value: unknown, path: string, visit: () => void): void {
    if (!isObject(value)) {
      visit()
      return
    }
    const holder = this.#holders.find((holder) => holder.value === value && holder.type === type)
    if (holder && holder.path !== path) {
      this.#add({ kind: 'cycle', path, declared: holder.path, found: describe(value) })
      return
    }
    if (this.#holders.length > LIMITS.depthMax) {
      this.#add({ kind: 'depth', path, declared: `at most ${LIMITS.depthMax} levels`, found: 'more' })
      return
    }
    this.#holders.push({ type, value, path })
    visit()
    this.#holders.pop()
  }

  #list(of: Shape, list: readonly unknown[], path: string, from: number): void {
    for (let index = from; index < list.length; index++) this.visit(of, list[index], `${path}[${index}]`)
  }

  #tuple(elements: readonly TupleElement[], list: readonly unknown[], path: string): void {
    const rest = elements.findIndex((element) => element.rest)
    const after = rest < 0 ? 0 : elements.length - rest - 1
    for (let index = 0; index < list.length; index++) {
      const fromEnd = list.length - index
      const position = rest < 0 || index < rest ? index : fromEnd <= after ? elements.length - fromEnd : rest
      const element = elements[position] as TupleElement
      if (element.optional && list[index] === undefined) continue
      this.visit(element.shape, list[index], `${path}[${index}]`)
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
      } else this.visit(of, value, at)
    }
    if (!shape.index && this.#options.unknownKeys === 'ignore') return
    for (const key of Object.keys(object)) {
      if (names.has(key)) continue
      const at = join(path, key)
      if (shape.index) this.visit(shape.index.of, (object as Record<string, unknown>)[key], at)
      else {
        const known = [...names]
        const declared = known.length === 0 ? 'no key at all' : known.map((name) => `'${name}'`).join(', ')
        this.#add({ kind: 'unknown', path: at, declared, found: describe(member(object, key)), known })
      }
    }
  }

  #allowsUndefined(shape: Shape): boolean {
    return new Walk(this.#definitions, { unknownKeys: 'ignore', problemsMax: 1 }).accepts(shape, undefined)
  }

  accepts(shape: Shape, value: unknown): boolean {
    this.visit(shape, value, '')
    return this.problems.length === 0
  }

  #union(shape: Extract<Shape, { kind: 'union' }>, value: unknown, path: string): void {
    const chosen = this.#choose(shape.members, value)
    if (chosen) {
      this.visit(chosen.shape, value, path)
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
      .find(({ member }) => this.#passes(member.test, member.shape, value))?.member
  }

  #rank({ test, shape }: UnionMember): number {
    if (test.by === 'kind' || this.#resolve(shape).kind === 'json') return this.#kindRank(shape)
    return test.by === 'else' ? 2 : 1
  }

  #kindRank(shape: Shape): number {
    const resolved = this.#resolve(shape)
    if (resolved.kind === 'union') return Math.max(...resolved.members.map((each) => this.#kindRank(each.shape)))
    return resolved.kind === 'json' ? 3 : resolved.kind === 'object' ? 2 : 0
  }

  #passes(test: Test, shape: Shape, value: unknown): boolean {
    switch (test.by) {
      case 'kind': {
        const resolved = this.#resolve(shape)
        if (resolved.kind === 'union') return this.#choose(resolved.members, value) !== undefined
        return resolved.kind === 'tuple' ? Array.isArray(value) : this.#isKind(resolved, value)
      }
      case 'literal':
        return isObject(value) && isOneOf(member(value, test.property), test.values)
      case 'property':
        return isObject(value) && hasMember(value, test.property)
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
    this.#inside('Json', value, path, () => {
      if (Array.isArray(value)) return this.#list({ kind: 'json' }, value, path, 0)
      if (!isObject(value) || !isPlain(value)) {
        this.#add({ kind: 'type', path, declared: 'Json', found: describe(value) })
        return
      }
      for (const [key, item] of Object.entries(value)) this.#json(item, join(path, key))
    })
  }
}

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

/** A path of a thousand members is told by its ends. */
function shorten(path: string): string {
  return path.length > 200 ? `${path.slice(0, 120)} … ${path.slice(-60)}` : path
}

/** What a value is. Its content is told where it is of the right type and only not one of `literals`. */
export function describe(value: unknown, literals: readonly Literal[] = []): string {
  const type = typeof value
  if (literals.some((each) => each.type === type)) {
    return type === 'string' ? JSON.stringify((value as string).slice(0, 40)) : String(value)
  }
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (!isObject(value)) return `a ${type}`
  if (isPlain(value)) return 'an object'
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object'
}
