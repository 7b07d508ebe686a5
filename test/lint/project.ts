/**
 * Lint of small programs. A program is a few lines beside a cart and a catalog; `[|…|]` is around what must be underlined, in the
 * order of the text, and everything else must not be. One warm TypeScript serves a test file.
 */
import { afterAll, expect } from 'vitest'
import type { AnalyseOptions } from '../../transformer/analyse/index.ts'
import type { Diagnostic } from '../../transformer/diagnostics/diagnostic.ts'
import { openProject } from '../analyse/project.ts'

/** What every program has: interfaces in src/shop.ts, implementations and a place to call from are the test's own. */
export const PRELUDE = `import { type Component, get, provide, type Shared } from 'weavets'
export interface Item { id: string; quantity: number; tags: string[] }
export interface Cart extends Component {
  items(user: string): Promise<Item[]>
  find(user: string, id: string): Promise<Item | undefined>
  add(user: string, item: Item): Promise<void>
  addAll(user: string, items: Item[]): Promise<void>
  stock(counts: Map<string, number>): Promise<void>
  next(cursor: string): Promise<string>
  shared(item: Shared<Item>): Promise<Shared<Item>>
  frozen(items: readonly Item[]): Promise<readonly Item[]>
}
export interface Log extends Component { note(text: string): Promise<void> }
`
const lines = PRELUDE.split('\n').length - 1

const project = openProject()
afterAll(() => project[Symbol.dispose]())

/** Where they are. */
export function writeFiles(files: Readonly<Record<string, string>>): string {
  project.write(files)
  return project.root
}

export function analyseFiles(files: Readonly<Record<string, string>>, options?: Partial<AnalyseOptions>): Diagnostic[] {
  project.write(files)
  return project.analyse(options).diagnostics
}

/** Of a program in one file, `src/shop.ts`, the prelude before it. */
export function analyseProgram(program: string, options?: Partial<AnalyseOptions>): Diagnostic[] {
  return analyseFiles({ 'src/shop.ts': PRELUDE + program }, options)
}

/** The marked places are reported as `code`, and nothing else is. */
export function expectReports(code: string, program: string): Diagnostic[] {
  const { text, marks } = unmarked(program)
  const found = analyseProgram(text).filter((each) => each.severity === 'warning')
  const shown = found.map(
    ({ code, start, end }) => `${code} ${(PRELUDE + text).slice(start, end)} @${start - PRELUDE.length}`,
  )
  expect(shown).toEqual(marks.map(({ start, end }) => `${code} ${text.slice(start, end)} @${start}`))
  return found
}

export const expectNothing = (program: string): void => void expectReports('nothing', program)

export function unmarked(program: string): { text: string; marks: { start: number; end: number }[] } {
  const marks: { start: number; end: number }[] = []
  let text = ''
  for (const part of program.split(/(\[\||\|\])/)) {
    if (part === '[|') marks.push({ start: text.length, end: -1 })
    else if (part === '|]') marks.at(-1)!.end = text.length
    else text += part
  }
  return { text, marks }
}

/** Line in the program, without the prelude. */
export const lineIn = ({ line }: Diagnostic): number => line - lines
