/**
 * How encoders and copiers say that a value isn't of its declared type, from the innermost write up to whoever began: by
 * throwing a `Mismatch`. It carries no message, because only then, and only once, mismatch.ts finds out what to say.
 */

/** A signal, not an error for users: no message, no stack. `tooDeep`: the value may have a cycle. */
export class Mismatch {
  readonly tooDeep: boolean

  constructor(tooDeep: boolean) {
    this.tooDeep = tooDeep
  }
}

/** In generated code: `v === "a" ? 0 : mismatch()`. */
export function mismatch(): never {
  throw new Mismatch(false)
}

export function tooDeep(): never {
  throw new Mismatch(true)
}
