/**
 * `node bench/boutique/profile.ts [--write]`: where the CPU goes in the shop apart and together, by V8's profiler in every process (`--cpu-prof`), deployer included.
 * A sample counts for the innermost function; what the kernel does for a system call is part of the function that makes it.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sample } from './measure.ts'
import { writeBetween } from './results.ts'
import { build, type Part, VARIANTS, type Variant } from './variants.ts'

const SECONDS = 24
/** Of each profile, counted from its end: without start-up and warm-up, and without the stop. */
const WINDOW_SECONDS = { from: 18, to: 3 }
const VISITS_PER_SECOND = 60
const PROFILED = ['weave, apart', 'weave, together']
/** Lines of joint modules, by their address. */
const joints = new Map<string, readonly string[]>()

interface Frame {
  functionName: string
  url: string
  lineNumber: number
}

interface Profile {
  nodes: { id: number; callFrame: Frame }[]
  samples: number[]
  startTime: number
  endTime: number
  /** Microseconds before each sample. */
  timeDeltas: number[]
}

/** The first that fits; V8's own entries and C++ functions have no file. */
const KINDS: readonly [kind: string, fits: (url: string, name: string) => boolean][] = [
  ['idle', (_, name) => name === '(idle)'],
  ['garbage collection', (_, name) => name === '(garbage collector)'],
  ['system calls: writing to sockets', (url, name) => url === '' && /^write/i.test(name)],
  ['V8 and Node, C++', (url) => url === ''],
  ['weavets: codecs and generated code', (url) => /dist\/runtime\/codec\/|\.weave\/build\/main\./.test(url)],
  ['weavets: sockets', (url) => url.includes('dist/runtime/transport/')],
  ['weavets: calls', (url) => url.includes('dist/runtime/')],
  ['weavets: deployer', (url) => /dist\/(deployer|cli)\//.test(url)],
  ['the shop itself', (url) => url.includes('.weave/build/')],
  ['fastify and its packages', (url) => url.includes('node_modules/')],
  ['Node: HTTP', (url) => url.startsWith('node:_http')],
  ['Node: streams, sockets, timers, the rest', (url) => url.startsWith('node:')],
]

await build()
const parts: Part[] = ['page', 'calls']
const columns = new Map<string, Map<string, number>>()
for (const part of parts)
  for (const variant of VARIANTS.filter(({ name }) => PROFILED.includes(name))) {
    const folder = mkdtempSync(join(tmpdir(), 'weave-profile-'))
    process.env.NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${folder}`
    columns.set(`${variant.name}, ${part}`, perPage(folder, await drive(variant, part)))
    rmSync(folder, { recursive: true, force: true })
  }

/** Pages in the window. */
async function drive(variant: Variant, part: Part): Promise<number> {
  await using running = await variant.start(part)
  delete process.env.NODE_OPTIONS
  const { rate } = await sample(running, VISITS_PER_SECOND, SECONDS)
  return rate * (WINDOW_SECONDS.from - WINDOW_SECONDS.to)
}

/** Kind → CPU µs a page. */
function perPage(folder: string, pages: number): Map<string, number> {
  const sums = new Map<string, number>()
  for (const file of readdirSync(folder)) {
    const { nodes, samples, timeDeltas, startTime, endTime } = JSON.parse(
      readFileSync(join(folder, file), 'utf8'),
    ) as Profile
    const kinds = new Map(nodes.map(({ id, callFrame }) => [id, kindOf(callFrame)]))
    let at = startTime
    for (const [index, id] of samples.entries()) {
      at += timeDeltas[index]!
      if (at < endTime - WINDOW_SECONDS.from * 1e6 || at > endTime - WINDOW_SECONDS.to * 1e6) continue
      const kind = kinds.get(id)!
      sums.set(kind, (sums.get(kind) ?? 0) + timeDeltas[index]! / pages)
    }
  }
  sums.delete('idle')
  return sums
}

function kindOf(frame: Frame): string {
  const url = sourceOf(frame)
  return KINDS.find(([, fits]) => fits(url, frame.functionName))?.[0] ?? 'other'
}

/** The module that a frame of a joint one (scripts/prelink.js) is from: esbuild names it above its lines. */
function sourceOf({ url, lineNumber }: Frame): string {
  if (!/\/dist\/.*\/joint[\w-]*\.js$/.test(url)) return url
  const lines = joints.get(url) ?? readFileSync(fileURLToPath(url), 'utf8').split('\n')
  joints.set(url, lines)
  const named = lines.slice(0, lineNumber + 1).findLast((line) => /^\/\/ [\w/-]+\.js$/.test(line))
  return named === undefined ? url : url.replace(/\/dist\/.*/, `/dist/${named.slice('// '.length)}`)
}

const names = [...columns.keys()]
const used = KINDS.slice(1).filter(([kind]) => names.some((name) => (columns.get(name)!.get(kind) ?? 0) >= 0.5))
const row = (title: string, of: (column: ReadonlyMap<string, number>) => number) =>
  `| ${title} | ${names.map((name) => of(columns.get(name)!).toFixed(0)).join(' | ')} |`
const table = [
  `| CPU µs a page | ${names.join(' | ')} |`,
  `| --- |${' ---: |'.repeat(names.length)}`,
  ...used.map(([kind]) => row(kind, (column) => column.get(kind) ?? 0)),
  row('all', (column) => [...column.values()].reduce((sum, us) => sum + us, 0)),
]
const text = `${new Date().toISOString().slice(0, 10)}, Node ${process.version}; ${VISITS_PER_SECOND} visits a second for ${SECONDS} s.\n\n${table.join('\n')}`
console.log(text)
if (process.argv.includes('--write')) writeBetween(join(import.meta.dirname, '..', 'README.md'), 'bench:profile', text)
