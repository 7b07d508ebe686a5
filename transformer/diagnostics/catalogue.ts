/**
 * Every diagnostic's code in one table: severity, name, title and the paragraph that `weave explain` and the documentation
 * show. Texts of a single report (what, why, what to do) are made where it is found. Codes are stable and never reused;
 * 1 is shape, 2 data, 3 wiring, 4 compatibility, 9 set-up. catalogue/ has a file a chapter, and one for lint.
 */
import { COMPATIBILITY } from './catalogue/compatibility.ts'
import { DATA } from './catalogue/data.ts'
import { LINT } from './catalogue/lint.ts'
import { SETUP } from './catalogue/setup.ts'
import { SHAPE } from './catalogue/shape.ts'
import { WIRING } from './catalogue/wiring.ts'

export type { CatalogueEntry, Example, Sources } from './catalogue/entry.ts'

export const CATALOGUE = { ...SHAPE, ...DATA, ...WIRING, ...COMPATIBILITY, ...LINT, ...SETUP }

export type Code = keyof typeof CATALOGUE

export function isCode(code: string): code is Code {
  return Object.hasOwn(CATALOGUE, code)
}

/** Where the documentation explains a code, from the package's root. */
export function docsPage(code: Code): string {
  return `docs/diagnostics/${code}.md`
}

/** The codes in the order of the documentation. */
export const CODES: readonly Code[] = (Object.keys(CATALOGUE) as Code[]).sort()

/** Chapters by the first digit of their codes. */
export const CHAPTERS: Readonly<Record<string, string>> = {
  1: 'Shape of a component',
  2: 'Data that crosses a boundary',
  3: 'Wiring and configuration',
  4: 'Compatibility with a deployed version',
  9: 'Set-up',
}

export const chapterOf = (code: Code): string => CHAPTERS[code['WV'.length]!] ?? ''
