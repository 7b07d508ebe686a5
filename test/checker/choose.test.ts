/** Which TypeScript a project gets, and what `weave doctor` can say about it. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { chooseTypeScript, loadProject } from '../../transformer/checker/load.ts'
import { isProject7 } from '../../transformer/checker/program7.ts'
import { TYPESCRIPT_6, TYPESCRIPT_7 } from './both.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function folder(): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'weavets-choose-')))
  folders.push(made)
  return made
}

/** A project in which `typescript` is that folder, as a package manager links it. */
function projectWith(typescript: string): string {
  const root = folder()
  mkdirSync(join(root, 'node_modules'))
  symlinkSync(typescript, join(root, 'node_modules/typescript'))
  return root
}

function fake(version: string): string {
  const root = folder()
  mkdirSync(join(root, 'lib'))
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'typescript', version, main: 'lib/index.js' }))
  writeFileSync(join(root, 'lib/index.js'), `module.exports = { version: '${version}' }`)
  return root
}

const choose = (root: string) => chooseTypeScript({ root }).compiler

test("the project's own 6", () => {
  const root = projectWith(TYPESCRIPT_6)
  const { version } = JSON.parse(readFileSync(join(TYPESCRIPT_6, 'package.json'), 'utf8')) as { version: string }
  expect(choose(root)).toEqual({ version, path: realpathSync(TYPESCRIPT_6), why: "it is the project's own" })
})

test("the project's own 7.1, without starting it", () => {
  const chosen = chooseTypeScript({ root: projectWith(TYPESCRIPT_7) })
  expect(chosen.compiler).toMatchObject({ version: expect.stringMatching(/^7\.1/), why: "it is the project's own" })
  expect(chosen.ts).toBeUndefined()
  const project = loadProject({ root: projectWith(TYPESCRIPT_7), tsconfig: undefined, files: [] })
  expect(isProject7(project)).toBe(true)
})

test('what a host hands in goes before it', () => {
  const { ts } = chooseTypeScript({ root: projectWith(TYPESCRIPT_6) })
  const chosen = chooseTypeScript({ root: projectWith(TYPESCRIPT_7), ...(ts && { ts }) })
  expect(chosen.compiler).toEqual({
    version: ts!.version,
    path: realpathSync(TYPESCRIPT_6),
    why: 'the host works with it',
  })
})

test.for([
  ['7.0.2', "the project's TypeScript 7.0.2 has no stable API (7.1 has one), so ts-morph's is taken"],
  ['5.5.4', "the project's TypeScript 5.5.4 is older than 5.6, so ts-morph's is taken"],
])('%s: the one of ts-morph, and why', ([version, why]) => {
  expect(choose(projectWith(fake(version!)))).toMatchObject({ version: expect.stringMatching(/^6\./), why })
})

test('none: the one of ts-morph', () => {
  expect(choose(folder()).why).toBe("the project has no TypeScript of its own, so ts-morph's is taken")
})

test('7.1 whose native part was not installed', () => {
  const copy = join(folder(), 'node_modules/typescript')
  cpSync(realpathSync(TYPESCRIPT_7), copy, { recursive: true })
  const part = `@typescript/typescript-${process.platform}-${process.arch}`
  const root = dirname(dirname(copy))
  expect(choose(root).why).toBe(
    `the project's TypeScript 7.1.0-beta is out of use: its native part, '${part}', is not installed, so ts-morph's is taken`,
  )
  expect(() => chooseTypeScript({ root, typescript: copy })).toThrow(`its native part, '${part}', is not installed`)
})
