/**
 * The same analysis from TypeScript 6 and 7.1: over every fixture, the cases of the analysis, and the edge cases of cases/. What the
 * tests of the analysis and of lint write down is compared where they are analysed (test/analyse/project.ts).
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { analyseWith, closeAll, expectSame, openWith, repository, TYPESCRIPT_6, TYPESCRIPT_7 } from './both.ts'

afterAll(closeAll)

function compare(root: string, options: { tsconfig?: string; entry?: string } = {}): void {
  const { entry, tsconfig } = options
  const with_ = { root, ...(tsconfig && { tsconfig }) }
  const asked = { root, ...(entry && { entry }) }
  const six = analyseWith(openWith(TYPESCRIPT_6, with_), asked)
  const seven = analyseWith(openWith(TYPESCRIPT_7, with_), asked)
  expectSame(seven, six)
}

/** Folders below `folder` that hold a tsconfig. */
function projectsIn(folder: string): string[] {
  const inside = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['node_modules', 'dist'].includes(entry.name))
    .flatMap((entry) => projectsIn(join(folder, entry.name)))
  return existsSync(join(folder, 'tsconfig.json')) ? [folder, ...inside] : inside
}

describe('fixtures', () => {
  test.for(projectsIn(join(repository, 'fixtures')).map((each) => each.slice(repository.length + 1)))('%s', (path) =>
    compare(join(repository, path)),
  )
})

test('the cases of the analysis', () => compare(join(repository, 'test/analyse/cases')))

describe('edge cases', () => {
  const root = join(import.meta.dirname, 'cases')
  test.for(readdirSync(root).filter((name) => name.startsWith('tsconfig')))('%s', (name) =>
    compare(root, { tsconfig: join(root, name) }),
  )
})
