/**
 * The AppModel: everything that the analysis found, as a plain, serialisable value. `analyse/` makes it, `codegen/` and the
 * manifest read only it. Files are relative to the project's root with forward slashes, so that a model is the same in any
 * folder and on any machine; offsets are UTF-16 units into the file's text.
 */
import type { Definitions, Shape } from '../runtime/shape.ts'
import type { Diagnostic } from './diagnostics/diagnostic.ts'

export interface AppModel {
  /** All component interfaces of the project, by name. */
  components: Component[]
  /** Each call that starts an application: `run(Shop)`, `startApp(…)` in tests. */
  apps: App[]
  /** The user's own codecs that shapes name, by name. */
  codecs: CodecSource[]
  /** Exported classes that extend `Error` (tests left out), by name; and those of packages that the application throws. */
  errors: ErrorClass[]
  definitions: Definitions
  /** Call sites whose text changes. */
  rewrites: Rewrite[]
}

export interface SourceSpan {
  file: string
  start: number
  end: number
}

export interface Component {
  /** `src/cart.Cart` */
  name: string
  /** The interface's own name, `Cart`. */
  shortName: string
  declaration: SourceSpan
  /** In code unit order of their names; the index is the wire's. */
  methods: Method[]
  implementation: Implementation | undefined
  /** A `provide<X>()` call exists: no class is needed. */
  provided: boolean
  /** Full names of the classes that could implement it, `src/cart-memory.MemoryCart`: what weave.config.ts may choose from. */
  candidates?: string[]
  /** `@stateful`, on its interface or its class. */
  stateful?: true
  /** The field in which its class visibly keeps something between calls; absent where it, or the interface, says `@stateful` or `@stateless`. */
  keeps?: string
  /** `@background`, on its interface: it runs though nobody takes it. */
  background?: true
  /** An error was reported for it: its calls throw that diagnostic's text, and no codec is generated. */
  broken: string | undefined
}

export interface Method {
  name: string
  parameters: Parameter[]
  /** Of kind `stream` for a method that gives an `AsyncIterable`, by itself (`directStream`) or in a promise. */
  result: Shape
  directStream?: true
  idempotent: boolean
  timeoutMs: number | undefined
  /** Position of the `Key<T>` parameter. */
  key: number | undefined
  /** Hash over names and shapes (references resolved), in canonical form: equal on every TypeScript. */
  hash: string
  /** Its name in the interface, or in the one that it is inherited from; undefined when that is a package's. */
  declaration?: SourceSpan | undefined
}

export interface Parameter {
  name: string
  shape: Shape
  optional: boolean
  rest: boolean
}

export interface Implementation {
  className: string
  file: string
  /** `default` for a default export; undefined when the class isn't exported (possible only in the file that calls `run`). */
  exportName: string | undefined
  declaration: SourceSpan
  dependencies: Dependency[]
  /** Components that the implementation's file reaches by `get<X>()`. */
  reaches: string[]
  /** Its class says `@stateful`. */
  stateful?: true
  /** The field in which it visibly keeps something between calls; absent where it says `@stateful` or `@stateless`. */
  keeps?: string
  /** What its `handOver` gives and its `takeOver` takes; only where it is stateful. */
  state?: Shape
}

export type Dependency =
  | { kind: 'component'; parameter: string; component: string }
  /** Named after the parameter. */
  | { kind: 'listener'; parameter: string }
  /** `declaration`: where the parameter is written, for reports about what weave.config.ts lacks. */
  | { kind: 'config'; parameter: string; shape: Shape; declaration?: SourceSpan }
  | { kind: 'logger'; parameter: string }
  | { kind: 'default'; parameter: string }

export interface App {
  kind: 'run' | 'startApp'
  /** The file that calls it; its registry is appended there. */
  file: string
  /** Full name of the root, `src/shop.Shop`, and its class; undefined for `startApp`. */
  root: { name: string; implementation: Implementation } | undefined
  /** Components that the root reaches (all healthy ones for `startApp`), dependencies before dependents. */
  components: string[]
}

export interface CodecSource {
  /** `src/money.Money` or `src/codecs.dateTime`. */
  name: string
  file: string
  exportName: string
  /** The export is a class, whose static member of this name is the codec. */
  member: string | undefined
}

export interface ErrorClass {
  name: string
  className: string
  file: string
  exportName: string
  /** It is a package's, and this is what `file` imports it from: `@nestjs/common`. */
  package?: string
  /** Codecs of the user's that its fields may need. */
  codecs?: string[]
}

/** Structured, so that a text host can splice them and the tsc host can apply them to the tree. */
export type Rewrite =
  /** Replaces the expression at [start, end): `run(Shop)` → `run(__weave_app)`. */
  | { kind: 'replace'; file: string; start: number; end: number; text: string }
  /**
   * Adds a last argument to the call expression at [start, end), whose closing parenthesis is at `end - 1`: `get<Cart>()` →
   * `get<Cart>("src/cart.Cart")`. `arguments`: how many the call has now; `position`: which argument it must become
   * (missing ones before it are `undefined`).
   */
  | { kind: 'argument'; file: string; start: number; end: number; arguments: number; position: number; text: string }
  /** `import { Shop } from …` at `start` names nothing but the replaced root: it becomes `import type`, so that a process which doesn't host the root doesn't load it. */
  | { kind: 'type-import'; file: string; start: number; end: number }

export interface Analysis {
  model: AppModel
  diagnostics: Diagnostic[]
  /** Absolute paths of every file whose content the model depends on (lib and node_modules files left out). */
  dependencies: string[]
}
