/**
 * An attack on what is kept from one analysis to the next: a program is edited at random, and after each edit what a planner says that has
 * seen all the edits before is compared with what one says that has just begun. They must be the same bytes: model, reports, generated
 * text, manifest. `WEAVE_SEED` repeats a run, `WEAVE_STEPS` makes it longer.
 */
import { relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { randomFrom } from '../../bench/compile/generate.ts'
import { Memory } from '../../transformer/analyse/again/memory.ts'
import { type AnalysisByFile, analyse } from '../../transformer/analyse/index.ts'
import { loadProject } from '../../transformer/checker/load.ts'
import type { CheckedProject } from '../../transformer/checker/project.ts'
import type { CheckerView } from '../../transformer/checker/view.ts'
import { openPlan, type Planner } from '../../transformer/plan.ts'
import { Folder, repository, shown } from './folder.ts'
import { RandomProgram, WEAVETS } from './random-program.ts'

const LAZY_STEPS = Number(process.env.WEAVE_STEPS ?? 60)
const ROUNDS = Number(process.env.WEAVE_SEEDS ?? 4)
/** A new snapshot of TypeScript 7.1 for each question costs more than a new program of 6. */
const TYPESCRIPTS = [
  { typescript: 'TypeScript 6', folder: `${repository}/node_modules/typescript`, steps: 120 },
  { typescript: 'TypeScript 7.1', folder: `${repository}/node_modules/typescript-7`, steps: 60 },
] as const

/** A planner that has seen every edit, beside one for each question that has just begun. */
class Pair implements Disposable {
  readonly folder = new Folder({ 'package.json': '{ "name": "random", "type": "module" }' })
  readonly #warmProject: CheckedProject
  readonly #freshProject: CheckedProject
  readonly #warm: Planner

  constructor(folder: string, texts: Texts) {
    this.folder.write({ 'node_modules/weavets/index.d.ts': WEAVETS })
    this.#write(texts)
    const tsconfig = this.folder.path('tsconfig.json')
    const about = { root: this.folder.root, tsconfig, files: [], typescript: folder }
    // Each with its own source files: what a checker leaves in them must not pass for memory.
    this.#warmProject = loadProject(about)
    this.#freshProject = loadProject(about)
    this.#warm = this.#open(this.#warmProject)
  }

  #open(project: CheckedProject): Planner {
    return openPlan({ from: this.folder.root, cache: false, project })
  }

  #write(texts: Texts): void {
    for (const [name, text] of Object.entries(texts)) {
      if (text === undefined) this.folder.remove(name)
      else this.folder.write({ [name]: text })
    }
  }

  edit(texts: Texts): void {
    this.#write(texts)
    // Written and read within one tick of the file system's clock, a file of the same length would look as it was.
    for (const [name, text] of Object.entries(texts)) {
      if (!/tsx?$/.test(name)) continue
      for (const project of [this.#warmProject, this.#freshProject]) project.overlay(this.folder.path(name), text)
    }
  }

  says(): object {
    return shown(this.#warm.refresh())
  }

  truth(): object {
    return shown(this.#open(this.#freshProject).refresh())
  }

  /** Of the project that has seen every edit where `memory` has too, else of the other. */
  analysis(memory?: Memory): AnalysisByFile {
    const project = memory === undefined ? this.#freshProject : this.#warmProject
    return analyse(project.refresh(), { root: this.folder.root }, memory)
  }

  [Symbol.dispose](): void {
    this.#warmProject.close()
    this.#freshProject.close()
    this.folder.remove()
  }
}

type Texts = Readonly<Record<string, string | undefined>>

const first = Number(process.env.WEAVE_SEED ?? 1)

const seeds = Array.from({ length: ROUNDS }, (_, at) => first + at)

describe.each(TYPESCRIPTS)('$typescript: whatever is edited, a warm planner says what a new one says', (with_) => {
  const count = Number(process.env.WEAVE_STEPS ?? with_.steps)
  test.each(seeds)('seed %i', { timeout: 600_000 }, (seed) => {
    const program = new RandomProgram(randomFrom(seed))
    using pair = new Pair(with_.folder, program.texts())
    const steps: string[] = []
    for (let at = 0; at < count; at++) {
      const said = pair.says()
      const truth = pair.truth()
      expect(said, `seed ${seed}, after ${steps.length} steps; the last: ${steps.slice(-3).join('; ')}`).toEqual(truth)
      expect(JSON.stringify(said)).toBe(JSON.stringify(truth))
      const { what, texts } = program.step()
      steps.push(what)
      pair.edit(texts)
    }
  })
})

/** As tsserver's plugin does: in between, only what an editor shows is asked for, and what lint left out is still to be looked at. */
test.each(seeds)(
  'whatever is edited, the reports of a file are those of an analysis of everything: seed %i',
  (seed) => {
    const random = randomFrom(seed + 1000)
    const program = new RandomProgram(random)
    using pair = new Pair(TYPESCRIPTS[0].folder, program.texts())
    const memory = new Memory()
    const steps: string[] = []
    for (let at = 0; at < LAZY_STEPS; at++) {
      const warm = pair.analysis(memory)
      const files = warm.dependencies.map((path) => relative(pair.folder.root, path))
      const shown = [undefined, ...files.filter(() => random() < 0.2)]
      const said = shown.map((file) => warm.diagnosticsOf(file))
      if (random() < 0.3) {
        const truth = pair.analysis().diagnostics
        const what = `seed ${seed}, after ${steps.length} steps; the last: ${steps.slice(-3).join('; ')}`
        expect(said, what).toEqual(shown.map((file) => truth.filter((each) => each.file === file)))
        if (random() < 0.5) expect(warm.diagnostics, what).toEqual(truth)
      }
      const { what, texts } = program.step()
      steps.push(what)
      pair.edit(texts)
    }
  },
)

const TSCONFIG = JSON.stringify({
  compilerOptions: { target: 'es2024', lib: ['es2018'], module: 'nodenext', types: [], strict: true, noEmit: true },
  include: ['src'],
})
const CART = `import type { Component } from 'weavets'
import type { Item } from './item.js'
export interface Cart extends Component { put(item: Item): Promise<void> }
`

const OWN_PACKAGE = {
  name: 'own',
  type: 'module',
  imports: { '#id': './src/id.ts' },
  exports: { './id': './src/id.ts' },
}

/** A record that is held by its name, and what holds it. */
const HELD = {
  'src/item.ts': `import type { Line } from './line.js'
export interface Item { id: string; lines: Line[] }
`,
  'src/line.ts': 'export interface Line { sku: string; count: number }\n',
}

/** Of a module in which a component's data has been met before. */
const OTHER = {
  'src/other.ts': `import type { Component } from 'weavets'
import type { Other } from './line.js'
export interface Others extends Component { put(other: Other): Promise<void> }
`,
}

/** Each an edit of what a component's data holds at some distance. */
const EDITS: Readonly<Record<string, { readonly texts: Texts; readonly edits: Texts }>> = {
  'a type that an augmentation of another module uses': {
    texts: {
      'src/item.ts': 'export interface Item { id: string }\n',
      'src/more.ts':
        "import type { Extra } from './extra.js'\ndeclare module './item.js' { interface Item { extra: Extra } }\n",
      'src/extra.ts': 'export type Extra = string\n',
    },
    edits: { 'src/extra.ts': 'export type Extra = number\n' },
  },
  'a type that a global declaration uses': {
    texts: {
      'src/item.ts': 'export interface Item { id: Id }\n',
      'src/globals.d.ts': "type Id = import('./id.js').Own\n",
      'src/id.ts': 'export type Own = string\n',
    },
    edits: { 'src/id.ts': 'export type Own = number\n' },
  },
  'a record that another holds by its name': {
    texts: HELD,
    edits: { 'src/line.ts': 'export interface Line { sku: string; count: number; note?: string }\n' },
  },
  'a record that can no longer cross': {
    texts: HELD,
    edits: { 'src/line.ts': 'export interface Line { sku: string; count(): void }\n' },
  },
  'a record that holds what cannot cross': {
    texts: HELD,
    edits: { 'src/line.ts': 'export interface Line { sku: string; done: () => void }\n' },
  },
  'a record that becomes a function': {
    texts: HELD,
    edits: { 'src/line.ts': 'export interface Line { (sku: string): void }\n' },
  },
  'a record that becomes a list': {
    texts: HELD,
    edits: { 'src/line.ts': 'export interface Line extends Array<string> {}\n' },
  },
  'a record that becomes an alias': {
    texts: HELD,
    edits: { 'src/line.ts': 'export type Line = string\n' },
  },
  'a record that is declared twice': {
    texts: HELD,
    edits: { 'src/line.ts': `${HELD['src/line.ts']}export interface Line { (): void }\n` },
  },
  'an export that is another record now': {
    texts: HELD,
    edits: {
      'src/line.ts': 'interface Line { sku: string }\ninterface Other { other: string }\nexport { Other as Line }\n',
    },
  },
  'an export that is another record of the same module': {
    texts: { ...HELD, 'src/line.ts': 'interface One { one: 1 }\ninterface Two { two: 2 }\nexport { One as Line }\n' },
    edits: { 'src/line.ts': 'interface One { one: 1 }\ninterface Two { two: 2 }\nexport { Two as Line }\n' },
  },
  'an alias that a record holds': {
    texts: { ...HELD, 'src/line.ts': 'export type Line = string\nexport interface Other { line: Line }\n', ...OTHER },
    edits: { 'src/line.ts': 'export type Line = number\nexport interface Other { line: Line }\n' },
  },
  'a record that is not exported any more': {
    texts: HELD,
    edits: { 'src/line.ts': 'interface Line { sku: string }\nexport {}\n' },
  },
  'what tells the members of a union apart': {
    texts: {
      'src/item.ts': `import type { Fast, Slow } from './speed.js'
export interface Item { speed: Speed }
type Speed = Fast | Slow
`,
      'src/speed.ts': `export interface Fast { kind: 'fast' }\nexport interface Slow { kind: 'slow' }\n`,
    },
    edits: { 'src/speed.ts': `export interface Fast { fast: true }\nexport interface Slow { kind: 'slow' }\n` },
  },
  'what tells the members of a union apart, by aliases': {
    texts: {
      'src/item.ts': `import type { One, Two } from './alias.js'\nexport interface Item { speed: One | Two }\n`,
      'src/alias.ts': `import type { Fast, Slow } from './speed.js'\nexport type One = Fast\nexport type Two = Slow\n`,
      'src/speed.ts': `export interface Fast { kind: 'fast' }\nexport interface Slow { kind: 'slow' }\n`,
    },
    edits: { 'src/speed.ts': `export interface Fast { fast: true }\nexport interface Slow { kind: 'slow' }\n` },
  },
  'a type of which a part is taken': {
    texts: {
      ...HELD,
      'src/item.ts': `import type { Line } from './line.js'\nexport type Item = Pick<Line, 'count'>\n`,
    },
    edits: { 'src/line.ts': 'export interface Line { sku: string; count: string }\n' },
  },
  'a type below one of which a part is taken': {
    texts: {
      'src/item.ts': `import type { Order } from './order.js'\nexport interface Item { one: Order['line']['sku'] }\n`,
      'src/order.ts': `import type { Line } from './line.js'\nexport interface Order { line: Line }\n`,
      'src/line.ts': HELD['src/line.ts'],
    },
    edits: { 'src/line.ts': 'export interface Line { sku: number; count: number }\n' },
  },
  'a base': {
    texts: {
      'src/item.ts': `import type { Base } from './base.js'\nexport interface Item extends Base { own: string }\n`,
      'src/base.ts': 'export interface Base { id: string }\n',
    },
    edits: { 'src/base.ts': 'export interface Base { id: number }\n' },
  },
  'a constant whose type is meant': {
    texts: {
      'src/item.ts': `import { limits } from './limits.js'\nexport interface Item { limits: typeof limits }\n`,
      'src/limits.ts': `import { most } from './most.js'\nexport const limits = { most: most() }\n`,
      'src/most.ts': 'export function most() { return 1 }\n',
    },
    edits: { 'src/most.ts': `export function most() { return 'all' }\n` },
  },
  'what a barrel exports': {
    texts: {
      ...HELD,
      'src/item.ts': HELD['src/item.ts'].replace('./line.js', './lib.js'),
      'src/lib.ts': `export * from './line.js'\n`,
      'src/other.ts': 'export interface Line { other: true }\n',
    },
    edits: { 'src/lib.ts': `export * from './other.js'\n` },
  },
  'a type behind a barrel': {
    texts: {
      ...HELD,
      'src/item.ts': HELD['src/item.ts'].replace('./line.js', './lib.js'),
      'src/lib.ts': `export * from './line.js'\n`,
    },
    edits: { 'src/line.ts': 'export type Line = string\n' },
  },
  'an enum': {
    texts: {
      'src/item.ts': `import type { State } from './state.js'\nexport interface Item { state: State }\n`,
      'src/state.ts': `export enum State { Open = 'open', Shut = 'shut' }\n`,
    },
    edits: { 'src/state.ts': `export enum State { Open = 'open', Lost = 'lost' }\n` },
  },
  'a policy that a component inherits': {
    texts: {
      ...HELD,
      'src/cart.ts': `import type { Base } from './base.js'\nexport interface Cart extends Base {}\n`,
      'src/base.ts': `import type { Component } from 'weavets'
export interface Base extends Component { put(item: string): Promise<void> }
`,
    },
    edits: {
      'src/base.ts': `import type { Component } from 'weavets'

export interface Base extends Component {
  /** @idempotent */
  put(item: string): Promise<void>
}
`,
    },
  },
  'lines before a method that a component inherits': {
    texts: {
      ...HELD,
      'src/cart.ts': `import type { Base } from './base.js'\nexport interface Cart extends Base {}\n`,
      'src/base.ts': `import type { Component } from 'weavets'
type First = 1
export interface Base extends Component { put(item: string): Promise<void> }
`,
    },
    edits: {
      'src/base.ts': `import type { Component } from 'weavets'
type First = 1 | 2 | 3
export interface Base extends Component { put(item: string): Promise<void> }
`,
    },
  },
  ...Object.fromEntries(
    Object.entries({
      './id.js': "import type { Own } from './id.js'\n",
      'import()': "type Own = import(/* don't */ './id.js').Own\n",
      'a re-export': "import type { Own } from './all.js'\n",
      '#id': "import type { Own } from '#id'\n",
      'own/id': "import type { Own } from 'own/id'\n",
      '@id': "import type { Own } from '@id'\n",
      'an escape': "import type { Own } from './\\u0069d.js'\n",
    }).map(([how, first]) => [
      `a type behind ${how}`,
      {
        texts: {
          'package.json': JSON.stringify(OWN_PACKAGE),
          'tsconfig.json': TSCONFIG.replace('"strict"', '"paths":{"@id":["./src/id.ts"]},"strict"'),
          'src/item.ts': `${first}export interface Item { id: Own }\n`,
          'src/all.ts': "export * from './id.js'\n",
          'src/id.ts': 'export type Own = string\n',
        },
        edits: { 'src/id.ts': 'export type Own = number\n' },
      },
    ]),
  ),
}

describe.each(TYPESCRIPTS)('$typescript', ({ folder }) => {
  test.each(Object.entries(EDITS))('an edit of %s is seen', (_, { texts, edits }) => {
    using pair = new Pair(folder, { 'tsconfig.json': TSCONFIG, 'src/cart.ts': CART, ...texts })
    const before = pair.says()
    expect(before).toEqual(pair.truth())
    pair.edit(edits)
    expect(pair.truth()).not.toEqual(before)
    expect(pair.says()).toEqual(pair.truth())
    // And back: what was kept in between holds no more either.
    pair.edit(texts)
    expect(pair.says()).toEqual(before)
    pair.edit(edits)
    expect(pair.says()).toEqual(pair.truth())
  })
})

test('an edit of a type that many hold by its name is read, and what holds it is not', () => {
  const types = Array.from({ length: 30 }, (_, at) => [
    `src/type${at}.ts`,
    `import type { Shared } from './shared.js'\nexport interface Type${at} { shared: Shared; list: Type${at}[] | null }\n`,
  ])
  const parts = types.map((_, at) => [
    `src/part${at}.ts`,
    `import type { Component } from 'weavets'
import type { Type${at} } from './type${at}.js'
export interface Part${at} extends Component { put(item: Type${at}): Promise<void> }
`,
  ])
  const shared = (more: string) => ({ 'src/shared.ts': `export interface Shared { id: string${more} }\n` })
  const files = { 'tsconfig.json': TSCONFIG, ...Object.fromEntries([...types, ...parts]), ...shared('') }
  const folder = new Folder({ 'package.json': '{ "name": "many", "type": "module" }', ...files })
  folder.write({ 'node_modules/weavets/index.d.ts': WEAVETS })
  const tsconfig = folder.path('tsconfig.json')
  const project = loadProject({ root: folder.root, tsconfig, files: [], typescript: TYPESCRIPTS[0].folder })
  try {
    const memory = new Memory()
    let asked = 0
    const analyseCounted = () => {
      asked = 0
      const view = project.refresh()
      const members: CheckerView['members'] = (type) => {
        asked++
        return view.members(type)
      }
      return analyse({ ...view, members }, { root: folder.root }, memory).model
    }
    analyseCounted()
    const atFirst = asked
    project.overlay(folder.path('src/shared.ts'), shared('; more: number')['src/shared.ts'])
    const { definitions } = analyseCounted()
    expect(definitions['src/shared.Shared']).toMatchObject({ members: [{ name: 'id' }, { name: 'more' }] })
    expect(Object.keys(definitions)).toHaveLength(31)
    expect(atFirst).toBeGreaterThan(60)
    expect(asked).toBeLessThan(10)
  } finally {
    project.close()
    folder.remove()
  }
})
