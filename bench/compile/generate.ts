/**
 * Writes an application of a given size for benches and tests of the compiler: so many files, so many components, types that are
 * nested, discriminated, recursive and shared between files, and plain code that uses them. In goes a seed, and the same seed
 * gives the same bytes; out comes a project that type-checks, builds and runs (it prints one line).
 */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { helperText, largestText, typesText } from './generate-types.ts'

const repository = join(import.meta.dirname, '..', '..')

export interface GenerateOptions {
  /** Absolute; emptied first. */
  readonly folder: string
  /** Source files, all counted. */
  readonly files: number
  readonly components: number
  readonly seed: number
  /** Folder of weavets, by default this repository; `undefined` where a folder above has it installed. */
  readonly weavets?: string | undefined
  /** Members of the largest union. Default: 40. */
  readonly largest?: number
  /** How many literals tell a member of it. Default: 1. */
  readonly told?: 1 | 2
}

export interface Generated {
  /** Absolute. */
  readonly folder: string
  readonly tsconfig: string
  readonly entry: string
  /** From the folder: every source file. */
  readonly files: readonly string[]
  /** A file whose types cross boundaries; `editType` changes it. */
  readonly types: string
  /** A file that is plain code. */
  readonly helper: string
}

/** Files of types that know each other; all may know the first file of all, as every application has one for money and addresses. */
const DOMAIN_FILES = 5

/** Deterministic, and good enough to choose imports with (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function generateProject(options: GenerateOptions): Generated {
  const { folder, files, components, seed, largest = 40, told = 1 } = options
  const random = randomFrom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  // main, root, the largest type, and two files a component; of the rest two in five are types.
  const rest = files - 3 - 2 * components
  const types = Math.max(1, Math.floor(rest * 0.4))
  const helpers = rest - types
  if (helpers < 0)
    throw new Error(`${files} files are too few for ${components} components; at least ${2 * components + 4}.`)

  const texts = new Map<string, string>()
  texts.set('src/types/largest.ts', largestText(largest, told))
  for (let at = 0; at < types; at++) {
    const first = at - (at % DOMAIN_FILES)
    const near = at === first ? [] : [first + below(at - first)]
    const uses = at === 0 ? [] : [...new Set([...(random() < 0.3 ? [0] : []), ...near])]
    texts.set(`src/types/types${at}.ts`, typesText(at, uses))
  }
  for (let at = 0; at < helpers; at++) {
    texts.set(
      `src/lib/helper${at}.ts`,
      helperText(at, [...new Set([below(types), below(types)])], at === 0 ? undefined : below(at)),
    )
  }
  const taken = new Set<number>()
  for (let at = 0; at < components; at++) {
    const needs = at === 0 ? [] : [...new Set([at - 1, below(at)].slice(at % 3 === 0 ? 1 : 0))]
    for (const need of needs) taken.add(need)
    const type = below(types)
    texts.set(`src/parts/part${at}.ts`, interfaceText(at, type))
    texts.set(
      `src/parts/part${at}-here.ts`,
      classText(at, { type, needs, helper: helpers === 0 ? undefined : below(helpers) }),
    )
  }
  const roots = Array.from({ length: components }, (_, at) => at).filter((at) => !taken.has(at))
  texts.set('src/root.ts', rootText(roots))
  texts.set('src/main.ts', `import { run } from 'weavets'\nimport { Root } from './root.ts'\n\nawait run(Root)\n`)

  rmSync(folder, { recursive: true, force: true })
  for (const [path, text] of texts) write(folder, path, text)
  write(folder, 'package.json', `${JSON.stringify({ name: 'generated', private: true, type: 'module' })}\n`)
  write(folder, 'tsconfig.json', `${JSON.stringify(TSCONFIG, null, 2)}\n`)
  link(folder, 'weavets' in options ? options.weavets : repository)
  return {
    folder,
    tsconfig: join(folder, 'tsconfig.json'),
    entry: join(folder, 'src/main.ts'),
    files: [...texts.keys()],
    types: 'src/types/types0.ts',
    helper: helpers > 0 ? 'src/lib/helper0.ts' : 'src/root.ts',
  }
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
    rootDir: '.',
    outDir: 'dist',
    plugins: [{ transform: 'weavets/transform', transformProgram: true }],
  },
  include: ['src'],
}

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

/** As after `npm install`: what the repository has installed. */
function link(folder: string, weavets: string | undefined): void {
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true })
  if (weavets !== undefined) symlinkSync(weavets, join(folder, 'node_modules', 'weavets'))
  for (const name of ['typescript', 'ts-patch', 'esbuild', '@types/node']) {
    symlinkSync(join(repository, 'node_modules', name), join(folder, 'node_modules', name))
  }
}

