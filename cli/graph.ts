/**
 * `weave graph`: the component graph of the sources as they are now, as Mermaid text (mermaid.ts says how); or of a manifest that is
 * named. A plan that the cache knows loads no compiler. With `--live` the graph as it is measured in an application that is deployed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { GraphReport } from '../deployer/graph/report.ts'
import { type Manifest, parseManifest } from '../runtime/manifest.ts'
import { EXIT, Failure } from './errors.ts'

interface Flags {
  live?: boolean
  watch?: boolean
  json?: boolean
  seconds?: number
}

const WATCH_MS = 1_000
const HOME_AND_CLEAR = '\x1b[H\x1b[0J'

const HELP = `
Live:
  weave graph --live            rates, times and bytes of calls, what components and processes take: of the last minute
  weave graph --live --watch    again every second
  errors  ±  where not every call is looked at (inside a process, above 32 a second) they are an estimate, this far off
  remote     share of the calls that leave the process; request and reply are what would travel where none does

docs/telemetry.md says how each is measured, and how well.`

export function graphCommand(): Command {
  return new Command('graph')
    .argument('[manifest]', 'a weave.manifest.json (default: the sources of the project); with --live an application')
    .option('--live', 'what is measured in an application that is deployed')
    .option('--watch', 'show it again every second, until Ctrl-C')
    .option('--json', 'one JSON value a line')
    .addOption(
      new Option('--seconds <n>', 'measured in the last so many seconds, up to a day (default: 60)').argParser(
        secondsFlag,
      ),
    )
    .addHelpText('after', HELP)
    .action(async (name: string | undefined, flags: Flags) => {
      if (flags.live) await live(name, flags)
      else {
        checkStatic(flags)
        const { drawGraph } = await import('./output/mermaid.ts')
        process.stdout.write(drawGraph(name === undefined ? await ofSources() : readManifest(resolve(name))))
      }
    })
}

function checkStatic({ watch, json, seconds }: Flags): void {
  const flag = watch ? '--watch' : json ? '--json' : seconds === undefined ? undefined : '--seconds'
  if (flag === undefined) return
  const next = 'Write weave graph --live, or leave it out.'
  throw new Failure(`${flag} is for what is measured, and needs --live.`, { next, exitCode: EXIT.usage })
}

async function live(name: string | undefined, { watch, json, seconds = 60 }: Flags): Promise<void> {
  const { ask, findDeployment } = await import('./deployments/deployments.ts')
  const { liveText } = await import('./output/graph-live.ts')
  const folder = findDeployment(name)
  for (;;) {
    const report = (await ask(folder, 'GET', `/v1/graph?seconds=${seconds}`)) as GraphReport
    const text = json ? `${JSON.stringify(report)}\n` : liveText(folder.application, report, process.stdout)
    process.stdout.write(watch && !json && process.stdout.isTTY ? `${HOME_AND_CLEAR}${text}` : text)
    if (!watch) return
    await pause(WATCH_MS)
  }
}

export function secondsFlag(text: string): number {
  const seconds = Number(text)
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= SECONDS_MAX) return seconds
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${SECONDS_MAX}.`)
}

/** A day. */
const SECONDS_MAX = 86_400

async function ofSources(): Promise<Manifest> {
  const { count, shown } = await import('./check.ts')
  const { openPlan } = await import('../transformer/plan.ts')
  const planner = openPlan({ from: process.cwd() })
  try {
    if (!existsSync(planner.entry)) {
      throw new Failure(`there is no ${shown(planner.entry)}, and so nothing to draw.`, {
        next: 'Set "entry" in weave.config.ts to the file that calls run, or name a manifest: weave graph dist/weave.manifest.json',
      })
    }
    const plan = planner.refresh()
    const errors = plan.analysis.diagnostics.filter(({ severity }) => severity === 'error')
    const manifest = plan.manifest('')
    if (manifest !== undefined && errors.length === 0) return manifest
    throw new Failure(`the sources have ${count(errors.length, 'boundary error')}.`, {
      next: 'Run "weave check", which shows them.',
    })
  } finally {
    planner.close()
  }
}

function readManifest(path: string): Manifest {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Failure(`${path} can't be read.`, { next: 'Run "weave build", which writes it.', cause })
  }
  return parseManifest(text, path)
}
