/**
 * The end of reading: when every definition is known, it shows what tells the members of a union apart (union.ts). In go shapes as they were
 * read, out come the same with settled unions, or a refusal where nothing tells two members apart.
 */
import type { Definitions, Shape } from '../../../runtime/shape.ts'
import type { Place, SymbolHandle } from '../../checker/view.ts'
import { ambiguous } from './refusals.ts'
import type { Culprit, Refused } from './refused.ts'
import { discriminate } from './union.ts'

type Union = Shape & { kind: 'union' }

export class Unions {
  readonly #definitions: Definitions
  readonly #refused: Refused
  /** What a report needs to say about them. */
  readonly #sources = new WeakMap<object, Pick<Culprit, 'symbol' | 'at' | 'within'>>()

  constructor(definitions: Definitions, refused: Refused) {
    this.#definitions = definitions
    this.#refused = refused
  }

  /** A union that waits for the definitions. `members` as `collapse` made them. */
  of(members: readonly Shape[], at: Place | undefined, symbol: SymbolHandle | undefined): Union {
    const union = untold(members)
    this.#sources.set(union, { symbol, at, within: this.#refused.within })
    return union
  }

  /** Settles the unions in `shape`; what it refers to is left to its definition. */
  finish(shape: Shape): Shape {
    switch (shape.kind) {
      case 'array':
      case 'set':
      case 'shared':
      case 'stream':
      case 'custom':
        return { ...shape, of: this.finish(shape.of) }
      case 'map':
        return { ...shape, key: this.finish(shape.key), value: this.finish(shape.value) }
      case 'tuple':
        return { ...shape, elements: shape.elements.map((each) => ({ ...each, shape: this.finish(each.shape) })) }
      case 'object': {
        const members = shape.members.map((each) => ({ ...each, shape: this.finish(each.shape) }))
        return { ...shape, members, ...(shape.index && { index: { ...shape.index, of: this.finish(shape.index.of) } }) }
      }
      case 'union':
        return this.#settle(shape)
      default:
        return shape
    }
  }

  #settle(union: Union): Shape {
    const members = union.members.map((each) => this.finish(each.shape))
    if (members.some((each) => isRefused(each, this.#definitions))) return untold(members)
    const result = discriminate(members, this.#definitions)
    if (!('ambiguous' in result)) return { kind: 'union', members: result.members }
    const source = this.#sources.get(union)
    return this.#refused.reading(source?.within, () =>
      this.#refused.refuse(ambiguous(result.ambiguous, result.opaque), source?.at, source?.symbol),
    )
  }
}

/** A union of which nobody has asked yet what tells its members apart. */
export function untold(members: readonly Shape[]): Union {
  return { kind: 'union', members: members.map((shape) => ({ test: { by: 'kind' }, shape })) }
}

export function isRefused(shape: Shape, definitions: Definitions): boolean {
  return (shape.kind === 'ref' ? definitions[shape.name] : shape)?.kind === 'unsupported'
}
