/**
 * `npm run bench:growth`: what an application costs as it grows. Generated applications of 10, 100 and 1,000 components (chain, star, random), built, and placed in 1 to 50
 * processes; each request makes the same ten calls however large the application is, so what changes is what size costs.
 *
 * A graph takes some eight minutes. `--add` puts what is measured in the place of the same sizes in bench/results/growth.json, and keeps the others; `--print`
 * makes the table and the plot of what is there.
 *
 *   node bench/growth/run.ts [--components 10,100,1000] [--processes 1,10,50] [--graphs chain,star,random] [--write | --add | --print]
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { DeployEvent } from '../../deployer/events.ts'
import { PLAN_RULES } from '../../deployer/planner/defaults.ts'
import { propose } from '../../deployer/planner/propose.ts'
import { generate as load, nameOf } from '../../test/planner/graphs.ts'
import { family, usage } from '../boutique/kernel.ts'
import { writeBetween } from '../boutique/results.ts'
import { Conversation } from '../conversation.ts'
import { installPeers } from '../peers/install.ts'
import { CALLS, type Graph, generate } from './generate.ts'
import { plot } from './plot.ts'

const weave = join(import.meta.dirname, '..', '..', 'bin', 'weave.js')
const WARM_UP_REQUESTS = 3_000
const REQUESTS = 3_000
const CONCURRENCY = 16
/**
 * Until what follows a start has settled: some seconds after it a process looks up where its classes stand, a quarter of a second of CPU for a thousand; and
 * its collector is at work for some seconds after load.
 */
const SETTLE_MS = 15_000
const IDLE_MS = 10_000

export interface Size {
  graph: Graph
  components: number
  processes: number
  buildMs: number
  /** Nothing had changed since. */
  rebuildMs: number
  bundleBytes: number
  /** What the planner takes for it: the same graph with load as it is measured, from this placement on. */
  placeMs: number
  /** From the command to every process being ready, with what was built. */
  startMs: number
  memoryMiB: number
  /** Of all processes, for one request of ten calls. */
  cpuMs: number
  /** Of the deployer while nobody calls, in milliseconds a second. */
  deployerIdleMs: number
  /** Of all other processes together. */
  processesIdleMs: number
}

const { values } = parseArgs({
  options: {
    components: { type: 'string', default: '10,100,1000' },
    processes: { type: 'string', default: '1,10,50' },
    graphs: { type: 'string', default: 'chain,star,random' },
    write: { type: 'boolean', default: false },
    add: { type: 'boolean', default: false },
    print: { type: 'boolean', default: false },
  },
})
const results = join(import.meta.dirname, '..', 'results')
const file = join(results, 'growth.json')
const kept = (values.add || values.print) && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Size[]) : []
const numbers = (text: string) => text.split(',').map(Number)
const sizes: Size[] = []
const folder = mkdtempSync(join(tmpdir(), 'weave-growth-'))
try {
  if (!values.print)
    for (const graph of values.graphs.split(',') as Graph[])
      for (const components of numbers(values.components)) await grow(graph, components)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const isAgain = (size: Size) => sizes.some((each) => keyOf(each) === keyOf(size))
const all = [...kept.filter((size) => !isAgain(size)), ...sizes].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
report(all)

/** In the order of the table. */
function keyOf({ graph, components, processes }: Size): string {
  const digits = (value: number) => String(value).padStart(5, '0')
  return `${graph} ${digits(components)} ${digits(processes)}`
}

async function grow(graph: Graph, components: number): Promise<void> {
  const project = join(folder, `${graph}-${components}`)
  generate(project, graph, components)
  const buildMs = build(project)
  const rebuildMs = build(project)
  const bundleBytes = statSync(join(project, '.weave', 'build', 'main.mjs')).size
  for (const processes of numbers(values.processes).filter((count) => count <= components)) {
    const groups = groupsOf(components, processes)
    const placeMs = place(graph, components, groups)
    const running = await deployed(project, groups)
    const size: Size = { graph, components, processes, buildMs, rebuildMs, bundleBytes, placeMs, ...running }
    sizes.push(size)
    console.error(JSON.stringify(size))
  }
}

function build(project: string): number {
  const begun = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [weave, 'build'], { cwd: project, encoding: 'utf8' })
  if (status !== 0) throw new Error(`weave build in ${project} ended with ${status}:\n${stderr}`)
  return performance.now() - begun
}

