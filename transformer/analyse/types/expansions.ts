/**
 * What generic types may expand to. In go the forms of generic types as they are read, one inside the other; out comes a refusal for the type
 * that would go on for ever (each form holds another with longer arguments), or for so long that its codec would be of no use: a
 * thousand forms, each a union of hundreds, are megabytes that nobody would load.
 *
 * Also puts off what is met too deep in other types: a library of a thousand types may be met as one chain, for which no stack is long enough.
 */
import type { Shape } from '../../../runtime/shape.ts'
import type { SymbolHandle } from '../../checker/view.ts'
import { insideOf } from '../methods/references.ts'
import { endless, overgrown, type Refusal } from './refusals.ts'

/** How often one generic type may be met inside itself with longer arguments than ever, or too deep ones, before it is taken to be endless. */
const GROWN_MAX = 24
/** Members, elements and union members that forms of generic types may have, all together: what takes seconds to read and makes megabytes of code. */
const PARTS_MAX = 200_000
/** Each form is a codec, however small. */
const PARTS_OF_A_FORM = 10
/** Types in types that are read at once; a named one beyond them has its turn later. */
const DEPTH_AT_ONCE = 150

interface Form {
  readonly symbol: SymbolHandle
  /** Of its arguments, as `Names.sizeOf` has it. */
  readonly size: number
  readonly outer: Form | undefined
}

export interface Refused {
  readonly refusal: Refusal
  /** The type that is to be answered for; others are refused since they hold it, or are held by it. */
  readonly symbol: SymbolHandle
}

export class Expansions {
  readonly #nameOf: (symbol: SymbolHandle) => string
  #innermost: Form | undefined
  readonly #refused = new Map<SymbolHandle, Refused>()
  readonly #parts = new Map<SymbolHandle, number>()
  #sum = 0
  /** Set until the outermost type has been read: what is left of it would take as long again. */
  #stopped: Refused | undefined
  #isEnding = false
  readonly #later: { readonly around: Form | undefined; readonly read: () => void }[] = []

  constructor(nameOf: (symbol: SymbolHandle) => string) {
    this.#nameOf = nameOf
  }

  /** Why this type is not read. One that branches would take for ever to fail everywhere, so it fails at once. */
  refused(symbol: SymbolHandle, size: number): Refused | undefined {
    if (this.#stopped) return this.#stopped
    if (size > 0 && !this.#refused.has(symbol) && this.#timesGrown(symbol, size) > GROWN_MAX)
      this.#refused.set(symbol, { refusal: endless(this.#nameOf(symbol)), symbol })
    return this.#refused.get(symbol)
  }

  /** How often it is longer than all that are around it, this one included; nothing is longer than a form that is too deep but another one. */
  #timesGrown(symbol: SymbolHandle, size: number): number {
    const sizes = [size]
    for (let form = this.#innermost; form; form = form.outer) if (form.symbol === symbol) sizes.push(form.size)
    let [times, longest] = [0, 0]
    for (const each of sizes.reverse()) {
      if (each > longest || each === Number.POSITIVE_INFINITY) times++
      longest = Math.max(longest, each)
    }
    return size < longest ? 0 : times
  }

  /** Reads a type that has a symbol, and may be a form of a generic one. */
  read(symbol: SymbolHandle, size: number, make: () => Shape): Shape {
    const outer = this.#innermost
    this.#innermost = { symbol, size, outer }
    const shape = make()
    this.#innermost = outer
    if (size > 0) this.#count(symbol, PARTS_OF_A_FORM + partsOf(shape))
    return shape
  }

  #count(symbol: SymbolHandle, parts: number): void {
    this.#parts.set(symbol, (this.#parts.get(symbol) ?? 0) + parts)
    this.#sum += parts
    if (this.#sum <= PARTS_MAX || this.#stopped) return
    const [largest] = [...this.#parts].reduce((most, each) => (each[1] > most[1] ? each : most))
    this.#stopped = { refusal: overgrown(this.#nameOf(largest)), symbol: largest }
    this.#refused.set(largest, this.#stopped)
  }

  /** What was put off is being read: it is part of the outermost type, though nothing is around it. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Whether what is met inside of `depth` others is left for later. */
  isDeep(depth: number): boolean {
    return depth >= DEPTH_AT_ONCE
  }

  /** It counts as met where it was met. */
  putOff(read: () => void): void {
    this.#later.push({ around: this.#innermost, read })
  }

  /**
   * The outermost type has been read, but for what was put off; what that puts off is read too. The answer is why it was given up: how far
   * it was read until then depends on the order in which a checker lists things, so nothing that was read may be used.
   */
  end(): Refused | undefined {
    if (this.#isEnding) return undefined
    this.#isEnding = true
    for (const { around, read } of this.#later) {
      this.#innermost = around
      read()
    }
    this.#later.length = 0
    this.#innermost = undefined
    this.#isEnding = false
    const stopped = this.#stopped
    if (stopped) {
      this.#parts.clear()
      this.#sum = 0
    }
    this.#stopped = undefined
    return stopped
  }
}

function partsOf(shape: Shape): number {
  let parts = 0
  for (const each of insideOf(shape)) parts += 1 + partsOf(each)
  return parts
}
