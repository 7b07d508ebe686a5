/**
 * The bases of the three generated classes of a boundary. A caller holds a `Stub`; its `$target` is replaced when the
 * callee moves: a `LocalTarget` while it lives in this process, a `RemoteTarget` while it doesn't. One stub for each
 * caller → callee edge, so what it counts is the edge's own, wherever the callee is.
 *
 * Hot path: keep stubs free of anything but the count, and `Local` methods of anything but a look at the context, the copies and the call
 * (bench/call.bench.ts).
 */

import type { References } from './calls/references.ts'
import type { InFlight } from './instances/in-flight.ts'
import type { EdgeCounts } from './measure/edge-counts.ts'
import { look } from './measure/look.ts'
import { rejection } from './stack.ts'

export type Target = Record<string, (...args: never[]) => Promise<unknown>>

export abstract class Stub {
  /** Full name of the component that this stands for. */
  declare readonly $component: string
  /** Where calls go now. Set by the linker (runtime/instances/linker.ts) before the stub is handed out, and whenever the callee moves. */
  declare $target: Target
  /** What is counted of its calls. Set like `$target`, once. */
  declare readonly $edge: EdgeCounts
  /** `$edge.due`. */
  declare readonly $due: Uint32Array

  /** What generated methods do with the call that is due to be looked at. */
  $sample(method: number, _name: string, args: never[]): Promise<unknown> {
    return look(this.$edge, this.$target, method, args)
  }

  /** The same for a method that itself gives a stream: it is only counted. */
  $count(method: number): void {
    this.$edge.look(method, this.$edge.now())
  }
}

/** Gives a new stub what it counts with; nothing of it shows when the stub is printed. */
export function countsOf(stub: Stub, edge: EdgeCounts): void {
  Object.defineProperty(stub, '$edge', { value: edge, enumerable: false })
  Object.defineProperty(stub, '$due', { value: edge.due, enumerable: false })
}

/** Calls the implementation in this process, passing by value. */
export abstract class LocalTarget {
  readonly $implementation: Target
  /** Full name of the component that calls, for errors. Set by the linker right after construction. */
  declare $caller: string
  /** Stubs for references among arguments, which the callee gets, and among results. Set like `$caller`. */
  declare $callee: References
  declare $receiver: References
  /** What the implementation is busy with. Set like `$caller`; there for whoever calls through a linker. */
  declare $inFlight: InFlight | undefined

  constructor(implementation: object) {
    this.$implementation = implementation as Target
  }
}

/** Hands the call to a caller object that knows routing, deadlines and retries. */
export abstract class RemoteTarget {
  /** Set by the linker right after construction. */
  declare $caller: RemoteCaller
  /** What generated methods return. */
  $call(method: number, args: unknown[]): Promise<unknown> {
    try {
      return this.$caller.call(method, args)
    } catch (thrown) {
      return rejection(thrown)
    }
  }

  /** What generated methods return that give a stream and no promise of one. */
  $stream(method: number, args: unknown[]): AsyncIterableIterator<unknown> {
    return this.$caller.stream(method, args)
  }
}

export interface RemoteCaller {
  /** `args` belongs to the caller object from here on. What it rejects with has the local half of its stack. */
  call(method: number, args: unknown[]): Promise<unknown>
  /** Of a method that itself gives a stream. What becomes of the call, the first `next` tells. */
  stream(method: number, args: unknown[]): AsyncIterableIterator<unknown>
}
