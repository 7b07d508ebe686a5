/**
 * What generators ask about shapes before they write: which definitions are reached, which are recursive, whether a value
 * may take no bytes, holds text, or has to be copied. Answers are computed over the whole graph of definitions, so they are
 * the same wherever a shape is met. Unsupported shapes never get here: their components are marked as broken.
 */
import { canBeEmpty, inner, isMutable, mayHaveHoles, type ObjectTest, objectTest } from '../../runtime/codec/traits.ts'
import { canBeUndefined } from '../../runtime/codec/union.ts'
import type { Definitions, Shape, TupleElement } from '../../runtime/shape.ts'
import { type Edges, edgesOf, reaching, recursions, refsOf } from '../definitions.ts'

export class Facts {
  readonly definitions: Definitions
  /** Question → the definitions for which the answer is yes. */
  readonly #answers = new Map<string, ReadonlySet<string>>()
  readonly #edgesBy = new Map<string, Edges>()
  #recursive: ReadonlySet<string> | undefined

  constructor(definitions: Definitions) {
    this.definitions = definitions
  }

  definition(name: string): Shape {
    const shape = this.definitions[name]
    if (!shape)
      throw new Error(`The model refers to a shape named '${name}' that it does not define; this is a bug of weavets.`)
    return shape
  }

  /** Follows references and `Shared` to a shape that is neither. */
  resolve(shape: Shape): Exclude<Shape, { kind: 'ref' } | { kind: 'shared' }> {
    let current = shape
    for (let steps = 0; current.kind === 'ref' || current.kind === 'shared'; steps++) {
      if (steps > 1000) throw new Error(`A definition refers only to itself; this is a bug of weavets.`)
      current = current.kind === 'ref' ? this.definition(current.name) : current.of
    }
    return current
  }

  /** Names of all definitions that values of the shapes may need. */
  reachedFrom(...shapes: readonly Shape[]): ReadonlySet<string> {
    const reached = new Set<string>()
    const pending = shapes.flatMap((shape) => [...refsOf(shape, inner)])
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (reached.has(next)) continue
      reached.add(next)
      pending.push(...(this.#edges().get(next) ?? refsOf(this.definition(next), inner)))
    }
    return reached
  }

  /**
   * Whether a shape, or a definition that it reaches, is one of those for which `holds` is true. The answer is known for all
   * definitions at once: most reach most others where types are shared.
   */
  #somewhere(question: string, shape: Shape, holds: (shape: Shape, name?: string) => boolean): boolean {
    if (holds(shape)) return true
    const hidden = question === 'mutable' ? 'shared' : undefined
    let known = this.#answers.get(question)
    if (known === undefined) {
      const names = Object.keys(this.definitions).filter((name) => holds(this.definition(name), name))
      known = reaching(this.#edges(hidden), names)
      this.#answers.set(question, known)
    }
    for (const name of refsOf(shape, inner, hidden)) if (known.has(name)) return true
    return false
  }

  #edges(hidden?: 'shared'): Edges {
    const key = hidden ?? 'all'
    const edges = this.#edgesBy.get(key) ?? edgesOf(this.definitions, inner, hidden)
    this.#edgesBy.set(key, edges)
    return edges
  }

  /** A value of it may hold another value of it. */
  isRecursive(name: string): boolean {
    if (this.#recursive === undefined) {
      const edges = this.#edges()
      const groups = recursions(edges).filter(([first, ...more]) => more.length > 0 || edges.get(first!)?.has(first!))
      this.#recursive = new Set(groups.flat())
    }
    return this.#recursive.has(name)
  }

  /** Values may nest without a bound known now, so its functions take the depth. */
  takesDepth(name: string): boolean {
    return this.isUnbounded({ kind: 'ref', name })
  }

  isUnbounded(shape: Shape): boolean {
    return this.#somewhere('unbounded', shape, (each, name) => {
      return hasKind(each, 'json') || (name !== undefined && this.isRecursive(name))
    })
  }

  /** Names of the user's codecs that values of it need. */
  codecsOf(shape: Shape): ReadonlySet<string> {
    const names = new Set<string>()
    if (!this.#somewhere('codecs', shape, (each) => hasKind(each, 'custom'))) return names
    collect(shape, 'custom', ({ codec }) => names.add(codec))
    for (const name of this.reachedFrom(shape))
      collect(this.definition(name), 'custom', ({ codec }) => names.add(codec))
    return names
  }

  /** Components that values of it may refer to. */
  componentsOf(shape: Shape): ReadonlySet<string> {
    const names = new Set<string>()
    if (!this.#somewhere('components', shape, (each) => hasKind(each, 'component'))) return names
    const add = (part: Shape) => collect(part, 'component', ({ component }) => names.add(component))
    add(shape)
    for (const name of this.reachedFrom(shape)) add(this.definition(name))
    return names
  }

  hasErrors(shape: Shape): boolean {
    return this.#somewhere('errors', shape, (each) => hasKind(each, 'error'))
  }

  /** Its encoding uses the text of the message, so the message has to be opened. */
  hasText(shape: Shape): boolean {
    return this.#somewhere('text', shape, textInside)
  }

  canBeUndefined(shape: Shape): boolean {
    return canBeUndefined(shape, (each) => this.resolve(each))
  }

  objectTest(shape: Extract<Shape, { kind: 'object' }>): ObjectTest {
    return objectTest(shape, (each) => this.resolve(each))
  }

  mayHaveHoles(elements: readonly TupleElement[]): boolean {
    return mayHaveHoles(elements, (each) => this.resolve(each))
  }

  canBeEmpty(shape: Shape): boolean {
    return canBeEmpty(shape, (name) => this.definition(name))
  }

  /**
   * Whether caller and callee could see each other's changes if they held the same value. `Json` is readonly all the way
   * down; of `Shared` the user says so.
   */
  needsCopy(shape: Shape): boolean {
    return this.#somewhere('mutable', shape, isMutable)
  }
}

function collect<K extends Shape['kind']>(
  shape: Shape,
  kind: K,
  found: (shape: Extract<Shape, { kind: K }>) => void,
): void {
  if (shape.kind === kind) found(shape as Extract<Shape, { kind: K }>)
  for (const part of inner(shape)) collect(part, kind, found)
}

function hasKind(shape: Shape, kind: Shape['kind']): boolean {
  return shape.kind === kind || inner(shape).some((part) => hasKind(part, kind))
}

function textInside(shape: Shape): boolean {
  switch (shape.kind) {
    case 'string':
    case 'url':
    case 'regexp':
    case 'json':
      return true
    // Its items are messages of their own.
    case 'stream':
      return false
    case 'object':
      return shape.index !== undefined || shape.members.some((member) => textInside(member.shape))
    default:
      return inner(shape).some(textInside)
  }
}
