/**
 * Hashes of methods: what each is on the wire, its name and the shapes of its parameters and result. Names of types and parameters,
 * `readonly` and `Shared` don't count. Each definition is hashed once, with what it refers to as hashes; definitions that refer
 * to each other are written out together, each seen from itself, with numbers for names.
 */
import { createHash } from 'node:crypto'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { recursions } from '../definitions.ts'
import type { Method } from '../model.ts'
import { byCodeUnits } from './canonical.ts'

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

/** By method: one that is kept for the next analysis keeps its hash. */
const known = new WeakMap<Omit<Method, 'hash'>, string>()

export function hashed(method: Omit<Method, 'hash'>, hashes: () => MethodHashes): Method {
  return {
    ...method,
    get hash() {
      const hash = known.get(method) ?? hashes().of(method)
      known.set(method, hash)
      return hash
    },
  }
}

export class MethodHashes {
  readonly #definitions: Definitions
  /** Definition → all that it shares a recursion with. */
  readonly #groups = new Map<string, ReadonlySet<string>>()
  readonly #hashes = new Map<string, string>()

  /** `definitions` must be settled: later changes aren't seen. */
  constructor(definitions: Definitions) {
    this.#definitions = definitions
    const edges = new Map(
      Object.entries(definitions).map(([name, shape]) => {
        const refs = new Set<string>()
        write(shape, (ref) => {
          refs.add(ref)
          return ''
        })
        return [name, refs] as const
      }),
    )
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
    return hashOf(write([method.name, parameters, method.result], (name) => this.#hash(name)))
  }

  #hash(start: string): string {
    const known = this.#hashes.get(start)
    if (known !== undefined) return known
    const group = this.#groups.get(start)
    const numbers = new Map<string, number>()
    const refer = (name: string): string => {
      if (group?.has(name) !== true) return this.#hash(name)
      const number = numbers.get(name)
      if (number !== undefined) return `#${number}`
      numbers.set(name, numbers.size)
      return write(this.#definitions[name], refer)
    }
    const hash = group === undefined ? start : hashOf(refer(start))
    this.#hashes.set(start, hash)
    return hash
  }
}

function write(value: unknown, refer: Refer): string {
  if (Array.isArray(value)) return `[${value.map((each) => write(each, refer)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const shape = value as Partial<Shape>
  if (shape.kind === 'shared') return write(shape.of, refer)
  if (shape.kind === 'ref') return refer(shape.name!)
  const entries = Object.entries(value).filter(
    ([key, each]) => each !== undefined && !(each === true && NOT_ON_THE_WIRE.has(key)),
  )
  entries.sort(([a], [b]) => byCodeUnits(a, b))
  return `{${entries.map(([key, each]) => `${key}:${write(each, refer)}`).join(',')}}`
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
