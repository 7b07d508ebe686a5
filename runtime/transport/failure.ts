/** What a call was rejected with inside the runtime, where the error alone doesn't say how its stack has to look. */

/** An error that came from another process; unwrapped where the local half of the stack is known. */
export class RemoteFailure {
  readonly error: unknown
  /** The frame that stands for the hop: `Cart.add (process cart-1)`. */
  readonly hop: string

  constructor(error: unknown, hop: string) {
    this.error = error
    this.hop = hop
  }
}

/** What the caller itself had sent, and got back: its signal's reason, an error of a stream that it passed. It comes out as it is. */
export class OwnFailure {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}
