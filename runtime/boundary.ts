/**
 * What generated code and the runtime say to each other. Generated text (appended to the file that calls `run`) builds one
 * `AppDescriptor`; the runtime never sees a user's types, only this.
 *
 * A `Boundary` is made when a process first needs the component, so a process pays only for what it hosts or calls.
 */

import type { Reader } from './codec/reader.ts'
import type { Writer } from './codec/writer.ts'
import type { Others } from './config/others.ts'
import type { Definitions, Shape } from './shape.ts'
import type { LocalTarget, RemoteTarget, Stub } from './stub.ts'

/** Raised when generated code and runtime stop fitting; an old build then fails with one sentence and not with a riddle. */
export const BOUNDARY_FORMAT = 3

export interface AppDescriptor {
  readonly format: number
  /** The content hash of the build. */
  readonly version: string
  /** Full name of the root, which implements `Main`; undefined in a test that has none. */
  readonly root: string | undefined
  readonly components: readonly ComponentDescriptor[]
  /** What weave.config.ts may name for the project's other applications. */
  readonly others?: Others
  /** Error classes of the application that may be thrown across a boundary. */
  readonly errors: readonly ErrorDescriptor[]
  /** A minifier was at work: names of functions and classes aren't those of the sources. */
  readonly renamed?: boolean
  /** The user's own codecs, by the names that shapes know them by. */
  readonly codecs?: () => readonly CodecDescriptor[]
  /** Shapes by name, for explaining a bad value and checking a config; built when first asked for. */
  readonly definitions: () => Definitions
}

export interface ComponentDescriptor {
  /** `src/cart.Cart`; for the root, its class: `src/shop.Shop`. */
  readonly name: string
  /** Imports the implementing module and gives its class; undefined where only `provide` gives one. */
  readonly load: (() => Promise<ImplementationClass>) | undefined
  /** One an element of the constructor's parameter list, in order. */
  readonly dependencies: readonly Dependency[]
  /** Components that the implementation reaches by `get<X>()`; they start before it, like its dependencies. */
  readonly reaches: readonly string[]
  /** Undefined for the root, which nobody calls. */
  readonly boundary: (() => Boundary) | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: a user's class; the analysis has checked its parameters
export type ImplementationClass = new (...dependencies: any[]) => object

export type Dependency =
  | { readonly kind: 'component'; readonly component: string }
  | { readonly kind: 'listener'; readonly name: string }
  | { readonly kind: 'config'; readonly shape: Shape }
  | { readonly kind: 'logger' }
  /** A parameter with a default value: `undefined` is passed. */
  | { readonly kind: 'default' }

export interface ErrorDescriptor {
  /** `src/errors.OutOfStock`. */
  readonly name: string
  /** Imports the module that declares the class, when an error of it has arrived. */
  readonly load: () => Promise<abstract new (...parameters: never[]) => Error>
}

export interface CodecDescriptor {
  /** `src/money.Money`, a class that brings its codec; `src/codecs.dateTime`, one that weave.config.ts names. */
  readonly name: string
  /** Imports the codec's module, when a process first needs a boundary whose values it carries. `of`: the class that brings it. */
  readonly load: () => Promise<{ readonly codec: unknown; readonly of?: unknown }>
}

export interface Boundary {
  readonly component: string
  /** In canonical order of their names; the wire carries the index. */
  readonly methods: readonly Method[]
  /** What callers hold. */
  readonly Stub: new () => Stub
  /** Calls the implementation in this process, passing by value. */
  readonly Local: new (
    implementation: object,
  ) => LocalTarget
  /** Sends the call to where the component is. */
  readonly Remote: new () => RemoteTarget
  /** There for a boundary with error classes or codecs of the user's in its shapes: imports them. Await it before the first call. */
  readonly prepare?: () => Promise<void>
  /** Of a stateful implementation that hands its state over: its `takeOver`, whose one argument is what `handOver` gave. No caller reaches it. */
  readonly state?: Method
  /** Components that arguments or results may refer to, by full name: whoever calls this or is called may get stubs of them. */
  readonly refers?: readonly string[]
}

export interface MethodShapes {
  readonly parameters: readonly ParameterShape[]
  readonly result: Shape
  /** Where shapes of kind `custom` find their codecs. */
  readonly codecs?: () => readonly CodecDescriptor[]
}

export interface ParameterShape {
  readonly name: string
  readonly shape: Shape
  /** `undefined` is allowed whatever the shape says. */
  readonly optional?: boolean
  /** `shape` is an array's; it stands for all arguments from here on. */
  readonly rest?: boolean
}

/** Also the object through which a served call reaches the implementation. */
export interface Method {
  readonly name: string
  readonly idempotent: boolean
  /** From `@timeout`; undefined means the caller's deadline or the default one. */
  readonly timeoutMs: number | undefined
  /** Position of the `Key<T>` parameter. */
  readonly key: number | undefined
  /** Position of the `AbortSignal` parameter, which is the last one. */
  readonly signal?: number
  /** Parameters that are `AsyncIterable`s, by position. */
  readonly streams?: readonly StreamParameter[]
  /** The result is an `AsyncIterable`. `direct`: the method returns it itself, and not a promise of it. */
  readonly resultStream?: ItemCodec & { readonly direct: boolean }
  /** Shapes of the parameters (a rest parameter is the array of the remaining ones) and of the result, for explaining a bad value. */
  readonly shapes: () => MethodShapes
  /**
   * Throws a `Mismatch` (see codec/mismatch.ts) when an argument is not of its type. `args` are as in a call: possibly fewer than
   * the parameters, and with those of a rest parameter one by one; so is what `decodeArguments` gives. A signal or a stream
   * takes one byte (is it there?) and is decoded as `true` or `undefined`: whoever carries the call puts the real one there.
   */
  encodeArguments(writer: Writer, args: readonly unknown[]): void
  decodeArguments(reader: Reader): unknown[]
  encodeResult(writer: Writer, value: unknown): void
  decodeResult(reader: Reader): unknown
}

/** Items of a stream, by value like everything else. */
export interface ItemCodec {
  /** Throws a `Mismatch` when the item is not of its type. */
  encodeItem(writer: Writer, item: unknown): void
  decodeItem(reader: Reader): unknown
  /** For a stream between co-located components. */
  copyItem(item: unknown): unknown
}

export interface StreamParameter extends ItemCodec {
  readonly parameter: number
}
