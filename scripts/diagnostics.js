// Writes docs/diagnostics.md (the index) and docs/diagnostics/WV2005.md, one a code, from the catalogue (transformer/diagnostics/
// catalogue.ts). With `--check` it writes nothing, and names what is not as it would write it: a test holds the committed files to it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { CODES } from '../transformer/diagnostics/catalogue.ts'
import { codePage, indexPage } from '../transformer/diagnostics/page.ts'

const docs = new URL('../docs/', import.meta.url)
const pages = new Map([
  ['diagnostics.md', indexPage()],
  ...CODES.map((code) => [`diagnostics/${code}.md`, codePage(code)]),
])
mkdirSync(new URL('diagnostics/', docs), { recursive: true })
const left = readdirSync(new URL('diagnostics/', docs))
  .map((name) => `diagnostics/${name}`)
  .filter((name) => !pages.has(name))
const stale = [...pages].filter(
  ([name, text]) => !existsSync(new URL(name, docs)) || readFileSync(new URL(name, docs), 'utf8') !== text,
)

if (process.argv.includes('--check')) {
  for (const name of [...stale.map(([name]) => name), ...left]) console.log(`docs/${name}`)
} else {
  for (const [name, text] of stale) writeFileSync(new URL(name, docs), text)
  for (const name of left) rmSync(new URL(name, docs))
}