/** Components in the order of their names, as many in each process; a chain is cut where it has to be, a star everywhere. */
function groupsOf(components: number, processes: number): string[][] {
  const names = Array.from({ length: components }, (_, index) => nameOf(index))
  const each = components / processes
  return Array.from({ length: processes }, (_, index) =>
    names.slice(Math.round(index * each), Math.round((index + 1) * each)),
  )
}

function place(kind: Graph, size: number, groups: readonly string[][]): number {
  const today = groups.map((components, index) => ({ name: `group-${index}`, components, replicas: 1 }))
  const graph = load(kind, size, 1)
  const begun = performance.now()
  propose({ graph, rules: PLAN_RULES, today })
  return performance.now() - begun
}

type Measured = Pick<Size, 'startMs' | 'memoryMiB' | 'cpuMs' | 'deployerIdleMs' | 'processesIdleMs'>

async function deployed(project: string, groups: readonly string[][]): Promise<Measured> {
  const bench = await Conversation.open()
  const placement = join(project, 'placement.json')
  writeFileSync(placement, JSON.stringify({ groups }))
  const flags = ['--placement', placement, '--build', join(project, '.weave', 'build')]
  const begun = performance.now()
  const child = spawn(process.execPath, [weave, 'deploy', '--json', ...flags, '--', bench.path], {
    cwd: project,
    env: { ...process.env, WEAVE_STATE: join(project, 'state') },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    for await (const line of createInterface({ input: child.stdout! }))
      if ((JSON.parse(line) as DeployEvent).type === 'ready') break
    child.stdout!.resume()
    const startMs = performance.now() - begun
    await bench.connected
    await bench.ask({ requests: WARM_UP_REQUESTS, concurrency: CONCURRENCY })
    const [deployer, ...others] = family(child.pid!)
    const before = usage([deployer!, ...others])
    await bench.ask({ requests: REQUESTS, concurrency: CONCURRENCY })
    const after = usage([deployer!, ...others])
    await passed(SETTLE_MS)
    const [idleDeployer, idleOthers] = [usage([deployer!]), usage(others)]
    await passed(IDLE_MS)
    const perSecond = (now: { cpuMs: number }, then: { cpuMs: number }) => ((now.cpuMs - then.cpuMs) * 1000) / IDLE_MS
    return {
      startMs,
      memoryMiB: after.memoryBytes / 2 ** 20,
      cpuMs: (after.cpuMs - before.cpuMs) / REQUESTS,
      deployerIdleMs: perSecond(usage([deployer!]), idleDeployer),
      processesIdleMs: perSecond(usage(others), idleOthers),
    }
  } finally {
    bench.close()
    if (child.exitCode === null) {
      child.kill('SIGINT')
      await once(child, 'exit')
    }
  }
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function report(sizes: readonly Size[]): void {
  const head = `| graph | components | processes | build s | again s | bundle KB | place s | start s | memory MiB | CPU ms a request | idle: deployer ms/s | idle: a process ms/s |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |`
  const rows = sizes.map((size) => {
    const { graph, components, processes, buildMs, rebuildMs, bundleBytes, startMs, memoryMiB, cpuMs } = size
    const cells = [
      graph,
      components,
      processes,
      (buildMs / 1000).toFixed(1),
      (rebuildMs / 1000).toFixed(1),
      (bundleBytes / 1000).toFixed(0),
      (size.placeMs / 1000).toFixed(2),
      (startMs / 1000).toFixed(1),
      memoryMiB.toFixed(0),
      cpuMs.toFixed(3),
      size.deployerIdleMs.toFixed(1),
      (size.processesIdleMs / processes).toFixed(1),
    ]
    return `| ${cells.join(' | ')} |`
  })
  const text = `${new Date().toISOString().slice(0, 10)}, Node ${process.version}; a request is ${CALLS} calls, one after the other.\n\n${[head, ...rows].join('\n')}`
  console.log(text)
  if (!values.write && !values.add && !values.print) return
  mkdirSync(results, { recursive: true })
  writeFileSync(file, `${JSON.stringify(sizes, undefined, 1)}\n`)
  writeFileSync(join(results, 'growth.svg'), plot(installPeers(), sizes))
  writeBetween(join(import.meta.dirname, '..', 'README.md'), 'bench:growth', text)
}
