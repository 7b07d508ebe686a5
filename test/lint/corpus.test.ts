/**
 * Boundary lint over small programs in the styles of real backends: what it reports of what it should (recall), and what of its
 * reports is right (precision). The programs are plain files in corpus/; their comments say what is to be reported, and what is known to be missed.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { analyseFiles } from './project.ts'

const folder = join(import.meta.dirname, 'corpus')
const texts = Object.fromEntries(
  readdirSync(folder).map((name) => [`src/${name}`, readFileSync(join(folder, name), 'utf8')]),
)

/** `src/a.ts:3 WV3007`, for each line with such a comment. */
function marked(mark: string): string[] {
  return Object.entries(texts).flatMap(([file, text]) =>
    text.split('\n').flatMap((line, at) => {
      const code = line.split(`//${mark} WV`)[1]
      return code === undefined || file.endsWith('boundary.ts') ? [] : [`${file}:${at + 1} WV${code}`]
    }),
  )
}

test('reports what it should, and nothing else', () => {
  const found = analyseFiles(texts)
    .filter(({ severity }) => severity === 'warning')
    .map(({ file, line, code }) => `${file}:${line} ${code}`)
  expect(found).toEqual(marked('!'))

  const should = marked('!').length + marked('?').length
  const right = found.filter((each) => marked('!').includes(each)).length
  const cases = Object.values(texts).join('').split('// case: ').length - 1
  expect({ cases, precision: right / found.length, recall: `${right} of ${should}` }).toEqual({
    cases: 114,
    precision: 1,
    recall: '48 of 53',
  })
})
