/**
 * A walk over a value and its shape that says where they differ: for a value that an encoder has refused (`explain`, the
 * first difference) and for data from outside, such as a config (`checkValue`, all differences, undeclared keys too). It asks
 * the same questions in the same order as generated code (transformer/codegen/encode.ts, union.ts); a property test compares.
 */
import { LIMITS } from '../limits.ts'
import type { Definitions, Literal, Shape, TupleElement, UnionMember } from '../shape.ts'
import { Choice } from './choice.ts'
import { type Codecs, codecOf, reason } from './custom.ts'
import { AMBIGUOUS, Fitter } from './fit.ts'
import { hasMember, hasOneOf, isIndexed, isObject, isPlain, isRecord, map, member, set } from './kinds.ts'
import { notation } from './notation.ts'
import { isOfKind } from './of-kind.ts'
import { describe, type Problem } from './problem.ts'
import { objectTest } from './traits.ts'
import { wholeOf } from './union.ts'

/** The first place where `value` isn't of `shape`; undefined when it is. `path` names the value: `item`, `the result`. */
export function explain(
  shape: Shape,
  definitions: Definitions,
  value: unknown,
  path: string,
  codecs?: Codecs,
): Problem | undefined {
  return new Walk(definitions, { unknownKeys: 'ignore', problemsMax: 1, codecs }).walk(shape, value, path)[0]
}

export interface CheckOptions {
  unknownKeys: 'error' | 'ignore'
  /** Default: 100. */
  problemsMax?: number
  /** Name of the value; empty: paths begin with a member's name. */
  path?: string
}

/** Every place where `value` isn't of `shape`, up to `problemsMax`. */
export function checkValue(shape: Shape, definitions: Definitions, value: unknown, options: CheckOptions): Problem[] {
  return new Walk(definitions, { unknownKeys: options.unknownKeys, problemsMax: options.problemsMax ?? 100 }).walk(
    shape,
    value,
    options.path ?? '',
  )
}

/** What is made once for the types and the codecs of an application. */
interface Made {
  /** Compares what two members of a union would lose of a value by the paths of the keys that they don't declare. */
  readonly fitter: Fitter
  readonly choices: WeakMap<readonly UnionMember[], Choice>
}

/** Types are asked about with the application's codecs and, in a config, without. */
const made = new WeakMap<Definitions, Map<Codecs | undefined, Made>>()

function madeOf(definitions: Definitions, codecs: Codecs | undefined): Made {
  const known = made.get(definitions) ?? new Map<Codecs | undefined, Made>()
  made.set(definitions, known)
  let own = known.get(codecs)
  if (own === undefined) {
    const losses = (shape: Shape, value: unknown): string =>
      new Walk(definitions, { unknownKeys: 'error', problemsMax: 100, codecs })
        .walk(shape, value, '')
        .map((problem) => problem.path)
        .sort()
        .join('\n')
    own = { fitter: new Fitter(definitions, codecs, losses), choices: new WeakMap() }
    known.set(codecs, own)
  }
  return own
}

export function fitterOf(definitions: Definitions, codecs: Codecs | undefined): Fitter {
  return madeOf(definitions, codecs).fitter
}

/** A value that holds others, of a named type or Json; only these can hold themselves. */
interface Holder {
  readonly type: string
  readonly value: object
  readonly path: string
  readonly outer: Holder | undefined
  readonly depth: number
}

interface WalkOptions {
  readonly unknownKeys: 'error' | 'ignore'
  readonly problemsMax: number
  /** Absent where no value crosses by a codec of the user's: in a config. */
  readonly codecs?: Codecs | undefined
  /** Members of unions that may yet be tried for the nearest one: unions within unions would multiply for ever. */
  readonly tries?: { left: number } | undefined
}

/** A thousand tries name the culprit in any value that people would read about, in milliseconds. */
const TRIES_MAX = 1000

interface Visit {
  readonly shape: Shape
  readonly value: unknown
  readonly path: string
  readonly holder: Holder | undefined
  /** Nothing is there, not even `undefined`: a hole of an array. */
  readonly hole?: boolean
}

