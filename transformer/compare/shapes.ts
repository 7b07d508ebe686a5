/**
 * Two shapes of one place, of an old version and of today: whether what one side writes the other can read. In go the shapes with
 * their definitions; out come the changes that break, at the innermost place that differs. Parameters flow from old callers to new
 * code, results from new code to old callers, so the two directions have different rules: a parameter may take more, a result may
 * give less. It is about values and names, not about bytes; a recursive type is compared once.
 */
import { notation } from '../../runtime/codec/notation.ts'
import type { Definitions, Literal, Shape, TupleElement } from '../../runtime/shape.ts'
import { type Change, enter, type Flow, memberSuffix, type ObjectShape, type Site, step } from './change.ts'

/**
 * What has been found out of pairs of shapes. A recursive type meets itself again, and a union of hundreds its members thousands of
 * times. In a trial a pair is taken to fit while that is being found out; what turns out not to fit is reported where it is.
 */
class Pairs {
  readonly reported = new Set<string>()
  readonly assumed = new Set<string>()
  readonly failed = new Set<string>()
  readonly #ids = new WeakMap<Shape, number>()
  #next = 0

  key(was: Shape, now: Shape, flow: Flow): string {
    return `${flow} ${this.#id(was)} ${this.#id(now)}`
  }

  #id(shape: Shape): number {
    const known = this.#ids.get(shape)
    if (known !== undefined) return known
    this.#ids.set(shape, this.#next)
    return this.#next++
  }
}

export class ShapeComparison {
  readonly changes: Change[] = []
  readonly #old: Definitions
  readonly #new: Definitions
  readonly #pairs: Pairs
  /** Only whether it fits is asked, so the first change is enough. */
  readonly #trial: boolean

  constructor(old: Definitions, now: Definitions, pairs?: Pairs) {
    this.#old = old
    this.#new = now
    this.#pairs = pairs ?? new Pairs()
    this.#trial = pairs !== undefined
  }

  compare(was: Shape, now: Shape, flow: Flow, site: Site): void {
    const inside = now.kind === 'ref' ? enter(site, now.name) : site
    const [a, b] = [this.#resolve(was, this.#old), this.#resolve(now, this.#new)]
    if (a.kind === 'unsupported' || b.kind === 'unsupported') return
    // What a promise of nothing resolves to, nobody reads.
    if (flow === 'out' && a.kind === 'undefined') return
    const inner = b.kind === 'object' || b.kind === 'union' ? inside : site
    if (this.#trial) this.#try(a, b, flow, inner)
    else if (LOOKED_INTO.has(a.kind)) this.#once(a, b, flow, inner)
    else this.#inside(a, b, flow, inner)
  }

  #once(was: Shape, now: Shape, flow: Flow, site: Site): void {
    const key = this.#pairs.key(was, now, flow)
    if (this.#pairs.reported.has(key)) return
    this.#pairs.reported.add(key)
    this.#inside(was, now, flow, site)
  }

  #try(was: Shape, now: Shape, flow: Flow, site: Site): void {
    if (this.changes.length > 0) return
    const key = LOOKED_INTO.has(was.kind) ? this.#pairs.key(was, now, flow) : undefined
    if (key !== undefined && this.#pairs.failed.has(key)) this.#differs(was, now, flow, site)
    if (key === undefined || !this.#pairs.assumed.has(key)) {
      if (key !== undefined) this.#pairs.assumed.add(key)
      this.#inside(was, now, flow, site)
      if (key !== undefined && this.changes.length > 0) this.#pairs.failed.add(key)
    }
  }

  #inside(was: Shape, now: Shape, flow: Flow, site: Site): void {
    const flag = [was, now].every((each) => each.kind === 'boolean' || isFlag(each)) && was.kind !== now.kind
    if (isChoice(was) || isChoice(now) || flag) this.#choices(was, now, flow, site)
    else this.#plain(was, now, flow, site)
  }

  /** Behind names, `Shared` and codecs: what is on the wire. */
  #resolve(shape: Shape, definitions: Definitions, depth = 0): Shape {
    if (depth > 64) return { kind: 'unsupported', reason: 'it has no end', path: '', fix: '' }
    if (shape.kind === 'ref') {
      const definition = definitions[shape.name]
      return definition === undefined
        ? { kind: 'unsupported', reason: 'it is not defined', path: '', fix: '' }
        : this.#resolve(definition, definitions, depth + 1)
    }
    if (shape.kind === 'shared' || shape.kind === 'custom') return this.#resolve(shape.of, definitions, depth + 1)
    return shape
  }

