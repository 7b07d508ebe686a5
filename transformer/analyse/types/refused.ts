/**
 * What can't cross: an `unsupported` shape is a plain value in the model, and why it is one (code, wording, where it is written) is kept
 * beside it for the report. Also counts whatever makes a shape say more than its type does by itself.
 */
import type { Unsupported } from '../../../runtime/shape.ts'
import type { Place, SymbolHandle } from '../../checker/view.ts'
import type { Within } from './answers.ts'
import type { Refusal } from './refusals.ts'

/** Why a type can't cross, and where that is written. */
export interface Culprit extends Refusal {
  /** The type that can't cross, if it has a declaration: one report for all its uses. */
  readonly symbol: SymbolHandle | undefined
  /** The member or parameter that is declared so. */
  readonly at: Place | undefined
  /** The member by the named type around it, as weave.config.ts would name it; no member for what the type's index holds. */
  readonly within: Within | undefined
}

export class Refused {
  /** The member that is being read. */
  within: Within | undefined
  /** Refusals, codecs, names that the order decides. */
  oddities = 0
  readonly #culprits = new WeakMap<Unsupported, Culprit>()

  refuse(refusal: Refusal, at: Place | undefined, symbol?: SymbolHandle): Unsupported {
    this.oddities++
    const reason = refusal.says.replace(/\.$/, '')
    const shape: Unsupported = { kind: 'unsupported', reason, path: '', fix: refusal.fix }
    this.#culprits.set(shape, { ...refusal, symbol, at, within: this.within })
    return shape
  }

  culprit(shape: Unsupported): Culprit | undefined {
    return this.#culprits.get(shape)
  }

  /** The same for another symbol. */
  renamed(shape: Unsupported, symbol: SymbolHandle): Unsupported {
    const renamed: Unsupported = { ...shape }
    this.#culprits.set(renamed, { ...this.#culprits.get(shape)!, symbol })
    return renamed
  }

  /** Reads something as if it were in `within`, and comes back. */
  reading<T>(within: Within | undefined, read: () => T): T {
    const outer = this.within
    this.within = within
    const result = read()
    this.within = outer
    return result
  }
}
