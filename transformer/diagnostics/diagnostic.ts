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
}

export interface Related {
  file: string
  line: number
  column: number
  message: string
}
