/** Analyses from `.weave/cache`: what a second build knows without a compiler, and what it mustn't take for known. */
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Disk } from '../../transformer/cache/disk.ts'
import { stampOf } from '../../transformer/cache/seen.ts'
import { readEntry } from '../../transformer/cache/store.ts'
import type { Plan } from '../../transformer/plan.ts'
import { Folder, repository, SHOP, shown, TSCONFIG } from './folder.ts'

let folder: Folder
beforeEach(() => {
  folder = new Folder()
})
afterEach(() => folder.remove())

const cache = () => folder.path('.weave/cache')
const isKnown = (plan: Plan) => plan.compiler === 'cache'
const codes = (plan: Plan) => plan.analysis.diagnostics.map(({ code, file }) => `${code} ${file}`)

/** It isn't known now, it is what an analysis finds, and then it is known. */
function expectNews(): void {
  const plan = folder.plan()
  expect(isKnown(plan)).toBe(false)
  const again = folder.plan()
  expect(isKnown(again)).toBe(true)
  expect(shown(again)).toEqual(shown(folder.plan({ cache: false })))
}

test('the second build has the same plan, and has loaded no TypeScript for it', () => {
  const script = `
    const { openPlan } = await import(${JSON.stringify(join(repository, 'transformer/plan.ts'))})
    const { createRequire } = await import('node:module')
    const plan = openPlan({ from: ${JSON.stringify(folder.root)} }).refresh()
    for (const file of plan.files.values()) file.apply('source')
    const loaded = Object.keys(createRequire(${JSON.stringify(folder.path('x.js'))}).cache)
    const heavy = loaded.filter((path) => /node_modules.(typescript|ts-morph|@ts-morph)/.test(path))
    console.log(JSON.stringify({ known: plan.compiler === 'cache', heavy: heavy.length, version: plan.version }))`
  const run = () => {
    const args = ['--input-type=module-typescript', '--eval', script]
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Record<string, unknown>
  }
  // What it says of a fresh project shows that it would notice TypeScript.
  const first = run()
  expect(first).toMatchObject({ known: false })
  expect(first.heavy).toBeGreaterThan(0)
  expect(run()).toEqual({ known: true, heavy: 0, version: first.version })
})

test('diagnostics are known too', () => {
  folder.edit('src/item.ts', 'amount: number', 'amount: () => void')
  const first = folder.plan()
  expect(codes(first)).toEqual(['WV2004 src/cart.ts'])
  const second = folder.plan()
  expect(isKnown(second)).toBe(true)
  expect(shown(second)).toEqual(shown(first))
})

