/** The documentation's pages: one a code, and the index. In goes the catalogue, out comes Markdown; scripts/diagnostics.js writes it. */
import { CATALOGUE, type CatalogueEntry, CHAPTERS, CODES, type Code, chapterOf, type Sources } from './catalogue.ts'

export function indexPage(): string {
  const lines = [
    '# Diagnostics',
    '',
    'What `weave check`, `weave build`, editors and the compiler plug-ins report. Codes are stable and never reused; the first digit is',
    'the chapter. An error keeps the component it concerns from running; a warning does not. `weave explain WV2005` prints a page in the terminal.',
    '',
    ...GENERATED,
    '',
  ]
  for (const chapter of Object.values(CHAPTERS)) {
    const codes = CODES.filter((code) => chapterOf(code) === chapter)
    if (codes.length === 0) continue
    lines.push(`## ${chapter}`, '', '| code | name | says |', '| --- | --- | --- |')
    for (const code of codes) {
      const { name, title, severity } = CATALOGUE[code]
      lines.push(
        `| [${code}](diagnostics/${code}.md) | \`${name}\` | ${escaped(title)}${severity === 'warning' ? ' (warning)' : ''} |`,
      )
    }
    lines.push('')
  }
  return `${lines.join('\n').trimEnd()}\n`
}

const GENERATED = [
  'This page is made from `transformer/diagnostics/catalogue/` by `node scripts/diagnostics.js`; edit the catalogue instead.',
]

export function codePage(code: Code): string {
  const entry: CatalogueEntry = CATALOGUE[code]
  const lines = [
    `# ${code}: ${escaped(entry.title)}`,
    '',
    `${entry.severity === 'error' ? 'Error' : 'Warning'} \`${entry.name}\` · [${chapterOf(code)}](../diagnostics.md)`,
    '',
    entry.explanation,
    '',
  ]
  const { example } = entry
  if (example) {
    if (example.before) lines.push('## Before', '', ...fences(example.before), '')
    lines.push('## Wrong', '', ...fences(example.wrong, code), ...commandLines(example.command?.wrong), '')
    lines.push('## Right', '', ...fences(example.right), ...commandLines(example.command?.right), '')
  }
  return `${lines.join('\n').trimEnd()}\n`
}

const commandLines = (command: string | undefined): string[] =>
  command === undefined ? [] : ['', '```sh', command, '```']

function fences(sources: Sources, code?: Code): string[] {
  if (typeof sources === 'string') return ['```ts', ...exampleLines(sources, code), '```']
  return Object.entries(sources).flatMap(([path, text], at) => {
    const language = path.endsWith('.json') ? 'jsonc' : path.endsWith('.ts') || path.endsWith('.mts') ? 'ts' : 'js'
    return [...(at > 0 ? [''] : []), `\`\`\`${language}`, `// ${path}`, ...exampleLines(text, code), '```']
  })
}

const OPEN = '[|'
const CLOSE = '|]'

/** The example's text; what is marked in it is underlined by a comment. */
export function exampleLines(text: string, code: Code | undefined): string[] {
  return text
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const start = line.indexOf(OPEN)
      const bare = line.replaceAll(OPEN, '').replaceAll(CLOSE, '')
      if (start === -1 || code === undefined) return [bare]
      const end = line.indexOf(CLOSE, start)
      const length = Math.max(1, (end === -1 ? line.length : end) - start - OPEN.length)
      const underline = '~'.repeat(length)
      // The comment's slashes need room before what they point at.
      return start >= 3
        ? [bare, `//${' '.repeat(start - 2)}${underline} ${code}`]
        : [bare, `// ${underline.slice(3 - start) || '~'} ${code}`]
    })
}

/** `Key<T>` and a pipe would be taken for HTML and for a table's. */
const escaped = (text: string): string => text.replaceAll('<', '\\<').replaceAll('|', '\\|')
