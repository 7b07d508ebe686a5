/**
 * What stands at the top of a module, by names: for telling which types an edit reaches without asking a checker, which knows nothing
 * yet after an edit. Plain data, so that it outlives the tree that it was read from (outline6.ts reads it; analyse/type-reach.ts asks).
 */

/**
 * What of the type that a name stands for matters where it is used. `name`: only which type it is, as where data holds it and it is a
 * record. `shape`: how its values look, one level of it. `whole`: anything, at any depth.
 */
export type UsedFor = 'name' | 'shape' | 'whole'

/** What a use of anything that the module sees is called. */
export const EVERYTHING = '*'

export interface Use {
  /** As it is written in the module, or `EVERYTHING`. */
  readonly name: string
  readonly for: UsedFor
}

/** All declarations of one name. */
export interface DeclaredName {
  /** With the comments before them. */
  readonly text: string
  readonly spans: readonly { readonly start: number; readonly end: number }[]
  /** One interface that is nothing but properties: wherever data holds it, it is data by its own name. */
  readonly record: boolean
  readonly uses: readonly Use[]
}

export interface ModuleOutline {
  readonly declared: ReadonlyMap<string, DeclaredName>
  /** Names that imports bind to one export of another module. */
  readonly imports: ReadonlyMap<string, { readonly specifier: string; readonly name: string }>
  /** Names that imports bind to all of another module. */
  readonly namespaces: ReadonlyMap<string, string>
  /** Exported name → the name that it has in the module. */
  readonly exports: ReadonlyMap<string, string>
  /** Of `export { name as exported } from`: exported name → where it comes from. */
  readonly reexports: ReadonlyMap<string, { readonly specifier: string; readonly name: string }>
  /** Of `export * from`. */
  readonly stars: readonly string[]
  /** Names that are bound in another way, or in two. */
  readonly unclear: ReadonlySet<string>
}
