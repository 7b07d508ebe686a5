/** The documentation of diagnostics: what the script would write is what is there, and every link leads somewhere. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CHAPTERS, CODES, chapterOf, docsPage } from '../../transformer/diagnostics/catalogue.ts'
import { exampleLines } from '../../transformer/diagnostics/page.ts'
import { repository } from '../hosts/project.ts'

test('docs/diagnostics is what scripts/diagnostics.js makes of the catalogue', () => {
  const stale = execFileSync(process.execPath, ['scripts/diagnostics.js', '--check'], {
    cwd: repository,
    encoding: 'utf8',
  })
  expect(stale, 'run: node scripts/diagnostics.js').toBe('')
})

test('every code has its page, in a chapter, named by the index', () => {
  const index = readFileSync(join(repository, 'docs/diagnostics.md'), 'utf8')
  for (const code of CODES) {
    expect(existsSync(join(repository, docsPage(code)))).toBe(true)
    expect(Object.values(CHAPTERS)).toContain(chapterOf(code))
    expect(index).toContain(`](diagnostics/${code}.md)`)
  }
})

test('what is marked in an example is underlined by a comment', () => {
  expect(exampleLines('a\n  put(it: [|any|]): void', 'WV2001')).toEqual([
    'a',
    '  put(it: any): void',
    '//        ~~~ WV2001',
  ])
  expect(exampleLines('[|run|]()', 'WV3011')).toEqual(['run()', '// ~ WV3011'])
  expect(exampleLines('[|run|]()', undefined)).toEqual(['run()'])
})
