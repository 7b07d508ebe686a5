/**
 * `weave generate`: writes `weave.gen.ts`, with which any compiler builds the application and nothing has to be rewritten. With
 * `--check` it writes nothing and fails when the file isn't what it would write; with `--watch` it goes on until it is stopped.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { Command } from 'commander'
import pc from 'picocolors'
import type { Plan, Planner } from '../transformer/plan.ts'
import { count, shown, summary } from './check.ts'
import { EXIT, Failure, report, WHEN_SAVED } from './errors.ts'
import { configOf, entryOption } from './project/entry.ts'
import { Watcher } from './project/watcher.ts'

interface Flags {
  out?: string
  entry?: string
  check?: boolean
  watch?: boolean
  manifest?: string
}

const GENERATE_HELP = `
Import the file first in the one that calls run, and name components where types did:
  import './weave.gen.ts'
  await run(Shop)
  get('Cart'), provide('Cart', () => …), fake('Cart', …)
A program whose sources have changed since refuses to start; in CI, run "weave generate --check".`

export function generateCommand(): Command {
  return new Command('generate')
    .option('-o, --out <file>', 'what to write (default: weave.gen.ts beside the entry)')
    .addOption(entryOption())
    .option('--check', 'write nothing; fail when the file is not up to date')
    .option('--watch', 'write it again whenever a source changes')
    .option('--manifest <entry>', 'also write weave.manifest.json beside the built entry, for "weave deploy --build"')
    .addHelpText('after', GENERATE_HELP)
    .action(async (flags: Flags) => {
      const { openPlan } = await import('../transformer/plan.ts')
      const planner = openPlan({ from: process.cwd(), config: await configOf(flags.entry) })
      if (flags.watch === true) return watch(planner, flags)
      process.exitCode = await once(planner, flags)
    })
}

async function once(planner: Planner, flags: Flags): Promise<number> {
  const started = performance.now()
  const { defaultFile, generate } = await import('../transformer/generate/index.ts')
  const plan = planner.refresh()
  if (plan.entry === undefined) {
    throw new Failure(`no file of the application calls run.`, {
      next: 'Call run(Root) in src/main.ts, or set "entry" in weave.config.ts.',
    })
  }
  const file = flags.out === undefined ? defaultFile(plan, planner.entry) : resolve(flags.out)
  const { text, diagnostics } = generate({ plan, file })
  const all = [...plan.analysis.diagnostics, ...diagnostics]
  const errors = all.filter((each) => each.severity === 'error').length
  await print(plan, all)
  if (errors > 0) {
    process.stdout.write(`${count(errors, 'error')}; nothing was written. Correct the first one and run it again.\n`)
    return EXIT.failed
  }
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  if (flags.check === true) return checked(file, before, text)
  if (before !== text) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  if (flags.manifest !== undefined) writeManifest(plan, resolve(flags.manifest))
  const ms = Math.round(performance.now() - started)
  const state = before === text ? 'is up to date' : 'written'
  process.stdout.write(`${shown(file)} ${state}: ${summary(plan)}, version ${plan.version}, ${ms} ms\n`)
  return EXIT.ok
}

function checked(file: string, before: string | undefined, text: string): number {
  if (before === undefined) throw new Failure(`there is no ${shown(file)}.`, { next: GENERATE })
  if (withoutVersion(before) !== withoutVersion(text)) {
    const changed = changedSources(before, text)
    const what =
      changed === undefined ? 'was written by another version of weavets, or by hand' : `is older than ${changed}`
    throw new Failure(`${shown(file)} ${what}.`, { next: GENERATE })
  }
  // The lock file is part of the version and of nothing else in there; an update of a tool needs no commit of generated code.
  const older =
    before === text ? '' : '; the lock file has changed since, and the next "weave generate" renews its version'
  process.stdout.write(`${shown(file)} is up to date${older}\n`)
  return EXIT.ok
}

const GENERATE = 'Run "weave generate" and commit what it writes, or run it before each build.'

const withoutVersion = (text: string): string => text.replace(/^( +version: )"[^"]*",$/m, '$1')

/** The sources whose hashes are others, `src/cart.ts and 2 more`; undefined when none is. */
function changedSources(before: string, text: string): string | undefined {
  const hashes = (of: string): Map<string, string> =>
    new Map([...of.matchAll(/^ {4}"([^"]+)": "([0-9a-f]{12})",$/gm)].map(([, path, hash]) => [path!, hash!]))
  const [old, now] = [hashes(before), hashes(text)]
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path)).sort()
  const [first, ...more] = changed
  return first === undefined ? undefined : `${first}${more.length > 0 ? ` and ${more.length} more` : ''}`
}

function writeManifest(plan: Plan, entry: string): void {
  const folder = dirname(entry)
  const text = plan.manifestText(relative(folder, entry))
  mkdirSync(folder, { recursive: true })
  if (text !== undefined) writeFileSync(resolve(folder, 'weave.manifest.json'), text)
}

async function print(plan: Plan, diagnostics: readonly Plan['analysis']['diagnostics'][number][]): Promise<void> {
  if (diagnostics.length === 0) return
  const { formatDiagnostics } = await import('../transformer/diagnostics/format.ts')
  const paint = { error: pc.red, warning: pc.yellow, place: pc.bold, dim: pc.dim }
  const { root, readFile } = plan
  process.stdout.write(`${formatDiagnostics(diagnostics, { root, readFile, paint })}\n`)
}

async function watch(planner: Planner, flags: Flags): Promise<void> {
  const watcher = new Watcher()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => watcher.close())
  watcher.add([planner.root, dirname(planner.entry)])
  for (let changed = ['']; changed.length > 0; changed = await watcher.next()) {
    // Our own writing isn't news.
    if (changed.every((path) => path === flags.out || path.endsWith('.gen.ts'))) continue
    try {
      await once(planner, flags)
      watcher.add(planner.refresh().folders)
    } catch (error) {
      report(error, WHEN_SAVED)
    }
  }
  planner.close()
}