  #report(kind: Change['kind'], flow: Flow, site: Site, was: string | undefined, now: string | undefined): void {
    this.changes.push({ kind, flow, site, was, now })
  }

  /** The shapes differ at their top. */
  #differs(was: Shape, now: Shape, flow: Flow, site: Site): void {
    this.#report('type', flow, site, notation(was), notation(now))
  }

  #plain(was: Shape, now: Shape, flow: Flow, site: Site): void {
    const [written, read] = flow === 'in' ? [was, now] : [now, was]
    if (read.kind === 'json' && this.#isJson(written, flow === 'in' ? this.#old : this.#new)) return
    if (written.kind === 'literal' && read.kind === written.literal.type) return
    if (written.kind === 'tuple' && read.kind === 'array') this.#tupleAsArray(was, now, flow, site)
    else if (was.kind === 'object' && now.kind === 'object') this.#objects(was, now, flow, site)
    else if (was.kind === 'tuple' && now.kind === 'tuple') this.#tuples(was.elements, now.elements, flow, site)
    else if (was.kind === 'array' && now.kind === 'array') this.compare(was.of, now.of, flow, step(site, '[]'))
    else if (was.kind === 'stream' && now.kind === 'stream') this.compare(was.of, now.of, flow, step(site, '[]'))
    else if (was.kind === 'set' && now.kind === 'set') this.compare(was.of, now.of, flow, step(site, '.values()[]'))
    else if (was.kind === 'map' && now.kind === 'map') {
      this.compare(was.key, now.key, flow, step(site, '.keys()[]'))
      this.compare(was.value, now.value, flow, step(site, '.values()[]'))
    } else if (!isSame(was, now)) this.#differs(was, now, flow, site)
  }

  #objects(was: ObjectShape, now: ObjectShape, flow: Flow, site: Site): void {
    const [written, read, writes, reads] =
      flow === 'in' ? [was, now, this.#old, this.#new] : [now, was, this.#new, this.#old]
    for (const member of read.members) {
      const at = step(site, memberSuffix(member.name), member.name)
      const given = written.members.find((each) => each.name === member.name)
      const spared = member.optional === true || this.#takesUndefined(member.shape, reads)
      if (given) {
        const [before, after] = flow === 'in' ? [given, member] : [member, given]
        if (given.optional && !spared) {
          const mark = (each: typeof given) => `${each.optional ? '?' : ''}: ${notation(each.shape)}`
          this.#report(flow === 'in' ? 'required' : 'missing', flow, at, mark(before), mark(after))
        }
        // Where a member may be absent, so may its value, as far as anybody can tell.
        const bare = given.optional ? [withoutUndefined(before.shape), withoutUndefined(after.shape)] : undefined
        this.compare(bare?.[0] ?? before.shape, bare?.[1] ?? after.shape, flow, at)
      } else if (!spared) {
        const text = notation(member.shape)
        if (flow === 'in') this.#report('required', flow, at, undefined, text)
        else this.#report('missing', flow, at, text, undefined)
      }
    }
    const { index } = read
    if (!index) return
    const pair = (each: Shape): [Shape, Shape] => (flow === 'in' ? [each, index.of] : [index.of, each])
    if (written.index) this.compare(...pair(written.index.of), flow, step(site, '[key]'))
    for (const member of written.members) {
      if (read.members.some((each) => each.name === member.name)) continue
      // A member that may be absent is not there then; one that is `undefined` would be.
      if (member.optional || !this.#takesUndefined(member.shape, writes)) {
        this.compare(...pair(member.shape), flow, step(site, memberSuffix(member.name), member.name))
      }
    }
  }

  #tuples(was: readonly TupleElement[], now: readonly TupleElement[], flow: Flow, site: Site): void {
    const [written, read] = flow === 'in' ? [was, now] : [now, was]
    const fixed = (list: readonly TupleElement[]) => list.filter((each) => !each.rest).length
    const required = (list: readonly TupleElement[]) => list.filter((each) => !each.rest && !each.optional).length
    const open = (list: readonly TupleElement[]) => list.some((each) => each.rest)
    const plain = ![...was, ...now].some((each) => each.rest)
    if (required(written) < required(read) || (!open(read) && (open(written) || fixed(written) > fixed(read)))) {
      this.#differs({ kind: 'tuple', elements: [...was] }, { kind: 'tuple', elements: [...now] }, flow, site)
      return
    }
    if (!plain && JSON.stringify(was.map((each) => !each.rest)) !== JSON.stringify(now.map((each) => !each.rest))) {
      this.#differs({ kind: 'tuple', elements: [...was] }, { kind: 'tuple', elements: [...now] }, flow, site)
      return
    }
    for (const [at, element] of was.entries()) {
      const other = now[at]
      if (other) this.compare(element.shape, other.shape, flow, step(site, element.rest ? '[]' : `[${at}]`))
    }
  }

  #tupleAsArray(was: Shape, now: Shape, flow: Flow, site: Site): void {
    for (const [tuple, array, old] of [
      [was, now, true],
      [now, was, false],
    ] as const) {
      if (tuple.kind !== 'tuple' || array.kind !== 'array') continue
      for (const [at, { shape }] of tuple.elements.entries()) {
        const [before, after] = old ? [shape, array.of] : [array.of, shape]
        this.compare(before, after, flow, step(site, `[${at}]`))
      }
    }
  }

  /** Unions and sets of literals: each value that is written must be one that is read. */
  #choices(was: Shape, now: Shape, flow: Flow, site: Site): void {
    const [old, today] = [this.#alternatives(was, this.#old), this.#alternatives(now, this.#new)]
    const [written, read] = flow === 'in' ? [old, today] : [today, old]
    const unread: Shape[] = []
    const sorts = new Sorts(read)
    for (const value of written) {
      const pair = (other: Shape): [Shape, Shape] => (flow === 'in' ? [value, other] : [other, value])
      const like = sorts.like(value)
      // An object that differs in a literal member can't be the other one; what is no object may be read as another kind.
      if ((value.kind === 'object' ? like : read).some((other) => this.#fits(...pair(other), flow))) continue
      const [near, second] = like
      if (near && !second && LOOKED_INTO.has(near.kind)) {
        const inside = this.#named(near, value, flow, site)
        // What a trial finds is forgotten, so it isn't reported.
        if (this.#trial) this.#try(...pair(near), flow, inside)
        else this.#once(...pair(near), flow, inside)
      } else unread.push(value)
    }
    if (unread.length === 0) return
    // Nothing is left in common: it is another type, not another set of values.
    if (unread.length === written.length && !read.some((each) => written.some((other) => each.kind === other.kind))) {
      this.#differs(was, now, flow, site)
      return
    }
    const text = unread.length === written.length ? undefined : notation(union(unread))
    const [before, after] = [notation(was), notation(now)]
    if (flow === 'in') this.#report('values', flow, site, text ?? before, after)
    else this.#report('values', flow, site, before, text ?? after)
  }

  /** A member of a union is found under its own name, if that is of today's types. */
  #named(near: Shape, value: Shape, flow: Flow, site: Site): Site {
    const today = flow === 'in' ? near : value
    const name = Object.keys(this.#new).find((each) => this.#new[each] === today)
    return name === undefined ? site : enter(site, name)
  }

  #alternatives(shape: Shape, definitions: Definitions): Shape[] {
    const resolved = this.#resolve(shape, definitions)
    if (resolved.kind === 'union')
      return resolved.members.flatMap((each) => this.#alternatives(each.shape, definitions))
    if (resolved.kind === 'literals') return resolved.values.map((literal): Shape => ({ kind: 'literal', literal }))
    if (resolved.kind !== 'boolean') return [resolved]
    return [true, false].map((value): Shape => ({ kind: 'literal', literal: { type: 'boolean', value } }))
  }

  #fits(was: Shape, now: Shape, flow: Flow): boolean {
    const trial = new ShapeComparison(this.#old, this.#new, this.#pairs)
    trial.compare(was, now, flow, { path: '', definition: undefined, inner: '', member: undefined })
    return trial.changes.length === 0
  }

  #takesUndefined(shape: Shape, definitions: Definitions): boolean {
    return this.#alternatives(shape, definitions).some((each) => each.kind === 'undefined')
  }

  #isJson(shape: Shape, definitions: Definitions, seen: ReadonlySet<Shape> = new Set()): boolean {
    const resolved = this.#resolve(shape, definitions)
    if (seen.has(resolved)) return true
    const next = (each: Shape): boolean => this.#isJson(each, definitions, new Set([...seen, resolved]))
    switch (resolved.kind) {
      case 'json':
      case 'null':
      case 'boolean':
      case 'number':
      case 'string':
        return true
      case 'literal':
        return resolved.literal.type !== 'bigint'
      case 'literals':
        return resolved.values.every((each) => each.type !== 'bigint')
      case 'array':
        return next(resolved.of)
      case 'tuple':
        return resolved.elements.every((each) => next(each.shape))
      case 'union':
        return resolved.members.every((each) => next(each.shape))
      case 'object':
        return resolved.members.every((each) => next(each.shape)) && (!resolved.index || next(resolved.index.of))
      default:
        return false
    }
  }
}

