/**
 * What the catalogue says of a code, and how its entries are written. An example is a whole program, or a few files of one: a
 * test compiles each, and demands exactly this code at the marked place of the wrong one and nothing of the right one.
 */

export interface CatalogueEntry {
  readonly severity: 'error' | 'warning'
  /** For people and for `weave(async-return)` in an editor. Unique, and as stable as the code. */
  readonly name: string
  readonly title: string
  readonly explanation: string
  readonly example: Example | undefined
}

export interface Example {
  /** `[|…|]` is around what the diagnostic underlines; a diagnostic without a file has no mark. */
  readonly wrong: Sources
  readonly right: Sources
  /** For a comparison of two versions: what the deployed version was built from. */
  readonly before?: Sources
  /** For what is not seen in the sources alone: a command for each, whose output has the code or has it not. */
  readonly command?: { readonly wrong: string; readonly right: string }
}

/**
 * One file, `src/shop.ts`, or several by path. What a file under src/ uses of weavets is imported for it (`import { … } from 'weavets'`
 * would be the first line of each). `weave.config.ts`, `tsconfig.json` and `package.json` are the project's own if given.
 */
export type Sources = string | Readonly<Record<string, string>>

export const error = (name: string, title: string, explanation: string, example?: Example): CatalogueEntry => ({
  severity: 'error',
  name,
  title,
  explanation,
  example,
})

export const warning = (name: string, title: string, explanation: string, example?: Example): CatalogueEntry => ({
  severity: 'warning',
  name,
  title,
  explanation,
  example,
})
