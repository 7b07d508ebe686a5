/**
 * The manifest, `weave.manifest.json`: what a build says about itself to those who don't compile it: deployer, CLI, dashboard.
 * `schema/manifest.json` describes the same for everybody else (a test holds the two together). Here are the type and the
 * reading; writing is the transformer's (transformer/codegen/manifest.ts).
 */

import type { Others } from './config/others.ts'
import { WeaveError } from './errors.ts'
import type { Definitions, Shape } from './shape.ts'

/** Raised when a reader of the former format could no longer make sense of it. */
export const MANIFEST_FORMAT = 1

export interface Manifest {
  readonly format: number
  /** Content hash of the build: same sources, same version. */
  readonly version: string
  /** Name of the application. */
  readonly application: string
  /** The built entry file, from the manifest's folder; every process runs it. */
  readonly entry: string
  /** Full name of the root; it is the last of the components. */
  readonly root: string
  /** Dependencies before dependents. */
  readonly components: readonly ManifestComponent[]
  /** Who may call whom. */
  readonly edges: readonly ManifestEdge[]
  /** What weave.config.ts may name for the project's other applications. */
  readonly others?: Others
  /** Shapes that others refer to, by name. */
  readonly definitions: Definitions
}

/** What weave.config.ts is checked against. A manifest has it; an editor makes no more than this after each edit. */
export interface Outline {
  readonly components: readonly Pick<ManifestComponent, 'name' | 'listeners' | 'config'>[]
  readonly others?: Others
  readonly definitions: Definitions
}

export interface ManifestComponent {
  /** `src/cart.Cart`; for the root, its class: `src/shop.Shop`. */
  readonly name: string
  /** The implementing class, `src/cart-memory.MemoryCart`; null where `provide` gives the implementation. */
  readonly implementation: string | null
  /** In the order of their indices on the wire; none for the root. */
  readonly methods: readonly ManifestMethod[]
  /** Full names of the components that it is constructed with, in the constructor's order, and then of those it gets by `get`. */
  readonly dependencies: readonly string[]
  /** Those of them that it gets by `get`; absent when there are none. A `get` of a file that holds no implementation is counted to the root. */
  readonly reaches?: readonly string[]
  /** Names of the listeners it opens. */
  readonly listeners: readonly string[]
  /** Shape of its section of weave.config.ts; absent when it has none. */
  readonly config?: Shape
  /** A method of it has a routing key, so callers are sent to the replica that the key decides. */
  readonly routed: boolean
  /** `@stateful`: it keeps state in memory, so it isn't moved while it runs, unless it hands that over. */
  readonly stateful?: true
  /** And it has `handOver` and `takeOver`, so it is moved with its state. */
  readonly handsOver?: true
  /** The field in which its class visibly keeps something between calls, and nothing says `@stateful` or `@stateless`: automatic placement leaves it where it is. */
  readonly keeps?: string
}

export interface ManifestMethod {
  readonly name: string
  /** Equal in two builds when their callers and callees understand each other. */
  readonly hash: string
  /** It may be called again when nobody knows whether it has run. */
  readonly idempotent: boolean
  /** From `@timeout`. */
  readonly timeoutMs?: number
  /** Position of the parameter that is the routing key. */
  readonly key?: number
  readonly parameters: readonly ManifestParameter[]
  readonly result: Shape
}

export interface ManifestParameter {
  readonly name: string
  readonly shape: Shape
  readonly optional?: true
  /** `shape` is an array's, of all arguments from here on. */
  readonly rest?: true
}

export interface ManifestEdge {
  readonly caller: string
  readonly callee: string
}

/** `where` begins the sentence of what is wrong: the manifest's path. Throws `WV_DEPLOY`. */
export function parseManifest(text: string, where = 'The manifest'): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw unusable(where, 'is not JSON', cause)
  }
  const problem = problemOf(value)
  if (problem !== undefined) throw unusable(where, problem)
  return value as Manifest
}

function unusable(where: string, problem: string, cause?: unknown): WeaveError {
  return new WeaveError(`${where} ${problem}; build the application again with \`weave build\`.`, {
    code: 'WV_DEPLOY',
    cause,
  })
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isFlag: Check = (value) => typeof value === 'boolean'
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isRecord: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isShape: Check = (value) => isRecord(value) && isText((value as Partial<Shape>).kind)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const recordOf =
  (checks: Record<string, Check>): Check =>
  (value) =>
    isRecord(value) && Object.entries(checks).every(([key, check]) => check((value as Record<string, unknown>)[key]))

const isParameter = recordOf({ name: isText, shape: isShape, optional: optional(isFlag), rest: optional(isFlag) })
const isMethod = recordOf({
  name: isText,
  hash: isText,
  idempotent: isFlag,
  timeoutMs: optional((value) => Number.isFinite(value) && (value as number) >= 0),
  key: optional(isCount),
  parameters: listOf(isParameter),
  result: isShape,
})
const isComponent = recordOf({
  name: isText,
  implementation: (value) => value === null || isText(value),
  methods: listOf(isMethod),
  dependencies: listOf(isText),
  reaches: optional(listOf(isText)),
  listeners: listOf(isText),
  config: optional(isShape),
  routed: isFlag,
  stateful: optional(isFlag),
  handsOver: optional(isFlag),
  keeps: optional(isText),
})
const CHECKS: Record<Exclude<keyof Manifest, 'format'>, Check> = {
  version: isText,
  application: isText,
  entry: isText,
  root: isText,
  components: listOf(isComponent),
  edges: listOf(recordOf({ caller: isText, callee: isText })),
  others: optional(recordOf({ components: listOf(isText), listeners: listOf(isText) })),
  definitions: (value) => isRecord(value) && Object.values(value as object).every(isShape),
}

/** What completes the sentence "The manifest …". */
function problemOf(value: unknown): string | undefined {
  if (!isRecord(value)) return 'is not an object'
  const manifest = value as Record<string, unknown>
  if (manifest.format !== MANIFEST_FORMAT) {
    return `has format ${JSON.stringify(manifest.format)} where this weavets reads ${MANIFEST_FORMAT}`
  }
  for (const [key, check] of Object.entries(CHECKS)) {
    if (!check(manifest[key]))
      return manifest[key] === undefined ? `has no "${key}"` : `has a "${key}" that is malformed`
  }
  return namesProblem(manifest as unknown as Manifest)
}

/** Names must lead somewhere: others look components up by them without asking again. */
function namesProblem({ root, components, edges }: Manifest): string | undefined {
  const names = new Set(components.map((component) => component.name))
  if (names.size !== components.length) return 'lists a component twice'
  const named = [
    root,
    ...components.flatMap(({ dependencies, reaches = [] }) => [...dependencies, ...reaches]),
    ...edges.flatMap(({ caller, callee }) => [caller, callee]),
  ]
  const unknown = named.find((name) => !names.has(name))
  return unknown === undefined ? undefined : `names the component "${unknown}" but does not list it`
}