/** Of shapes without anything inside. */
function isSame(a: Shape, b: Shape): boolean {
  if (a.kind === 'bytes' && b.kind === 'bytes') return a.type === b.type
  if (a.kind === 'component' && b.kind === 'component') return a.component === b.component
  if (a.kind === 'literal' && b.kind === 'literal') return sameLiteral(a.literal, b.literal)
  return a.kind === b.kind
}

/** Kinds that have something inside. */
const LOOKED_INTO: ReadonlySet<string> = new Set(['object', 'union', 'array', 'tuple', 'map', 'set', 'stream'])

const isFlag = (shape: Shape): boolean => shape.kind === 'literal' && shape.literal.type === 'boolean'

const isChoice = (shape: Shape): boolean => shape.kind === 'union' || shape.kind === 'literals'

const union = (shapes: readonly Shape[]): Shape =>
  shapes.length === 1
    ? shapes[0]!
    : { kind: 'union', members: shapes.map((shape) => ({ test: { by: 'kind' as const }, shape })) }

/** A type whose value may be left out: `undefined` stands for that. */
export function withoutUndefined(shape: Shape): Shape {
  if (shape.kind !== 'union') return shape
  const members = shape.members.filter((each) => each.shape.kind !== 'undefined')
  return members.length === shape.members.length ? shape : union(members.map((each) => each.shape))
}

