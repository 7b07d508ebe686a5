/**
 * An open project: what stands behind a checker view and survives an edit. `program6.ts` keeps a TypeScript 6 program in this
 * process, `program7.ts` a TypeScript 7.1 server in another one; `load.ts` says which. A planner holds one and asks no more.
 */
import type * as TS from 'typescript'
import type { CheckerView, Place } from './view.ts'

export interface CheckedProject {
  /** The compiler that answers: its version, where it was found, and in one clause why it was chosen, for `weave doctor`. */
  readonly compiler: { readonly version: string; readonly path: string; readonly why: string }
  /** Files beyond what the tsconfig includes (the entry, tests); the next `refresh` has them. */
  add(path: string): void
  /** An unsaved buffer, which stands in place of the file; `undefined` takes it away. The next `refresh` sees it. */
  overlay(path: string, text: string | undefined): void
  /**
   * Begins what the first `refresh` waits for, where another process does the work; for whoever has something to do meanwhile. What is
   * written in between is seen by the second `refresh` at the latest.
   */
  start(): void
  /** Reads what changed on disk and in overlays since the last call. Handles of an earlier view are dead afterwards. */
  refresh(): CheckerView
  /** What is wrong with the tsconfig; known after `refresh`. */
  readonly configErrors: readonly string[]
  /** Absolute paths of the tsconfig and all that it extends or, as a solution, refers to; known after `refresh`. */
  readonly configFiles: readonly string[]
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
  /** Folder of a TypeScript package (6 or 7.1) that must be taken, whatever the project has: for tests and `weave doctor`. */
  readonly typescript?: string | undefined
  /**
   * TypeScript 7 only, for `weave tsc`: the project is compiled and not analysed, so it has its own files alone, and the tsconfig's
   * options with these in place of its own.
   */
  readonly compilerOptions?: Readonly<Record<string, unknown>> | undefined
  /** A TypeScript 6 that the host has loaded already. */
  readonly ts?: typeof TS | undefined
}

/** The compiler's own process ended while it was asked something. The next `refresh` starts another one. */
export class CompilerStopped extends Error {
  constructor({ version, path }: CheckedProject['compiler'], cause: unknown) {
    const detail = cause instanceof Error ? ` (${cause.message})` : ''
    super(
      `TypeScript ${version} stopped while it was asked about the project${detail}; it was started from '${path}'.`,
      { cause },
    )
    this.name = 'CompilerStopped'
  }
}
