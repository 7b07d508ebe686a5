/**
 * What weave costs a build, beside tsc and esbuild on the same generated projects in the same run: `node bench/compile/run.ts [FILES…]
 * [SECTION…]` after a build of the package (`WEAVE_DIST` names another `dist`; sections: bundle, cold, warm, compile, largest, published). Rounds are interleaved; prints tables of medians, spreads and ratios.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claim } from '../ratios.ts'
import { type Generated, generateProject } from './generate.ts'
import { installWeavets, repository } from './install.ts'
import { PUBLISHED, writePublished } from './published.ts'

const ROUNDS = Number(process.env.WEAVE_ROUNDS ?? 5)
const SIX = join(repository, 'node_modules/typescript')
const SEVEN = join(repository, 'node_modules/typescript-7')
const LARGEST = 400

interface Measured {
  readonly ms: number
  /** Of the process and those that it waited for: says more than wall time where other work runs on the machine. */
  readonly cpuMs?: number
  readonly rssMiB: number
  readonly serverMiB: number
  readonly warmMs?: number
  readonly compiler?: string
  readonly planMs?: number
  readonly generateMs?: number
  readonly transformMs?: number
  readonly bytes?: number
  readonly minified?: number
  readonly definitions?: number
  readonly firstCallMs?: number
  readonly secondCallMs?: number
}

type Work = () => Measured

