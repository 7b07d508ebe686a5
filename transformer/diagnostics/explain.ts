/**
 * `weave explain`: a code's page as a terminal shows it, and the list of all codes. In go a code or a rule's name and the width; out
 * comes text. Colour is the caller's, as in format.ts.
 */
import { didYouMean } from '../../runtime/names.ts'
import { CATALOGUE, type CatalogueEntry, CHAPTERS, CODES, type Code, chapterOf, type Sources } from './catalogue.ts'
import { exampleLines } from './page.ts'

export interface ExplainPaint {
  code(text: string): string
  heading(text: string): string
  wrong(text: string): string
  dim(text: string): string
}

export interface ExplainOptions {
  /** Columns of the terminal. */
  readonly width: number
  readonly paint: ExplainPaint
}

const WIDTH_MAX = 100

/** `WV2005`, `wv2005`, `2005` or `class-instance`. */
export function findCode(asked: string): Code | undefined {
  const wanted = asked.toLowerCase().replace(/^(wv)?(?=\d{4}$)/, 'wv')
  return CODES.find((code) => code.toLowerCase() === wanted || CATALOGUE[code].name === wanted)
}

/** What may have been meant by a code or name that there isn't. */
export function nearestCode(asked: string): string | undefined {
  const names = CODES.map((code) => CATALOGUE[code].name)
  return didYouMean(asked.toUpperCase(), CODES) ?? didYouMean(asked.toLowerCase(), names)
}

export function explain(code: Code, { width, paint }: ExplainOptions): string {
  const { title, severity, name, explanation, example }: CatalogueEntry = CATALOGUE[code]
  const columns = Math.min(width, WIDTH_MAX)
  const lines = [
    `${paint.code(code)} ${paint.heading(title)}`,
    paint.dim(`${severity} ${name} · ${chapterOf(code)}`),
    '',
    ...wrap(explanation, columns),
    '',
  ]
  if (example?.before) lines.push(paint.heading('Before'), '', ...sourceLines(example.before, undefined, paint), '')
  if (example) {
    lines.push(
      paint.wrong('Wrong'),
      '',
      ...sourceLines(example.wrong, code, paint),
      ...command(example.command?.wrong, paint),
      '',
    )
    lines.push(
      paint.heading('Right'),
      '',
      ...sourceLines(example.right, undefined, paint),
      ...command(example.command?.right, paint),
      '',
    )
  }
  return `${lines.join('\n').trimEnd()}\n`
}

const command = (line: string | undefined, paint: ExplainPaint): string[] =>
  line === undefined ? [] : ['', `  ${paint.dim('$')} ${line}`]

function sourceLines(sources: Sources, code: Code | undefined, paint: ExplainPaint): string[] {
  const one = (text: string): string[] =>
    exampleLines(text, code).map((line) => `  ${/^\/\/ +~/.test(line) ? paint.wrong(line) : line}`.trimEnd())
  if (typeof sources === 'string') return one(sources)
  return Object.entries(sources).flatMap(([path, text], at) => [
    ...(at > 0 ? [''] : []),
    `  ${paint.dim(`// ${path}`)}`,
    ...one(text),
  ])
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** Every code with its name and title, by chapter. */
export function listCodes({ paint }: ExplainOptions): string {
  const longest = Math.max(...CODES.map((code) => CATALOGUE[code].name.length))
  const chapters = Object.values(CHAPTERS).map((chapter) => {
    const rows = CODES.filter((code) => chapterOf(code) === chapter).map((code) => {
      const { name, title } = CATALOGUE[code]
      return `  ${paint.code(code)}  ${name.padEnd(longest)}  ${paint.dim(title)}`
    })
    return [paint.heading(chapter), ...rows, ''].join('\n')
  })
  return `${chapters.join('\n')}\nweave explain <code or name> shows one, with an example.\n`
}
