/**
 * What generators ask about shapes before they write: which definitions are reached, which are recursive, whether a value
 * may take no bytes, holds text, or has to be copied. Answers are computed over the whole graph of definitions, so they are
 * the same wherever a shape is met. Unsupported shapes never get here: their components are marked as broken.
 */
import type { Definitions, Shape } from '../../runtime/shape.ts'

/** The shapes directly inside a shape; a `ref` has none. */
export function inner(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case 'array':
    case 'set':
    case 'shared':
      return [shape.of]
    case 'tuple':
      return shape.elements.map((element) => element.shape)
    case 'object':
      return [...shape.members.map((member) => member.shape), ...(shape.index ? [shape.index.of] : [])]
    case 'map':
      return [shape.key, shape.value]
    case 'union':
      return shape.members.map((member) => member.shape)
    default:
      return []
  }
}

export class Facts {
  readonly definitions: Definitions
  readonly #refs = new Map<string, ReadonlySet<string>>()
  readonly #reach = new Map<string, ReadonlySet<string>>()

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

  /** Names of all definitions that a value of `shape` may need. */
  reachedFrom(shape: Shape): ReadonlySet<string> {
    const reached = new Set<string>()
    for (const name of refsOf(shape)) {
      reached.add(name)
      for (const further of this.#reachOf(name)) reached.add(further)
    }
    return reached
  }

  #reachOf(name: string): ReadonlySet<string> {
    const known = this.#reach.get(name)
    if (known) return known
    const reached = new Set<string>()
    const pending = [...this.#refsOfDefinition(name)]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (reached.has(next)) continue
      reached.add(next)
      pending.push(...this.#refsOfDefinition(next))
    }
    this.#reach.set(name, reached)
    return reached
  }

  #refsOfDefinition(name: string): ReadonlySet<string> {
    let refs = this.#refs.get(name)
    if (!refs) {
      refs = refsOf(this.definition(name))
      this.#refs.set(name, refs)
    }
    return refs
  }

  /** A value of it may hold another value of it. */
  isRecursive(name: string): boolean {
    return this.#reachOf(name).has(name)
  }

  /** Values may nest without a bound known now, so its functions take the depth. */
  takesDepth(name: string): boolean {
    return this.isUnbounded({ kind: 'ref', name })
  }

  isUnbounded(shape: Shape): boolean {
    if (hasKind(shape, 'json')) return true
    for (const name of this.reachedFrom(shape)) {
      if (this.isRecursive(name) || hasKind(this.definition(name), 'json')) return true
    }
    return false
  }

  hasErrors(shape: Shape): boolean {
    if (hasKind(shape, 'error')) return true
    for (const name of this.reachedFrom(shape)) if (hasKind(this.definition(name), 'error')) return true
    return false
  }

  /** Its encoding uses the text of the message, so the message has to be opened. */
  hasText(shape: Shape): boolean {
    if (textInside(shape)) return true
    for (const name of this.reachedFrom(shape)) if (textInside(this.definition(name))) return true
    return false
  }

  /** Some value of it takes no bytes. Lists of such values write a byte for each, so that no count goes unpaid. */
  canBeEmpty(shape: Shape, seen: ReadonlySet<string> = new Set()): boolean {
    switch (shape.kind) {
      case 'null':
      case 'undefined':
      case 'literal':
        return true
      case 'object':
        return !shape.index && shape.members.every((member) => !member.optional && this.canBeEmpty(member.shape, seen))
      case 'tuple':
        return shape.elements.every(
          (element) => !element.optional && !element.rest && this.canBeEmpty(element.shape, seen),
        )
      case 'shared':
        return this.canBeEmpty(shape.of, seen)
      case 'ref':
        return !seen.has(shape.name) && this.canBeEmpty(this.definition(shape.name), new Set(seen).add(shape.name))
      default:
        return false
    }
  }

  /**
   * Whether caller and callee could see each other's changes if they held the same value. `Json` is readonly all the way
   * down; of `Shared` the user says so.
   */
  needsCopy(shape: Shape): boolean {
    if (this.#mutable(shape)) return true
    if (shape.kind === 'shared') return false
    for (const name of this.#reachedByCopy(shape)) if (this.#mutable(this.definition(name))) return true
    return false
  }

  /** Like `reachedFrom`, but `Shared` hides what is behind it. */
  #reachedByCopy(shape: Shape): ReadonlySet<string> {
    const reached = new Set<string>()
    const pending = [...refsOf(shape, 'shared')]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (reached.has(next)) continue
      reached.add(next)
      pending.push(...refsOf(this.definition(next), 'shared'))
    }
    return reached
  }

  /** It, or something inside it that isn't behind a reference, can be changed. */
  #mutable(shape: Shape): boolean {
    switch (shape.kind) {
      case 'date':
      case 'url':
      case 'regexp':
      case 'bytes':
      case 'error':
        return true
      case 'array':
      case 'tuple':
      case 'map':
      case 'set':
        return !shape.readonly || inner(shape).some((part) => this.#mutable(part))
      case 'object':
        // Of an object without declared members nothing may arrive, so what else it has is left behind by a copy.
        if (shape.members.length === 0 && !shape.index) return true
        return (
          shape.members.some((member) => !member.readonly || this.#mutable(member.shape)) ||
          (shape.index !== undefined && (!shape.index.readonly || this.#mutable(shape.index.of)))
        )
      case 'union':
        return shape.members.some((member) => this.#mutable(member.shape))
      default:
        return false
    }
  }
}

/** Names referred to from `shape` itself, not through other definitions. */
function refsOf(shape: Shape, hidden?: Shape['kind'], into: Set<string> = new Set()): ReadonlySet<string> {
  if (shape.kind === hidden) return into
  if (shape.kind === 'ref') into.add(shape.name)
  for (const part of inner(shape)) refsOf(part, hidden, into)
  return into
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
    case 'object':
      return shape.index !== undefined || shape.members.some((member) => textInside(member.shape))
    default:
      return inner(shape).some(textInside)
  }
}
