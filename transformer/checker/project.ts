/**
 * An open project: what stands behind a checker view and survives an edit. `program6.ts` keeps a TypeScript 6 program in this
 * process, `program7.ts` a TypeScript 7.1 server in another one; `load.ts` says which. A planner holds one and asks no more.
 */
import type { CheckerView, Place } from './view.ts'

export interface CheckedProject {
  /** The compiler that answers: its version, where it was found, and in one clause why it was chosen, for `weave doctor`. */
  readonly compiler: { readonly version: string; readonly path: string; readonly why: string }
  /** Files beyond what the tsconfig includes (the entry, tests); the next `refresh` has them. */
  add(path: string): void
  /** An unsaved buffer, which stands in place of the file; `undefined` takes it away. The next `refresh` sees it. */
  overlay(path: string, text: string | undefined): void
  /** Reads what changed on disk and in overlays since the last call. Handles of an earlier view are dead afterwards. */
  refresh(): CheckerView
  /** What is wrong with the tsconfig; known after `refresh`. */
  readonly configErrors: readonly string[]
  /** TypeScript's own errors (syntax and types), for `weave dev` and `weave check --types`: those of the files named, or all. */
  typeErrors(files?: readonly string[]): readonly TypeError[]
  close(): void
}

/** An error of TypeScript itself, as its own tools show it. */
export interface TypeError {
  /** `TS2322` */
  readonly code: string
  readonly message: string
  readonly place: Place | undefined
}

export interface OpenProjectOptions {
  readonly root: string
  /** Absolute; undefined where the project has none, and then the defaults of `weave init` hold. */
  readonly tsconfig: string | undefined
  /** Absolute paths, beyond what the tsconfig includes. */
  readonly files: readonly string[]
}
