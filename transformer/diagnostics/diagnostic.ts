/** A boundary error as a plain value: positions and data. Hosts convert it; nothing here knows TypeScript or a terminal. */
export interface Diagnostic {
  /** `WV2006`; see catalogue.ts. */
  code: string
  severity: 'error' | 'warning'
  /** From the project's root, forward slashes; undefined for set-up errors that belong to no file. */
  file: string | undefined
  /** UTF-16 offsets, and 1-based line and column of `start`. */
  start: number
  end: number
  line: number
  column: number
  /** What: one sentence with 'quoted' names. */
  message: string
  why: string
  fix: string
  /** From the boundary to the culprit, `add(order).lines[].onDone`; empty when the span says it all. */
  path: string
  related: Related[]
  /** Ways to mend it, the best first; offered in the editor, and the safe ones applied by `weave check --fix`. */
  fixes?: Fix[]
}

/** A named change of the user's sources. */
export interface Fix {
  /** Equal for fixes of one kind, so that an editor can apply all of them at once: `return-promise`. */
  id: string
  /** What an editor's menu shows: "Return 'Promise<number>'". */
  title: string
  /** Behaviour can't change by it, so it needs nobody's consent. */
  safe: boolean
  /** Only a person can say whether it is meant, so `weave check --fix` never applies it, and editors offer it. */
  choice?: true
  edits: Edit[]
}

/** Replaces [start, end) of a file (from the project's root). A file that doesn't exist is made; then both are 0. */
export interface Edit {
  file: string
  start: number
  end: number
  text: string
}

export interface Related {
  file: string
  line: number
  column: number
  message: string
}