class Walk {
  readonly #problems: Problem[] = []
  readonly #definitions: Definitions
  readonly #options: WalkOptions
  /** What the present step has found to visit. A list rather than recursion, because values may be deeper than the stack. */
  #found: Visit[] = []
  #holder: Holder | undefined
  readonly #tries: { left: number }

  constructor(definitions: Definitions, options: WalkOptions) {
    this.#definitions = definitions
    this.#options = options
    this.#tries = options.tries ?? { left: TRIES_MAX }
    fitterOf(definitions, options.codecs).epoch++
  }

  walk(shape: Shape, value: unknown, path: string): Problem[] {
    const pending: Visit[] = [{ shape, value, path, holder: undefined }]
    while (this.#problems.length < this.#options.problemsMax) {
      const visit = pending.pop()
      if (!visit) break
      this.#found = []
      this.#holder = visit.holder
      if (visit.hole && !this.#allowsUndefined(visit.shape)) {
        this.#add({ kind: 'missing', path: visit.path, declared: notation(visit.shape), found: 'nothing' })
      } else this.#step(visit.shape, visit.value, visit.path)
      for (let index = this.#found.length - 1; index >= 0; index--) pending.push(this.#found[index] as Visit)
    }
    return this.#problems
  }

  #visit(shape: Shape, value: unknown, path: string): void {
    this.#found.push({ shape, value, path, holder: this.#holder })
  }