describe('is not known after', () => {
  beforeEach(() => {
    folder.plan()
    expect(isKnown(folder.plan())).toBe(true)
  })

  test('an edit of a type, even one of the same length in the same millisecond', () => {
    const path = folder.path('src/item.ts')
    const { atime, mtime } = statSync(path)
    folder.edit('src/item.ts', 'amount: number', 'amount: string')
    utimesSync(path, atime, mtime)
    expectNews()
  })

  test('a new file in an included folder', () => {
    folder.write({
      'src/more/other.ts': SHOP['src/memory-cart.ts']!.replaceAll("'./", "'../").replace('MemoryCart', 'OtherCart'),
    })
    expectNews()
    expect(codes(folder.plan())).toContain('WV3002 src/memory-cart.ts')
  })

  test('a file that goes before another one, and one that is gone', () => {
    folder.edit('src/cart.ts', './item.ts', './item.js')
    expectNews()
    folder.write({ 'src/item.tsx': 'export interface Item { other: boolean }\n' })
    expectNews()
    folder.remove('src/item.tsx')
    folder.remove('src/item.ts')
    expectNews()
  })

  test('a tsconfig, what it extends, and a tsconfig in its place', () => {
    folder.write({
      'tsconfig.json': JSON.stringify({ extends: './base.json', include: ['src'] }),
      'base.json': JSON.stringify({ compilerOptions: { ...TSCONFIG.compilerOptions, strict: false } }),
    })
    expectNews()
    expect(codes(folder.plan())).toContain('WV9001 undefined')
    folder.edit('base.json', '"strict":false', '"strict":true')
    expectNews()
  })

  test('a package that appears, changes its types or moves them', () => {
    folder.edit('src/item.ts', 'amount: number', "amount: import('money').Money")
    expectNews()
    folder.write({
      'node_modules/money/package.json': '{ "name": "money", "version": "1.0.0", "types": "a.d.ts" }',
      'node_modules/money/a.d.ts': 'export interface Money { units: number }',
      'node_modules/money/b.d.ts': 'export interface Money { units: string }',
    })
    expectNews()
    folder.write({ 'node_modules/money/a.d.ts': 'export interface Money { units: bigint }' })
    expectNews()
    folder.write({ 'node_modules/money/package.json': '{ "name": "money", "version": "1.0.1", "types": "b.d.ts" }' })
    expectNews()
    // Nearer to the file that asks.
    folder.write({
      'src/node_modules/money/package.json': '{ "name": "money", "version": "2.0.0", "types": "c.d.ts" }',
      'src/node_modules/money/c.d.ts': 'export interface Money { units: null }',
    })
    expectNews()
  })

  test('outputs of a package of the workspace that appear', () => {
    folder.edit('src/item.ts', 'amount: number', "amount: import('money').Money")
    folder.write({ 'packages/money/package.json': '{ "name": "money", "types": "dist/index.d.ts" }' })
    symlinkSync(folder.path('packages/money'), folder.path('node_modules/money'))
    expectNews()
    folder.write({ 'packages/money/dist/index.d.ts': 'export interface Money { units: number }' })
    expectNews()
  })

  test('a file where "paths", "imports" or a relative path outside the project would look for it', () => {
    const { compilerOptions } = TSCONFIG
    folder.write({
      'package.json': '{ "name": "shop", "type": "module", "imports": { "#own/*": "./own/*.ts" } }',
      'tsconfig.json': JSON.stringify({
        ...TSCONFIG,
        compilerOptions: { ...compilerOptions, paths: { '@far/*': ['./far/*'] } },
      }),
      'src/item.ts': `export interface Item {
  a: import('@far/a').A
  b: import('#own/b').B
  c: import('../../weave-plan-beside/c.ts').C
}\n`,
    })
    expectNews()
    folder.write({ 'far/a.ts': 'export type A = number\n' })
    expectNews()
    folder.write({ 'own/b.ts': 'export type B = string\n' })
    expectNews()
    const beside = join(folder.root, '..', 'weave-plan-beside')
    mkdirSync(beside)
    try {
      writeFileSync(join(beside, 'c.ts'), 'export type C = boolean\n')
      expectNews()
    } finally {
      rmSync(beside, { recursive: true })
    }
  })

  test('what a link leads to, though the folder that it is in stays as it was', () => {
    // No tree has hidden folders in it, so nothing but the link leads there.
    folder.write({ '.far/away/readme.md': '' })
    symlinkSync(folder.path('.far/away/here'), folder.path('src/linked'))
    folder.plan()
    expect(isKnown(folder.plan())).toBe(true)
    const other = SHOP['src/memory-cart.ts']!.replaceAll("'./", "'../../../src/").replace('MemoryCart', 'OtherCart')
    folder.write({ '.far/away/here/other.ts': other })
    expectNews()
  })

  test('the lock file, which is part of the version', () => {
    const { version } = folder.plan()
    folder.write({ 'package-lock.json': '{ "lockfileVersion": 3 }' })
    expectNews()
    expect(folder.plan().version).not.toBe(version)
  })

  test('another answer in weave.config.ts', () => {
    expect(isKnown(folder.plan({ config: { implementations: { Cart: 'src/memory-cart.MemoryCart' } } }))).toBe(false)
    expect(isKnown(folder.plan({ config: { name: 'other' } }))).toBe(true)
  })
})

test('is known again after an undo, and in a copy of what a package manager installs', () => {
  folder.write({
    'node_modules/money/package.json': '{ "name": "money", "version": "1.0.0", "types": "a.d.ts" }',
    'node_modules/money/a.d.ts': 'export interface Money { units: number }',
  })
  folder.edit('src/item.ts', 'amount: number', "amount: import('money').Money")
  folder.plan()
  folder.edit('src/item.ts', 'id: string', 'id: number')
  folder.plan()
  folder.edit('src/item.ts', 'id: number', 'id: string')
  expect(isKnown(folder.plan())).toBe(true)
  const types = folder.read('node_modules/money/a.d.ts')
  folder.remove('node_modules/money/a.d.ts')
  folder.write({ 'node_modules/money/a.d.ts': types })
  expect(isKnown(folder.plan())).toBe(true)
})