const sameLiteral = (a: Literal, b: Literal): boolean => a.type === b.type && a.value === b.value

/** Members of a union by what one would take them for: objects by their literal members, anything else by its kind. */
class Sorts {
  readonly #members: readonly Shape[]
  readonly #byLiteral = new Map<string, Shape[]>()

  constructor(members: readonly Shape[]) {
    this.#members = members
    for (const each of members) {
      if (each.kind !== 'object') continue
      for (const [name, literal] of literalMembers(each)) {
        const key = `${name} ${literal.type} ${literal.value}`
        this.#byLiteral.set(key, [...(this.#byLiteral.get(key) ?? []), each])
      }
    }
  }

  like(value: Shape): readonly Shape[] {
    const keys =
      value.kind === 'object' ? literalMembers(value).map(([name, { type, value: is }]) => `${name} ${type} ${is}`) : []
    const told = keys.flatMap((key) => this.#byLiteral.get(key) ?? [])
    return (told.length > 0 ? [...new Set(told)] : this.#members).filter((each) => sameSort(value, each))
  }
}

function sameSort(a: Shape, b: Shape): boolean {
  if (a.kind === 'literal' && b.kind === 'literal') return sameLiteral(a.literal, b.literal)
  if (a.kind !== b.kind) return false
  if (a.kind !== 'object' || b.kind !== 'object') return true
  const others = new Map(literalMembers(b))
  return literalMembers(a).every(([name, literal]) => {
    const other = others.get(name)
    return other === undefined || sameLiteral(literal, other)
  })
}

function literalMembers(shape: ObjectShape): [string, Literal][] {
  return shape.members.flatMap(({ name, shape: { ...of } }) =>
    of.kind === 'literal' ? [[name, of.literal] as [string, Literal]] : [],
  )
}
