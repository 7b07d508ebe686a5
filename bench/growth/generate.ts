/**
 * Writes applications that differ only in how many components they have and who calls whom. A request enters at the first component and runs through
 * `calls` of the others, however many there are, so that its cost can be compared as the application grows.
 */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomFrom } from '../compile/generate.ts'

const repository = join(import.meta.dirname, '..', '..')

/** chain: each calls the next; star: the first calls all others; random: each calls up to three later ones. */
export const GRAPHS = ['chain', 'star', 'random'] as const

export type Graph = (typeof GRAPHS)[number]

/** How many calls of components one request makes, the first included, where there are so many. */
export const CALLS = 10

export interface GrowthProject {
  folder: string
  /** Component → those that it calls, by index. */
  edges: readonly (readonly number[])[]
}

export function generate(folder: string, graph: Graph, components: number): GrowthProject {
  const edges = edgesOf(graph, components)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'src'), { recursive: true })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(repository, join(folder, 'node_modules', 'weavets'))
  symlinkSync(join(repository, 'node_modules', '@types'), join(folder, 'node_modules', '@types'))
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
  write('package.json', JSON.stringify({ name: `growth-${graph}-${components}`, private: true, type: 'module' }))
  write(
    'weave.config.ts',
    `import { defineConfig } from 'weavets'\n\nexport default defineConfig({ name: 'growth' })\n`,
  )
  write('tsconfig.json', TSCONFIG)
  write('src/main.ts', `import { run } from 'weavets'\nimport { Root } from './root.ts'\n\nawait run(Root)\n`)
  write('src/root.ts', ROOT)
  for (const [index, callees] of edges.entries()) write(`src/c${index}.ts`, componentText(index, callees))
  return { folder, edges }
}

function edgesOf(graph: Graph, components: number): number[][] {
  const random = randomFrom(components)
  return Array.from({ length: components }, (_, index) => {
    const later = components - index - 1
    if (graph === 'chain') return later > 0 ? [index + 1] : []
    if (graph === 'star') return index === 0 ? Array.from({ length: later }, (_, other) => other + 1) : []
    // The next one always, so that all are reached.
    const others = Array.from({ length: 2 }, () => index + 1 + Math.floor(random() * later))
    return later > 0 ? [...new Set([index + 1, ...others])] : []
  })
}

/** Passes the request on to one callee as long as calls are left; the first of a star shares them out. */
function componentText(index: number, callees: readonly number[]): string {
  const types = callees.map((callee) => `import type { C${callee} } from './c${callee}.ts'`)
  const parameters = callees.map((callee) => `    c${callee}: C${callee},`)
  const list = callees.map((callee) => `c${callee}`).join(', ')
  const body =
    callees.length === 0
      ? ['    return request.value']
      : [
          `    const { id, value } = request`,
          `    const others = this.#others`,
          `    let sum = value`,
          callees.length > 3
            ? `    for (let call = 1; call < request.calls; call++) sum += await others[(id * 7 + call) % others.length]!.handle({ id, value, calls: 1 })`
            : `    if (request.calls > 1) sum += await others[id % others.length]!.handle({ id, value, calls: request.calls - 1 })`,
          `    return sum`,
        ]
  return `${[`import type { Component } from 'weavets'`, ...types].join('\n')}

export interface Request${index} {
  readonly id: number
  readonly value: number
  /** How many calls are to be made for it, this one included. */
  readonly calls: number
}

export interface C${index} extends Component {
  /** @idempotent */
  handle(request: Request${index}): Promise<number>
}

export class Handler${index} implements C${index} {
${callees.length === 0 ? '' : `  readonly #others: readonly { handle(request: Request${index}): Promise<number> }[]\n\n  constructor(\n${parameters.join('\n')}\n  ) {\n    this.#others = [${list}]\n  }\n\n`}  async handle(request: Request${index}): Promise<number> {
${body.join('\n')}
  }
}
`
}

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  },
  include: ['src', 'weave.config.ts'],
})

/** Serves the bench: for each line `{ requests, concurrency }` on its socket it makes so many requests. */
const ROOT = `import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { Main } from 'weavets'
import type { C0 } from './c0.ts'

export class Root implements Main {
  readonly #first: C0

  constructor(first: C0) {
    this.#first = first
  }

  async main(): Promise<void> {
    const socket = connect(process.argv.at(-1)!)
    for await (const line of createInterface({ input: socket })) {
      const { requests, concurrency } = JSON.parse(line)
      const begun = performance.now()
      let next = 0
      const work = async () => {
        while (next < requests) await this.#first.handle({ id: next++, value: 1, calls: ${CALLS} })
      }
      await Promise.all(Array.from({ length: concurrency }, work))
      socket.write(JSON.stringify({ ms: performance.now() - begun }) + '\\n')
    }
  }
}
`
