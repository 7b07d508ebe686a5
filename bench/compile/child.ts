/**
 * One measured piece of work in a process of its own: `node child.ts WORK FOLDER [DIST] [TYPESCRIPT]`. Prints one line of JSON: milliseconds
 * since the process began, peak memory of it and of the compiler that it started, and what the work has to say.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BuildOptions } from 'esbuild'
import { readValue } from './published.ts'

const [work = '', folder = '', dist = '', typescript = ''] = process.argv.slice(2)

/** Edits of `warm`; the first few are still being optimised by V8, so medians are of the rest. */
const EDITS = 12
const EDITS_LEFT_OUT = 4

const WORK: Record<string, () => Promise<object> | object> = {
  /** What esbuild needs for the same modules without a line of ours. */
  'bundle-bare': () => bundle('bare.ts', []),
  /** The program as it is built, generated before. */
  'bundle-plain': () => bundle('plain.ts', []),
  async 'bundle-woven'() {
    const { weave } = await import(join(dist, 'transformer/hosts/esbuild.js'))
    return bundle('src/main.ts', [weave()])
  },
  async cold() {
    rmSync(join(folder, '.weave/cache'), { recursive: true, force: true })
    return plan(true)
  },
  cached: () => plan(true),
  async warm() {
    const planner = await open(false)
    planner.refresh()
    const file = join(folder, 'src/types/types0.ts')
    const text = readFileSync(file, 'utf8')
    const times: number[] = []
    for (let at = 0; at < EDITS; at++) {
      writeFileSync(file, text.replace('note?: string', `note?: string\n  extra${at}?: number`))
      const started = performance.now()
      planner.refresh()
      times.push(performance.now() - started)
    }
    writeFileSync(file, text)
    const result = { warmMs: median(times.slice(EDITS_LEFT_OUT)), ...memory() }
    planner.close()
    return result
  },
  async generate() {
    const planner = await open(false)
    const begun = performance.now()
    const made = planner.refresh()
    const started = performance.now()
    const text: string = made.files.get(made.entry).append('source')
    const generateMs = performance.now() - started
    const { transformSync } = await import('esbuild')
    const before = performance.now()
    const { code } = transformSync(text, { loader: 'ts', minify: true })
    const result = {
      planMs: started - begun,
      generateMs,
      transformMs: performance.now() - before,
      bytes: Buffer.byteLength(text),
      minified: Buffer.byteLength(code),
      definitions: Object.keys(made.analysis.model.definitions).length,
    }
    planner.close()
    return existsSync(join(folder, 'value.json')) ? { ...result, ...(await firstCalls(text)) } : result
  },
}

/** A value there and back by the codec that has just been generated: parsing included, and once more. */
async function firstCalls(text: string): Promise<object> {
  const internal = await import(join(dist, 'runtime/internal.js'))
  const { Writer } = await import(join(dist, 'runtime/codec/writer.js'))
  const { Reader } = await import(join(dist, 'runtime/codec/reader.js'))
  const value = readValue(folder)
  const started = performance.now()
  const program = text.replace("import * as __weave from 'weavets/internal'", '').replaceAll(/\bimport\(/g, '__import(')
  const app = new Function('__weave', `"use strict"; return __weave_app()\n${program}`)(internal)
  const { methods } = app.components.find((each: { boundary: unknown }) => each.boundary).boundary()
  const call = (): number => {
    const before = performance.now()
    const writer = new Writer()
    methods[0].encodeArguments(writer, [value])
    methods[0].decodeArguments(new Reader(writer.take()))
    return performance.now() - before
  }
  call()
  const firstCallMs = performance.now() - started
  return { firstCallMs, secondCallMs: call() }
}

async function open(cache: boolean) {
  const { openPlan } = await import(join(dist, 'transformer/plan.js'))
  return openPlan({ from: folder, cache, ...(typescript !== '' && { typescript }) })
}

async function plan(cache: boolean): Promise<object> {
  const planner = await open(cache)
  const made = planner.refresh()
  const used = memory()
  const ms = performance.now()
  planner.close()
  return { ms, ...used, compiler: made.compiler === 'cache' ? 'cache' : made.compiler.version }
}

async function bundle(entry: string, plugins: NonNullable<BuildOptions['plugins']>): Promise<object> {
  const esbuild = await import('esbuild')
  await esbuild.build({
    absWorkingDir: folder,
    entryPoints: [{ in: join(folder, entry), out: 'main' }],
    outdir: join(folder, 'out'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    splitting: true,
    packages: 'external',
    sourcemap: 'linked',
    outExtension: { '.js': '.mjs' },
    keepNames: true,
    metafile: true,
    plugins,
  })
  return {}
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

/** Peaks, MiB; of the compiler's process only where /proc tells. */
function memory(): { rssMiB: number; serverMiB: number } {
  return { rssMiB: process.resourceUsage().maxRSS / 1024, serverMiB: childrenMiB() }
}

function childrenMiB(): number {
  try {
    const own = readdirSync(`/proc/${process.pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${process.pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    )
    return own.reduce((sum, pid) => {
      const peak = /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
      return sum + Number(peak?.[1] ?? 0) / 1024
    }, 0)
  } catch {
    return 0
  }
}

const run = WORK[work]
if (run === undefined) throw new Error(`There is no work called "${work}".`)
report(await run())

function report(result: object): void {
  process.stderr.write(`${JSON.stringify({ ms: performance.now(), ...memory(), ...result })}\n`)
}
