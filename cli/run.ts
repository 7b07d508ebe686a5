/**
 * `weave run`: builds and runs the application in one process. Its stdin, stdout, stderr, signals and exit code are the
 * terminal's own; of ours there is at most one line on stderr, when it is slow to stop.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { isatty } from 'node:tty'
import { Command } from 'commander'
import { ownConfig, sectionsByComponent } from '../deployer/config/application.ts'
import { loadConfigFile } from '../runtime/config/config-file.ts'
import type { WeaveConfig } from '../runtime/config/configuration.ts'
import { ENV_RUN, type RunSettings } from '../runtime/process/control.ts'
import type { Plan } from '../transformer/plan.ts'
import { buildApp } from './build.ts'
import { requireValidConfig } from './project/config.ts'
import { configOf, entryOption } from './project/entry.ts'

export function runCommand(): Command {
  return new Command('run')
    .option('--isolated', 'send every boundary call through the codec')
    .addOption(entryOption())
    .argument('[args...]', 'arguments of the application, after --')
    .action(async (args: string[], { isolated = false, entry }: { isolated?: boolean; entry?: string }) => {
      const built = await buildApp({ root: process.cwd(), config: await configOf(entry) })
      requireValidConfig(built.plan)
      const settings = settingsOf(built.plan, loadConfigFile(built.root) ?? {}, isolated)
      const child = start({ entry: built.entry, settings, args })
      process.exitCode = await passThrough(child)
    })
}

/** The config has been checked. */
export function settingsOf(plan: Plan, config: WeaveConfig, isolated: boolean): RunSettings {
  const manifest = plan.manifest('')
  if (manifest === undefined) return { application: plan.name, isolated, config: {}, listeners: config.listeners ?? {} }
  const own = ownConfig(config, manifest)
  const sections = sectionsByComponent(own, manifest)
  return { application: plan.name, isolated, config: sections, listeners: own.listeners ?? {} }
}

export interface Start {
  entry: string
  settings: RunSettings
  args?: readonly string[]
}

export function start({ entry, settings, args = [] }: Start): ChildProcess {
  return spawn(process.execPath, ['--enable-source-maps', entry, ...args], {
    stdio: 'inherit',
    env: { ...process.env, [ENV_RUN]: JSON.stringify(settings) },
  })
}

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A `main` that is not done this long after Ctrl-C may have forgotten its signal. */
const PATIENCE_MS = 500
/** What has not ended this long after the second Ctrl-C is busy and sees no signal. */
const KILL_MS = 1_000

/** Hands signals on until the child ends; gives its exit code. */
async function passThrough(child: ChildProcess): Promise<number> {
  const timers: NodeJS.Timeout[] = []
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child too, and a second one would mean "at once".
      if (signal !== 'SIGINT' || !isatty(0)) child.kill(signal)
      if (timers.length > 0) timers.push(setTimeout(() => child.kill('SIGKILL'), KILL_MS))
      else timers.push(setTimeout(() => process.stderr.write('stopping; Ctrl-C again kills\n'), PATIENCE_MS))
    })
  }
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  for (const timer of timers) clearTimeout(timer)
  return exitCodeOf(code, signal)
}

/** As a shell says it: 128 and the signal's number. */
function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal])
}
