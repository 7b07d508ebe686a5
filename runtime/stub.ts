/**
 * The bases of the three generated classes of a boundary. A caller holds a `Stub`; its `$target` is replaced when the
 * callee moves: a `LocalTarget` while it lives in this process, a `RemoteTarget` while it doesn't. One stub for each
 * caller → callee edge, so counts are the edge's own.
 *
 * Hot path: keep `Local` methods free of anything but a count, a look at the context, the copies and the call (bench/call.bench.ts).
 */
import type { References } from './references.ts'
import { rejection } from './stack.ts'

export type Target = Record<string, (...args: never[]) => Promise<unknown>>

export abstract class Stub {
  /** Full name of the component that this stands for. */
  declare readonly $component: string
  /** Where calls go now. Set by the linker (runtime/linker.ts) before the stub is handed out, and whenever the callee moves. */
  declare $target: Target
}

/** Calls the implementation in this process, passing by value. */
export abstract class LocalTarget {
  readonly $implementation: Target
  /** Calls so far, by method index. */
  readonly $calls: number[]
  /** Full name of the component that calls, for errors. Set by the linker right after construction. */
  declare $caller: string
  /** Stubs for references among arguments, which the callee gets, and among results. Set like `$caller`. */
  declare $callee: References
  declare $receiver: References

  constructor(implementation: object) {
    this.$implementation = implementation as Target
    this.$calls = []
  }
}

/** Hands the call to a caller object that knows routing, deadlines and retries. */
export abstract class RemoteTarget {
  /** Set by the linker right after construction. */
  declare $caller: RemoteCaller
  /** Calls so far, by method index. */
  readonly $calls: number[] = []

  /** What generated methods return. */
  $call(method: number, args: unknown[]): Promise<unknown> {
    this.$calls[method] = (this.$calls[method] ?? 0) + 1
    try {
      return this.$caller.call(method, args)
    } catch (thrown) {
      return rejection(thrown)
    }
  }

  /** What generated methods return that give a stream and no promise of one. */
  $stream(method: number, args: unknown[]): AsyncIterableIterator<unknown> {
    this.$calls[method] = (this.$calls[method] ?? 0) + 1
    return this.$caller.stream(method, args)
  }
}

export interface RemoteCaller {
  /** `args` belongs to the caller object from here on. What it rejects with has the local half of its stack. */
  call(method: number, args: unknown[]): Promise<unknown>
  /** Of a method that itself gives a stream. What becomes of the call, the first `next` tells. */
  stream(method: number, args: unknown[]): AsyncIterableIterator<unknown>
}