function interfaceText(at: number, type: number): string {
  const first = at === 0
  return `import type { Component, Key } from 'weavets'
${first ? `import type { Largest } from '../types/largest.ts'\n` : ''}import type { Change${type}, Order${type}, Status${type} } from '../types/types${type}.ts'

export interface Found${at} {
  total: number
  orders: Order${type}[]
  byStatus: Map<Status${type}, number>
}

export interface Part${at} extends Component {
  /** @idempotent @timeout 2s */
  find(id: Key<string>): Promise<Order${type} | undefined>
  put(order: Order${type}): Promise<void>
  /** @idempotent */
  search(query: { text?: string; statuses: readonly Status${type}[]; limit: number }): Promise<Found${at}>
  change(id: string, ...changes: Change${type}[]): Promise<number>
  /** @idempotent */
  count(): Promise<number>
${first ? '  /** @idempotent */\n  every(values: readonly Largest[]): Promise<number>\n' : ''}}
`
}

interface Class {
  readonly type: number
  readonly needs: readonly number[]
  readonly helper: number | undefined
}

function classText(at: number, { type, needs, helper }: Class): string {
  const imports = needs.map((need) => `import type { Part${need} } from './part${need}.ts'\n`).join('')
  const fields = needs.map((need) => `  readonly #part${need}: Part${need}\n`).join('')
  const parameters = needs.map((need) => `part${need}: Part${need}`).join(', ')
  const sets = needs.map((need) => `    this.#part${need} = part${need}\n`).join('')
  const counts = ['this.#orders.size', ...needs.map((need) => `(await this.#part${need}.count())`)].join(' + ')
  const largest = `
  async every(values: readonly Largest[]): Promise<number> {
    return values.length
  }
`
  return `${at === 0 ? `import type { Largest } from '../types/largest.ts'\n` : ''}import type { Change${type}, Order${type}, Status${type} } from '../types/types${type}.ts'
${helper === undefined ? '' : `import { weigh${helper} } from '../lib/helper${helper}.ts'\n`}import type { Found${at}, Part${at} } from './part${at}.ts'
${imports}
export class Here${at} implements Part${at} {
  readonly #orders = new Map<string, Order${type}>()
${fields}${needs.length === 0 ? '' : `\n  constructor(${parameters}) {\n${sets}  }\n`}
  async find(id: string): Promise<Order${type} | undefined> {
    return this.#orders.get(id)
  }

  async put(order: Order${type}): Promise<void> {
    this.#orders.set(order.id, order)
  }

  async search(query: { text?: string; statuses: readonly Status${type}[]; limit: number }): Promise<Found${at}> {
    const orders = [...this.#orders.values()].filter((order) => query.statuses.includes(order.status)).slice(0, query.limit)
    const byStatus = new Map<Status${type}, number>()
    for (const { status } of orders) byStatus.set(status, (byStatus.get(status) ?? 0) + 1)
    return { total: ${helper === undefined ? 'orders.length' : `weigh${helper}(orders.length)`}, orders, byStatus }
  }

  async change(id: string, ...changes: Change${type}[]): Promise<number> {
    const order = this.#orders.get(id)
    if (order === undefined) return 0
    this.#orders.set(id, { ...order, history: [...order.history, ...changes] })
    return changes.length
  }

  async count(): Promise<number> {
    return ${counts}
  }
${at === 0 ? largest : ''}}
`
}

function rootText(parts: readonly number[]): string {
  return `import type { Main } from 'weavets'
${parts.map((at) => `import type { Part${at} } from './parts/part${at}.ts'\n`).join('')}
export class Root implements Main {
  readonly #parts: readonly { count(): Promise<number> }[]

  constructor(${parts.map((at) => `part${at}: Part${at}`).join(', ')}) {
    this.#parts = [${parts.map((at) => `part${at}`).join(', ')}]
  }

  async main(): Promise<void> {
    let total = 0
    for (const part of this.#parts) total += await part.count()
    console.log(\`\${this.#parts.length} parts, \${total} orders\`)
  }
}
`
}