test('a stamp is worth nothing when it is younger than a tick of the clock', () => {
  const path = folder.path('src/item.ts')
  const changedMs = statSync(path).ctimeMs
  expect(stampOf(new Disk(), path, changedMs)).toBe(null)
  expect(stampOf(new Disk(), path, changedMs + 9)).toBe(null)
  const { size, mtimeMs, ino } = statSync(path)
  expect(stampOf(new Disk(), path, changedMs + 11)).toEqual([size, mtimeMs, changedMs, ino])
  expect(stampOf(new Disk(), folder.path('nowhere'), changedMs)).toEqual([])
})

test('entries that are damaged, cut short or of somebody else are replaced', () => {
  const truth = shown(folder.plan())
  const entries = readdirSync(cache()).map((name) => `.weave/cache/${name}`)
  const texts = entries.map((entry) => folder.read(entry))
  const damages: ((text: string) => string)[] = [
    () => '',
    () => '{}',
    (text) => text.slice(0, text.length / 2),
    (text) => text.replace('"diagnostics":[', '"diagnostics":[,'),
    (text) => `x${text}`,
  ]
  for (const damage of damages) {
    for (const [at, entry] of entries.entries()) folder.write({ [entry]: damage(texts[at]!) })
    const plan = folder.plan()
    expect(isKnown(plan)).toBe(false)
    expect(shown(plan)).toEqual(truth)
    expect(isKnown(folder.plan())).toBe(true)
  }
})

test('and so are parts of them that are only read when somebody asks', () => {
  const truth = shown(folder.plan())
  shown(folder.plan())
  for (const name of readdirSync(cache())) {
    const path = `.weave/cache/${name}`
    const text = folder.read(path)
    // At its end, which is of the model or of a generated text.
    const at = text.lastIndexOf('Item')
    if (at > 0) folder.write({ [path]: `${text.slice(0, at)}Itam${text.slice(at + 4)}` })
  }
  const plan = folder.plan()
  expect(isKnown(plan)).toBe(true)
  expect(shown(plan)).toEqual(truth)
  expect(isKnown(folder.plan())).toBe(false)
  expect(shown(folder.plan())).toEqual(truth)
})

test('a folder that cannot be written changes nothing', () => {
  mkdirSync(folder.path('.weave'))
  writeFileSync(cache(), 'a file where the folder should be')
  expect(shown(folder.plan())).toEqual(shown(folder.plan({ cache: false })))
  rmSync(cache())
  chmodSync(folder.path('.weave'), 0o500)
  expect(shown(folder.plan())).toEqual(shown(folder.plan({ cache: false })))
  chmodSync(folder.path('.weave'), 0o700)
})

test('keeps the last few of each project', () => {
  for (let at = 0; at < 7; at++) {
    folder.write({ 'src/item.ts': `export interface Item { id: string; amount: number; n${at}: number }\n` })
    folder.plan()
  }
  expect(readdirSync(cache())).toHaveLength(4)
})

test('can be switched off', () => {
  folder.plan({ cache: false })
  expect(readdirSync(folder.root)).not.toContain('.weave')
})

test('builds at a time write whole entries, each over the others', async () => {
  const script = `
    const { writeEntry } = await import(${JSON.stringify(join(repository, 'transformer/cache/store.ts'))})
    for (let at = 0; at < 150; at++) {
      const value = String(at).repeat(40_000)
      writeEntry(${JSON.stringify(cache())}, 'one', { seen: {}, value: { value, ends: value.length } })
    }`
  const writing = [1, 2, 3].map(() =>
    promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', script]),
  )
  const done = Promise.all(writing).then(() => 'done')
  const pause = () => new Promise<string>((resolve) => setImmediate(resolve, 'more'))
  let read = 0
  do {
    const entry = readEntry<object, { value: string; ends: number }>(cache(), 'one', () => true)
    if (entry === undefined) continue
    read++
    expect(entry.value.value).toHaveLength(entry.value.ends)
  } while ((await Promise.race([done, pause()])) !== 'done')
  expect(read).toBeGreaterThan(0)
  expect(readdirSync(cache()).filter((name) => !name.endsWith('.json'))).toEqual([])
})
