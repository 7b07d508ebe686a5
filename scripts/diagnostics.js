// Writes docs/diagnostics.md from the catalogue (transformer/diagnostics/catalogue.ts). With `--print` it goes to stdout, for
// the test that holds the committed file to it. Each code is a heading of its own, since reports link `#wv1001`.
import { writeFileSync } from 'node:fs'
import { CATALOGUE } from '../transformer/diagnostics/catalogue.ts'

const CHAPTERS = {
  1: 'Shape of a component',
  2: 'Data that crosses a boundary',
  3: 'Wiring and configuration',
  4: 'Compatibility',
  9: 'Set-up',
}

const lines = [
  '# Diagnostics',
  '',
  'What `weave check`, `weave build` and the compiler plug-ins report. Codes are stable and never reused; the first digit is',
  'the chapter. An error keeps the component it concerns from running; a warning does not.',
  '',
  'This file is made from `transformer/diagnostics/catalogue.ts` by `node scripts/diagnostics.js`; edit the catalogue instead.',
  '',
]
let chapter
for (const [code, entry] of Object.entries(CATALOGUE).sort(([a], [b]) => (a < b ? -1 : 1))) {
  const digit = code.slice('WV'.length, 'WV'.length + 1)
  if (digit !== chapter) lines.push(`## ${CHAPTERS[digit]}`, '')
  chapter = digit
  lines.push(`### ${code}`, '', `**${entry.title}** (${entry.severity}, \`${entry.name}\`)`, '', entry.explanation, '')
  if (entry.example === undefined) continue
  const { wrong, right } = entry.example
  lines.push('```ts', '// wrong', ...wrong.split('\n'), '', '// right', ...right.split('\n'), '```', '')
}
const text = `${lines.join('\n').trimEnd()}\n`

if (process.argv.includes('--print')) process.stdout.write(text)
else writeFileSync(new URL('../docs/diagnostics.md', import.meta.url), text)
