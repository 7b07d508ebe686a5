/** What makes the rest of an analysis meaningless or empty: errors of syntax, weavets not found, an option, an entry that starts nothing. */
import { posix } from 'node:path'
import type { CheckerView, SourceFile } from '../checker/view.ts'
import type { FoundCall } from './declared/calls.ts'
import type { Markers } from './declared/markers.ts'
import { matches } from './declared/text-facts.ts'
import type { Reporter } from './report/report.ts'

/** One mistake makes a parser stumble many times. */
const SYNTAX_ERRORS_MAX = 5

export interface SetupInput {
  readonly view: CheckerView
  readonly markers: Markers
  readonly reporter: Reporter
  readonly root: string
  readonly entry: string | undefined
  readonly files: readonly SourceFile[]
}

export function checkSyntax({ view, reporter, files }: SetupInput): void {
  const errors = files.flatMap((file) => view.syntaxErrors(file))
  for (const [at, { message, ...place }] of errors.slice(0, SYNTAX_ERRORS_MAX).entries()) {
    const more = at === SYNTAX_ERRORS_MAX - 1 ? errors.length - SYNTAX_ERRORS_MAX : 0
    reporter.add('WV9015', place, {
      message: `${message.replace(/\.$/, '')}${more > 0 ? `; and ${more} more errors of syntax` : ''}.`,
      why: 'the file is not TypeScript, so what is read from it may be wrong',
      fix: 'correct it first; `tsc --noEmit` shows the same error',
    })
  }
}

const IMPORTS_WEAVETS = /\bfrom\s*['"]weavets['"]/

export function checkSetup({ view, markers, reporter, entry, files }: SetupInput): void {
  if (!markers.found) {
    const named = files.some((file) => matches(file, IMPORTS_WEAVETS))
    if (entry === undefined && !named) return
    reporter.add('WV9011', undefined, {
      message: named ? "The import of 'weavets' was not found." : "No file of the program imports 'weavets'.",
      why: 'its types say what a component is',
      fix: named
        ? `install it ('npm install weavets'); where it is installed, let tsconfig.json set "module": "nodenext" or "moduleResolution": "bundler", since older ways don't read "exports" of package.json`
        : `let ${entry === undefined ? 'the file that starts the program' : `'${entry}'`} call run(Root) of 'weavets' ('weave init' says how), and let tsconfig.json include it`,
    })
  } else if (!view.strictNullChecks) {
    reporter.add('WV9001', undefined, {
      message: "'strictNullChecks' is off.",
      why: "without it 'string | null' and 'string' cannot be told apart",
      fix: `set "strict": true in tsconfig.json`,
    })
  }
}

export function checkEntry({ markers, reporter, root, entry, files }: SetupInput, starts: readonly FoundCall[]): void {
  if (entry === undefined || !markers.found) return
  const path = posix.resolve(root, entry.replaceAll('\\', '/'))
  if (starts.some(({ marker, file }) => marker === 'run' && file.path === path)) return
  const file = files.find((each) => each.path === path)
  reporter.add('WV9010', file && { file: path, start: 0, end: Math.max(0, file.text.indexOf('\n')) }, {
    message: file ? `The entry '${entry}' does not call 'run'.` : `The entry '${entry}' is not part of the program.`,
    why: 'an application starts where its entry calls run(Root)',
    fix: file
      ? "call 'run' of weavets in it, or set another 'entry' in weave.config.ts"
      : "create it, or set another 'entry' in weave.config.ts",
  })
}