function child(...args: string[]): Measured {
  const { stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, 'child.ts'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const last = stderr.trim().split('\n').at(-1) ?? ''
  if (status !== 0 || !last.startsWith('{')) throw new Error(`${args.join(' ')} failed:\n${stderr}`)
  return JSON.parse(last) as Measured
}

/** A program that isn't ours to look into: wall and processor time, and peak memory, by GNU time. */
function command(folder: string, file: string, ...args: string[]): Measured {
  const started = performance.now()
  const { stderr, status } = spawnSync('/usr/bin/time', ['-f', '%M %U %S', file, ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  const ms = performance.now() - started
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed with ${status}:\n${stderr}`)
  const [kib, user, system] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number) as [
    number,
    number,
    number,
  ]
  return { ms, cpuMs: (user + system) * 1_000, rssMiB: kib / 1024, serverMiB: 0 }
}

/** One of each in every round, so that a slow minute of the machine is everybody's. */
function interleaved(works: Readonly<Record<string, Work>>): Record<string, Measured[]> {
  const found: Record<string, Measured[]> = {}
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(works)) {
      found[name] ??= []
      found[name].push(work())
    }
    process.stderr.write('.')
  }
  return found
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number
}

const median = (values: readonly number[]): number => quantile(values, 0.5)
const cpuOf = (all: readonly Measured[]): number => median(all.map(({ cpuMs }) => cpuMs ?? 0))
const timeOf = ({ ms, warmMs }: Measured): number => warmMs ?? ms
const memoryOf = ({ rssMiB, serverMiB }: Measured): number => rssMiB + serverMiB

/** By round: what a target of milliseconds is of, since a slow minute of the machine is in both. */
function differences(all: readonly Measured[], base: readonly Measured[]): string {
  const added = all.map((each, round) => timeOf(each) - timeOf(base[round] as Measured))
  const [middle, low, high] = [0.5, 0.25, 0.75].map((part) => signed(quantile(added, part)))
  return `${middle} (${low} to ${high})`
}

const signed = (ms: number): string => `${ms < 0 ? '−' : '+'}${Math.abs(ms).toFixed(0)}`

function table(
  title: string,
  found: Readonly<Record<string, readonly Measured[]>>,
  against: Record<string, string>,
): void {
  const hasCpu = Object.values(found).every((all) => all.every(({ cpuMs }) => cpuMs !== undefined))
  console.log(`\n### ${title}\n`)
  console.log(
    `| | ms | spread (min–max) | × | added in a round, ms (quartiles) | ${hasCpu ? 'CPU ms | × | ' : ''}MiB | × |`,
  )
  console.log(`| --- | ---: | --- | ---: | --- | ${hasCpu ? '---: | ---: | ' : ''}---: | ---: |`)
  for (const [name, all] of Object.entries(found)) {
    const times = all.map(timeOf)
    const base = found[against[name] ?? name] as readonly Measured[]
    if (base !== all) claim(`compile: ${title}: ${name}, against ${against[name]}`, times, base.map(timeOf))
    const time = median(times)
    const mib = median(all.map(memoryOf))
    const ratio = (value: number, of: number) => (base === all ? '1.00' : (value / of).toFixed(2))
    const cells = [
      name,
      time.toFixed(0),
      `${quantile(times, 0).toFixed(0)}–${quantile(times, 1).toFixed(0)}`,
      ratio(time, median(base.map(timeOf))),
      base === all ? '' : differences(all, base),
      ...(hasCpu ? [cpuOf(all).toFixed(0), ratio(cpuOf(all), cpuOf(base))] : []),
      mib.toFixed(0),
      ratio(mib, median(base.map(memoryOf))),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

/** What a bundle of the same modules is made of without weave: with the code that weave would generate, and without. */
function writePlain({ folder }: Generated): void {
  const parts = readdirSync(join(folder, 'src/parts')).filter((name) => name.endsWith('-here.ts'))
  const main = readFileSync(join(folder, 'src/main.ts'), 'utf8').replaceAll("'./", "'./src/")
  const imports = parts.map((name, at) => `export const part${at} = () => import('./src/parts/${name}')\n`)
  // Outside `src`, so that it is no part of the project.
  writeFileSync(join(folder, 'bare.ts'), main + imports.join(''))
  const script = `
    const { openPlan } = await import(${JSON.stringify(join(dist, 'transformer/plan.js'))})
    const plan = openPlan({ from: ${JSON.stringify(folder)}, cache: false }).refresh()
    process.stdout.write(plan.files.get(plan.entry).apply('source'))`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  writeFileSync(join(folder, 'plain.ts'), stdout.replaceAll(/(["'])\.\//g, '$1./src/'))
}

/** What is measured of a project in `folder`; `size` begins its tables' titles. */
const SECTIONS: Readonly<Record<string, (folder: string, size: string) => void>> = {
  bundle(folder, size) {
    child('cold', folder, dist)
    const found = interleaved({
      'esbuild, without generated code': () => child('bundle-bare', folder, dist),
      'esbuild, the same program generated before': () => child('bundle-plain', folder, dist),
      'esbuild with weave, cached': () => child('bundle-woven', folder, dist),
      'a plan alone, cached': () => child('cached', folder, dist),
    })
    const plain = 'esbuild, the same program generated before'
    table(`${size}: a bundle, nothing changed`, found, {
      'esbuild, without generated code': plain,
      'esbuild with weave, cached': plain,
      'a plan alone, cached': plain,
    })
  },
  cold(folder, size) {
    const found = interleaved({
      'tsc 6 --noEmit': () => six(folder, '--noEmit'),
      'plan, TypeScript 6': () => child('cold', folder, dist, SIX),
      'tsc 7.1 --noEmit': () => seven(folder, '--noEmit'),
      'plan, TypeScript 7.1': () => child('cold', folder, dist, SEVEN),
    })
    table(`${size}: a plan, cold`, found, {
      'plan, TypeScript 6': 'tsc 6 --noEmit',
      'plan, TypeScript 7.1': 'tsc 7.1 --noEmit',
    })
  },
  warm(folder, size) {
    const found = interleaved({
      'TypeScript 6': () => child('warm', folder, dist, SIX),
      'TypeScript 7.1': () => child('warm', folder, dist, SEVEN),
    })
    table(`${size}: a plan after the edit of a shared type, warm`, found, { 'TypeScript 7.1': 'TypeScript 6' })
  },
  compile(folder, size) {
    const tspc = join(repository, 'node_modules/ts-patch/bin/tspc.js')
    const weave = (...args: string[]) => command(folder, process.execPath, join(dist, 'cli/main.js'), ...args)
    const found = interleaved({
      'tsc 6': () => six(folder, '--outDir', 'out-tsc'),
      tspc: () => command(folder, process.execPath, tspc, '--outDir', 'out-tspc'),
      'weave tsc, TypeScript 6': () => weave('tsc', '--outDir', 'out-weave'),
      'tsc 7.1': () => seven(folder, '--outDir', 'out-tsc7'),
      'weave tsc, TypeScript 7.1': () => withSeven(folder, () => weave('tsc', '--outDir', 'out-weave7')),
    })
    table(`${size}: everything to JavaScript`, found, {
      tspc: 'tsc 6',
      'weave tsc, TypeScript 6': 'tsc 6',
      'weave tsc, TypeScript 7.1': 'tsc 7.1',
    })
  },
}

const six = (folder: string, ...args: string[]) => command(folder, process.execPath, join(SIX, 'lib/tsc.js'), ...args)
const seven = (folder: string, ...args: string[]) =>
  command(folder, process.execPath, join(SEVEN, 'lib/tsc.js'), ...args)

function benchSize(folder: string, files: number, wanted: ReadonlySet<string>): void {
  const chosen = Object.entries(SECTIONS).filter(([name]) => wanted.size === 0 || wanted.has(name))
  if (chosen.length === 0) return
  writePlain(generateProject({ folder, files, components: files / 10, seed: 7, weavets: undefined }))
  for (const [, measure] of chosen) measure(folder, `${files} files`)
}

/** `weave tsc` takes the project's own TypeScript. */
function withSeven<Value>(folder: string, work: () => Value): Value {
  const link = join(folder, 'node_modules/typescript')
  const to = (target: string) => {
    rmSync(link, { force: true })
    symlinkSync(target, link)
  }
  to(SEVEN)
  try {
    return work()
  } finally {
    to(SIX)
  }
}

function benchLargest(folder: string): void {
  console.log(`\n### The largest types: a recursive union of so many members, and 59 files\n`)
  console.log('| members | told by | definitions | generated KiB | minified KiB | plan ms | generate ms | esbuild ms |')
  console.log('| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |')
  const kinds = [LARGEST / 8, LARGEST / 2, LARGEST].flatMap((members) =>
    [1, 2].map((told) => [members, told as 1 | 2] as const),
  )
  for (const [members, told] of kinds) {
    generateProject({ folder, files: 60, components: 2, seed: 7, largest: members, told, weavets: undefined })
    const all = Array.from({ length: ROUNDS }, () => child('generate', folder, dist))
    const of = (read: (each: Measured) => number | undefined) => median(all.map((each) => read(each) ?? 0)).toFixed(0)
    const cells = [
      String(members),
      told === 1 ? 'one literal' : 'two',
      of((each) => each.definitions),
      of((each) => (each.bytes ?? 0) / 1024),
      of((each) => (each.minified ?? 0) / 1024),
      of((each) => each.planMs),
      of((each) => each.generateMs),
      of((each) => each.transformMs),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

function asked(args: readonly string[]): [sizes: number[], sections: ReadonlySet<string>] {
  const names = args.filter((each) => Number.isNaN(Number(each)))
  const unknown = names.find((each) => !['largest', 'published'].includes(each) && !Object.hasOwn(SECTIONS, each))
  if (unknown !== undefined) throw new Error(`There is no section "${unknown}".`)
  return [args.map(Number).filter((each) => !Number.isNaN(each)), new Set(names)]
}

function benchPublished(folder: string): void {
  console.log('\n### Published types: one component that takes and gives them\n')
  console.log(
    '| | definitions | generated KiB | minified KiB | generate ms | esbuild ms | parse and first call ms | second call ms |',
  )
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
  for (const [at, [name, published]] of Object.entries(PUBLISHED).entries()) {
    const project = join(folder, `published${at}`)
    writePublished(project, published)
    const all = Array.from({ length: ROUNDS }, () => child('generate', project, dist))
    const of = (read: (each: Measured) => number | undefined, digits = 0) =>
      median(all.map((each) => read(each) ?? 0)).toFixed(digits)
    const cells = [
      name,
      of((each) => each.definitions),
      of((each) => (each.bytes ?? 0) / 1024),
      of((each) => (each.minified ?? 0) / 1024),
      of((each) => each.generateMs),
      of((each) => each.transformMs),
      of((each) => each.firstCallMs, 1),
      of((each) => each.secondCallMs, 1),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'weave-bench-'))
const dist = join(folder, 'node_modules/weavets/dist')
try {
  installWeavets(folder)
  const [sizes, wanted] = asked(process.argv.slice(2))
  for (const files of sizes.length > 0 ? sizes : [300, 1_200]) benchSize(join(folder, `files${files}`), files, wanted)
  if (wanted.size === 0 || wanted.has('largest')) benchLargest(join(folder, 'largest'))
  if (wanted.size === 0 || wanted.has('published')) benchPublished(folder)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
