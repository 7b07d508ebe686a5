/**
 * The types an application names. They exist for the compiler only: each carries a `@weaveMarker` tag, by which the
 * transformer finds it (so a user's own `Component` is never mistaken for ours), and at most an optional symbol member,
 * so that plain values and plain objects satisfy it and a unit test needs nothing of ours.
 */
import type { Server } from 'node:net'

declare const component: unique symbol
declare const key: unique symbol
declare const shared: unique symbol
declare const config: unique symbol

/**
 * Marks an interface as a component boundary: `export interface Cart extends Component { … }`.
 * Every method returns a promise; what it takes and gives is passed by value.
 * @weaveMarker component
 */
export interface Component {
  readonly [component]?: never
}

/**
 * What the root of an application implements. The application ends when `main` returns (exit code 0) or throws (exit code 1).
 * `signal` aborts when the application is asked to stop.
 * @weaveMarker main
 */
export interface Main {
  main(signal: AbortSignal): Promise<void>
}

/**
 * A component may implement these; `start` runs after its dependencies have started and before it is called,
 * `stop` before its dependencies stop.
 */
export interface Lifecycle {
  start?(): Promise<void>
  stop?(): Promise<void>
}

/**
 * For a class that says `@stateful`: it moves to another process with what it keeps in memory, and else not at all. `handOver` is called when its
 * calls have ended and new ones wait; `takeOver` of the instance in the other process, after its `start` and before its first call, with a copy.
 * Within 5 s each, which is what callers wait. Where one of them throws, the component serves on where it was, so `handOver` must leave the
 * instance as it is. Its co-located calls are counted always, so that none is missed, which costs each some 100 ns.
 */
export interface HandsOver<State> {
  handOver(): Promise<State>
  takeOver(state: State): Promise<void>
}

/**
 * The parameter whose value decides which replica of a component serves the call. One a method; a string, number,
 * bigint or boolean. A plain `string` is a `Key<string>`.
 * @weaveMarker key
 */
export type Key<T extends string | number | bigint | boolean> = T & { readonly [key]?: never }

/**
 * Opts a value out of copying between co-located components: caller and callee see the same object. Across processes it
 * is copied like any other value, so share only what nobody changes.
 * @weaveMarker shared
 */
export type Shared<T extends object> = T & { readonly [shared]?: never }

/**
 * The component's section of `weave.config.ts`, checked against `T` before the component is constructed.
 * @weaveMarker config
 */
export type Config<T extends object> = Readonly<T> & { readonly [config]?: never }

/**
 * Any value that JSON can say, for data whose shape isn't known when the program is built.
 * @weaveMarker json
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * How values cross that aren't plain data: `encode` makes something of them that is, `decode` the value again. A class of the
 * application brings its own, `static readonly codec: Codec<Money, { units: bigint; currency: string }>`; for a package's type,
 * `types` in weave.config.ts names one. Both must be pure: they also run for a call inside one process.
 * @weaveMarker codec
 */
export interface Codec<Value, Wire> {
  encode(value: Value): Wire
  decode(wire: Wire): Value
  /** Whether `value` is one of its own; needed only for a type that isn't a class and is a member of a union. */
  is?(value: unknown): boolean
}

/**
 * A network listener, named after the constructor parameter. One public address, however many replicas its component has.
 * @weaveMarker listener
 */
export interface Listener {
  readonly name: string
  /** The public address, such as `http://127.0.0.1:8080`; the empty string until `listen` has resolved. */
  readonly url: string
  /**
   * Makes `server` (of `node:http`, `node:https`, `node:http2` or `node:net`) accept connections, and resolves to the
   * public address. When the process stops, the runtime lets open requests end and closes the server.
   */
  listen(server: Server): Promise<string>
}

/**
 * Structured log: one JSON line a call, with time, level, component, process and trace.
 * `fields` must be JSON; an `Error` among them is written with its stack.
 * @weaveMarker logger
 */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}
