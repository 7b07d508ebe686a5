/**
 * Hashes of methods: what each is on the wire, its name and the shapes of its parameters and result. Names of types and parameters,
 * `readonly` and `Shared` don't count. Each definition is hashed once, with what it refers to as hashes; of definitions that refer
 * to each other, each is a hash of the graph that is seen from it, with numbers for names.
 */
import { createHash } from 'node:crypto'
import type { Definitions, Shape } from '../../../runtime/shape.ts'
import { recursions } from '../../definitions.ts'
import type { Method } from '../../model.ts'

/** Marks of a shape that say how its values are passed inside a process. */
const NOT_ON_THE_WIRE = new Set(['readonly', 'omitted', 'mutable', 'tells'])

type Refer = (name: string) => string

/** Made when the first hash is read. An editor analyses after every keystroke and reads none, and they cost a third of an analysis. */
export function methodHashes(definitions: Definitions): () => MethodHashes {
  let made: MethodHashes | undefined
  return () => {
    made ??= new MethodHashes(definitions)
    return made
  }
}

/** A method that is kept for the next analysis doesn't keep its hash: a definition that it reaches may be another one there. */
export function hashed(method: Omit<Method, 'hash'>, hashes: () => MethodHashes): Method {
  let known: string | undefined
  return {
    ...method,
    get hash() {
      known ??= hashes().of(method)
      return known
    },
  }
}

/** By what is kept from analysis to analysis: definitions and methods. */
const writtenBefore = new WeakMap<object, Written>()

function writtenOnce(kept: object, value: unknown): Written {
  const written = writtenBefore.get(kept) ?? writtenOut(value)
  writtenBefore.set(kept, written)
  return written
}

export class MethodHashes {
  readonly #written: ReadonlyMap<string, Written>
  /** Definition → all that it shares a recursion with. */
  readonly #groups = new Map<string, ReadonlySet<string>>()
  readonly #hashes = new Map<string, string>()
  /** Of one that refers to its own group: a hash of what it says itself, and the members that it names, in order. */
  readonly #own = new Map<string, Own>()

  /** `definitions` must be settled: later changes aren't seen. */
  constructor(definitions: Definitions) {
    this.#written = new Map(Object.entries(definitions).map(([name, shape]) => [name, writtenOnce(shape, shape)]))
    const edges = new Map([...this.#written].map(([name, { refs }]) => [name, new Set(refs)]))
    for (const group of recursions(edges)) {
      const members = new Set(group)
      for (const name of group) this.#groups.set(name, members)
    }
    // In the order of `recursions`, so that what a hash needs is there. Of a group only those are hashed that others refer to.
    const met = new Set<string>()
    for (const [name, refs] of edges) {
      for (const ref of refs) if (this.#groups.get(ref) !== this.#groups.get(name)) met.add(ref)
    }
    for (const name of this.#groups.keys()) if (met.has(name)) this.#hash(name)
  }

  of(method: Omit<Method, 'hash'>): string {
    const parameters = method.parameters.map(({ shape, optional, rest }) => ({ shape, optional, rest }))
    const written = writtenOnce(method, [method.name, parameters, method.result])
    return hashOf(filled(written, (name) => this.#hash(name)))
  }

  #hash(start: string): string {
    const known = this.#hashes.get(start)
    if (known !== undefined) return known
    // Where a component is broken, others may refer to what isn't defined.
    const group = this.#written.has(start) ? this.#groups.get(start) : undefined
    const hash = group === undefined ? start : this.#seenFrom(start, group)
    this.#hashes.set(start, hash)
    return hash
  }

  /** What can be reached inside the group, in the order in which it is met: numbers, since names don't count. */
  #seenFrom(start: string, group: ReadonlySet<string>): string {
    const numbers = new Map([[start, 0]])
    const lines: string[] = []
    for (const name of numbers.keys()) {
      const { hash, refs } = this.#ownOf(name, group)
      // Alone, and so the start itself.
      if (refs.length === 0) return hash
      for (const ref of refs) if (!numbers.has(ref)) numbers.set(ref, numbers.size)
      lines.push(`${hash} ${refs.map((ref) => numbers.get(ref)).join(' ')}`)
    }
    return hashOf(lines.join('\n'))
  }

  /** A large group is looked at from each of its members, so each of them is written once and not for every look. */
  #ownOf(name: string, group: ReadonlySet<string>): Own {
    const known = this.#own.get(name)
    if (known !== undefined) return known
    const written = this.#written.get(name)!
    const text = filled(written, (ref) => (group.has(ref) ? '#' : this.#hash(ref)))
    const own = { hash: hashOf(text), refs: written.refs.filter((ref) => group.has(ref)) }
    this.#own.set(name, own)
    return own
  }
}

interface Own {
  readonly hash: string
  readonly refs: readonly string[]
}

/** A shape's text around the names that it refers to: one piece more than names. */
interface Written {
  readonly pieces: readonly string[]
  readonly refs: readonly string[]
}

/** No text of JSON has it. */
const HOLE = '\0'

function writtenOut(value: unknown): Written {
  const refs: string[] = []
  const text = write(value, (name) => {
    refs.push(name)
    return HOLE
  })
  return { pieces: text.split(HOLE), refs }
}

const filled = ({ pieces, refs }: Written, refer: Refer): string =>
  pieces.map((piece, at) => (at === 0 ? piece : refer(refs[at - 1]!) + piece)).join('')

function write(value: unknown, refer: Refer): string {
  if (Array.isArray(value)) return `[${value.map((each) => write(each, refer)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const shape = value as Partial<Shape>
  if (shape.kind === 'shared') return write(shape.of, refer)
  if (shape.kind === 'ref') return refer(shape.name!)
  let members = ''
  for (const key of Object.keys(value).sort()) {
    const each = (value as Readonly<Record<string, unknown>>)[key]
    if (each === undefined || (each === true && NOT_ON_THE_WIRE.has(key))) continue
    members += `${members === '' ? '' : ','}${key}:${write(each, refer)}`
  }
  return `{${members}}`
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
