// EXPECT One.a(): undefined idempotent 50ms
// EXPECT One.b(): undefined idempotent
// EXPECT One.c(): undefined 20ms
// EXPECT One.d(): undefined
// EXPECT One.e(): undefined
// EXPECT First.only(): undefined 1000ms
// EXPECT Prose.add(): undefined idempotent 2000ms
// EXPECT error WV1015 at 33:7 '@idempotnt' is no policy of a method; did you mean '@idempotent'?
// EXPECT error WV1015 at 35:21 '@timeOut' is no policy of a method; did you mean '@timeout'?
// EXPECT error WV1015 at 37:7 '@Idempotent' is no policy of a method; did you mean '@idempotent'?
// EXPECT warning WV1016 at 44:5 '@timeout' on the interface 'Whole' has no effect.
// EXPECT warning WV1016 at 51:5 '@idempotent' on the class 'RealWhole' has no effect.
// EXPECT warning WV1016 at 53:7 '@timeout' on 'RealWhole.slow' has no effect.
// EXPECT warning WV1016 at 19:47 '@timeout' on a comment that belongs to no method has no effect.
import type { Component } from 'weavets'

// biome-ignore format: what matters here is what stands on one line
export interface One extends Component { /** Adds. @timeout 50ms @idempotent */ a(): Promise<void>; /** @idempotent */ b(): Promise<void>
  /** @timeout 20ms */ c(): Promise<void> /** @timeout 5s */
  d(): Promise<void>
  /** Like `@idempotent`, {@link One} and me@timeout. */
  e(): Promise<void>
}
// biome-ignore format: as above
export interface First extends Component { /** @timeout 1s */
  only(): Promise<void>
}
export interface Prose extends Component {
  /** Adds, once or twice: @idempotent @timeout 2s */
  add(): Promise<void>
}
export interface Misspelt extends Component {
  /** @idempotnt */
  a(): Promise<void>
  /** Prose. @see x @timeOut 5ms */
  b(): Promise<void>
  /** @Idempotent */
  c(): Promise<void>
  /** @since 1.0 @time of day @throws never */
  d(): Promise<void>
}

// The next tag is for no method.
/** @timeout 1s */
export interface Whole extends Component {
  slow(): Promise<void>
  /** @idempotent */
  again(): Promise<void>
}

/** @idempotent */
export class RealWhole implements Whole {
  /** @timeout 5s */
  async slow() {}
  /** @idempotent */
  async again() {}
}
