/**
 * An attack on the cache: random edits of sources, configs, packages, links and folders, and after each one a plan through the
 * cache beside one without. They must be the same, whether it was a hit or not. `WEAVE_SEED` repeats a run.
 */
import { existsSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import { expect, test } from 'vitest'
import { randomFrom } from '../../bench/compile/generate.ts'
import { openPlan } from '../../transformer/plan.ts'
import { Folder, SHOP, shown, TSCONFIG } from './folder.ts'

const ROUNDS = 3
const STEPS = 45

const ITEM = 'src/item.ts'
const item = (members: string) => `export interface Item { id: string; ${members} }\n`

/** Each has several texts, or none for "it isn't there". The first is what a run begins with. */
const FILES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  [ITEM]: [
    item("money: import('money').Money"),
    item('amount: number'),
    item('amount: string'),
    item("side: import('./side').Side"),
    item("far: import('@far/a').A; deep: import('../lib/deep/b.ts').B"),
    item('done: () => void'),
    undefined,
  ],
  'src/item.tsx': [undefined, item('jsx: true')],
  'src/item.d.ts': [undefined, item('declared: true')],
  'src/side.ts': [undefined, 'export type Side = "left"\n', 'export type Side = "right"\n'],
  'src/side.d.ts': [undefined, 'export type Side = 1\n'],
  'src/side/index.ts': [undefined, 'export type Side = 2\n'],
  'src/other-cart.ts': [undefined, SHOP['src/memory-cart.ts']!.replace('MemoryCart', 'OtherCart')],
  'src/.hidden/cart.ts': [
    undefined,
    SHOP['src/memory-cart.ts']!.replaceAll("'./", "'../").replace('MemoryCart', 'Hidden'),
  ],
  'far/a.ts': [undefined, 'export type A = 1\n', 'export type A = 2\n'],
  'far/a.d.ts': [undefined, 'export type A = 3\n'],
  'lib/deep/b.ts': [undefined, 'export type B = 1\n', 'export type B = 2\n'],
  'node_modules/money/package.json': [
    '{ "name": "money", "types": "a.d.ts" }',
    '{ "name": "money", "types": "b.d.ts" }',
    '{ "name": "money", "exports": { "types": "./c.d.ts" } }',
    undefined,
  ],
  'node_modules/money/a.d.ts': ['export interface Money { a: 1 }\n', 'export interface Money { a: 2 }\n', undefined],
  'node_modules/money/b.d.ts': ['export interface Money { b: 1 }\n'],
  'node_modules/money/c.d.ts': ['export interface Money { c: 1 }\n'],
  'node_modules/@types/money/package.json': [undefined, '{ "name": "@types/money", "types": "x.d.ts" }'],
  'node_modules/@types/money/x.d.ts': [
    'export interface Money { typed: 1 }\n',
    'export interface Money { typed: 2 }\n',
  ],
  'src/node_modules/money/index.d.ts': [undefined, 'export interface Money { near: 1 }\n'],
  'src/package.json': [undefined, '{ "type": "commonjs" }'],
  'package.json': [SHOP['package.json'], '{ "name": "store", "type": "module" }', '{ "name": "shop" }'],
  'package-lock.json': [undefined, '{ "lockfileVersion": 3 }'],
  'base.json': [
    JSON.stringify({ compilerOptions: { ...TSCONFIG.compilerOptions, paths: { '@far/*': ['./far/*'] } } }),
    JSON.stringify({ compilerOptions: TSCONFIG.compilerOptions }),
    JSON.stringify({ compilerOptions: { ...TSCONFIG.compilerOptions, strict: false } }),
    '{ // not JSON\n "compilerOptions": ',
  ],
  'tsconfig.json': [
    JSON.stringify({ extends: './base.json', include: ['src'] }),
    JSON.stringify({ extends: './base.json', include: ['src', 'far'], exclude: ['src/other-cart.ts'] }),
    JSON.stringify({ extends: './base.json', include: ['src/**/*', 'src/.hidden'] }),
    JSON.stringify({ extends: './base.json', files: ['src/main.ts', 'src/memory-cart.ts'] }),
    undefined,
  ],
}

/** Where a link leads to; as for files. */
const LINKS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  'node_modules/linked': [undefined, 'far', 'lib'],
  'src/linked': [undefined, 'far', 'lib/deep'],
}

class State {
  readonly folder = new Folder({})
  readonly #random: () => number
  /** Last few contents, to go back to. */
  readonly #history: [string, string | undefined][] = []

  constructor(random: () => number) {
    this.#random = random
    for (const [name, text] of Object.entries(SHOP)) this.set(name, text)
    for (const [name, [first]] of Object.entries(FILES)) this.set(name, first)
  }

  set(name: string, text: string | undefined): void {
    if (text === undefined) rmSync(this.folder.path(name), { force: true, recursive: true })
    else this.folder.write({ [name]: text })
  }

  step(): string {
    const kind = this.#random()
    if (kind < 0.12) return 'nothing'
    if (kind < 0.2) return this.#link()
    if (kind < 0.35 && this.#history.length > 0) {
      const [name, text] = this.#history.pop()!
      this.set(name, text)
      return `undo ${name}`
    }
    const name = this.#choose(Object.keys(FILES))
    const before = existsSync(this.folder.path(name)) ? this.folder.read(name) : undefined
    const text = this.#choose(FILES[name]!)
    const stat = before === undefined ? undefined : statSync(this.folder.path(name))
    this.#history.push([name, before])
    this.set(name, text)
    // As a tool does that restores times.
    if (stat !== undefined && text !== undefined && this.#random() < 0.5) {
      utimesSync(this.folder.path(name), stat.atime, stat.mtime)
    }
    return `${name} = ${JSON.stringify(text)?.slice(0, 60)}`
  }

  #link(): string {
    const name = this.#choose(Object.keys(LINKS))
    const target = this.#choose(LINKS[name]!)
    rmSync(this.folder.path(name), { force: true, recursive: true })
    if (target !== undefined) symlinkSync(this.folder.path(target), this.folder.path(name))
    return `${name} → ${target}`
  }

  #choose<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T
  }
}

const first = Number(process.env.WEAVE_SEED ?? 1)

for (let seed = first; seed < first + ROUNDS; seed++) {
  test(`whatever changes, the cache says what an analysis says (seed ${seed})`, { timeout: 120_000 }, () => {
    const state = new State(randomFrom(seed))
    const steps: string[] = []
    let hits = 0
    try {
      for (let at = 0; at < STEPS; at++) {
        steps.push(state.step())
        const plan = state.folder.plan()
        if (plan.compiler !== 'cache') continue
        hits++
        const truth = openPlan({ from: state.folder.root, cache: false })
        expect(shown(plan), `seed ${seed}, after ${steps.join('; ')}`).toEqual(shown(truth.refresh()))
      }
      // Otherwise it has shown nothing.
      expect(hits).toBeGreaterThan(STEPS / 10)
    } finally {
      state.folder.remove()
    }
  })
}