  #element(shape: Shape, list: readonly unknown[], index: number, path: string): void {
    const at = `${path}[${index}]`
    this.#found.push({ shape, value: list[index], path: at, holder: this.#holder, hole: !(index in list) })
  }

  #step(shape: Shape, value: unknown, path: string): void {
    switch (shape.kind) {
      case 'shared':
        this.#step(shape.of, value, path)
        return
      case 'ref':
        if (this.#enter(shape.name, value, path)) this.#step(definitionOf(shape.name, this.#definitions), value, path)
        return
      case 'union':
        this.#union(shape, value, path)
        return
      case 'json':
        this.#json(value, path)
        return
      case 'custom':
        this.#custom(shape, value, path)
        return
    }
    if (!isOfKind(shape, value, this.#options.codecs) || (shape.kind === 'object' && this.#isNoRecord(shape, value))) {
      this.#add({ kind: 'type', path, declared: notation(shape), found: describe(value, literalsOf(shape)) })
    } else if (shape.kind === 'array') this.#list(shape.of, value as unknown[], path)
    else if (shape.kind === 'tuple') this.#tuple(shape.elements, value as unknown[], path)
    else if (shape.kind === 'object') this.#object(shape, value as object, path)
    else if (shape.kind === 'set') this.#list(shape.of, [...set(value)], `${path}.values()`)
    else if (shape.kind === 'map') {
      let index = 0
      for (const [key, item] of map(value)) {
        this.#visit(shape.key, key, `${path}.keys()[${index++}]`)
        this.#visit(shape.value, item, `${path}.get(${label(key)})`)
      }
    }
  }

  #add(problem: Problem): void {
    this.#problems.push(problem)
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
    for (let index = 0; index < list.length; index++) this.#element(of, list, index, path)
  }

  #tuple(elements: readonly TupleElement[], list: readonly unknown[], path: string): void {
    const rest = elements.findIndex((element) => element.rest)
    const after = rest < 0 ? 0 : elements.length - rest - 1
    for (let index = 0; index < list.length; index++) {
      const fromEnd = list.length - index
      const position = rest < 0 || index < rest ? index : fromEnd <= after ? elements.length - fromEnd : rest
      const element = elements[position] as TupleElement
      if (element.optional && list[index] === undefined) continue
      this.#element(element.shape, list, index, path)
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
    const patterns = shape.index?.keys?.map((pattern) => new RegExp(pattern))
    for (const key of Object.keys(object)) {
      if (names.has(key)) continue
      const declared = shape.index && (!patterns || patterns.some((pattern) => pattern.test(key)))
      if (!declared && this.#options.unknownKeys === 'ignore') continue
      const value = (object as Record<string, unknown>)[key]
      if (shape.index && declared) this.#visit(shape.index.of, value, join(path, key))
      else this.#unknown(join(path, key), value, [...names])
    }
  }

  /** An instance of a built-in class, of which nothing would be left. */
  #isNoRecord(shape: Extract<Shape, { kind: 'object' }>, value: unknown): boolean {
    const { record, indexed, names } = objectTest(shape, (each) => resolve(each, this.#definitions))
    return record && !isRecord(value) && !(indexed && isIndexed(value)) && !hasOneOf(value, names)
  }

  /** What the codec makes of it is walked in its place. */
  #custom(shape: Extract<Shape, { kind: 'custom' }>, value: unknown, path: string): void {
    const codec = this.#options.codecs && codecOf(this.#options.codecs, shape.codec)
    if (codec === undefined) return
    let wire: unknown
    try {
      if (!codec.is(value)) {
        this.#add({ kind: 'type', path, declared: notation(shape), found: describe(value) })
        return
      }
      wire = codec.encode(value)
    } catch (thrown) {
      this.#add({ kind: 'codec', path, declared: notation(shape), found: reason(thrown) })
      return
    }
    this.#visit(shape.of, wire, `${path} (as its codec encodes it)`)
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
    const choice = choiceOf(shape.members, this.#definitions, this.#options.codecs)
    const chosen = shape.members[choice.index(value)]
    if (chosen) {
      const other = choice.alsoFits(shape.members.indexOf(chosen), value)
      if (!other) this.#step(chosen.shape, value, path)
      else {
        const found = [chosen, other].map((each) => notation(each.shape)).join(' and ')
        this.#add({ kind: 'ambiguous', path, declared: notation(shape), found })
      }
      return
    }
    const whole = wholeOf(shape.members)
    const fitter = fitterOf(this.#definitions, this.#options.codecs)
    if (whole.length > 0 && fitter.bestOf(whole).index(value) === AMBIGUOUS) {
      const found = whole.map(notation)
      this.#add({ kind: 'ambiguous', path, declared: notation(shape), found: found.slice(0, 2).join(' and ') })
      return
    }
    const nearest = this.#nearest(whole, value, path)
    if (nearest) {
      this.#add(nearest)
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
    const literals = shape.members.flatMap((each) => literalsOf(resolve(each.shape, this.#definitions)))
    this.#add({ kind: 'type', path, declared: notation(shape), found: describe(value, literals) })
  }

  /** What is wrong with a value that is of none of these members, seen from the one that it is of for the longest way. */
  #nearest(whole: readonly Shape[], value: unknown, path: string): Problem | undefined {
    let nearest: Problem | undefined
    for (const shape of whole) {
      if (this.#tries.left-- <= 0) break
      const options = { ...this.#options, problemsMax: 1, tries: this.#tries }
      const [problem] = new Walk(this.#definitions, options).walk(shape, value, path)
      if (problem !== undefined && problem.path.length > (nearest ?? { path }).path.length) nearest = problem
    }
    return nearest
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

function definitionOf(name: string, definitions: Definitions): Shape {
  return definitions[name] ?? { kind: 'unsupported', reason: 'it is not defined', path: '', fix: '' }
}

function resolve(shape: Shape, definitions: Definitions): Shape {
  let current = shape
  while (current.kind === 'ref' || current.kind === 'shared') {
    current = current.kind === 'ref' ? definitionOf(current.name, definitions) : current.of
  }
  return current
}

function choiceOf(members: readonly UnionMember[], definitions: Definitions, codecs: Codecs | undefined): Choice {
  const { fitter, choices } = madeOf(definitions, codecs)
  let choice = choices.get(members)
  if (choice === undefined) {
    choice = new Choice(members, {
      resolve: (shape: Shape) => resolve(shape, definitions),
      codecs,
      fitter: () => fitter,
    })
    choices.set(members, choice)
  }
  return choice
}

function literalsOf(shape: Shape): readonly Literal[] {
  return shape.kind === 'literal' ? [shape.literal] : shape.kind === 'literals' ? shape.values : []
}

const JSON_SHAPE: Shape = { kind: 'json' }

function join(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

/** A key of a map in a path. */
function label(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key.slice(0, 40)) : isObject(key) ? describe(key) : String(key)
}
