/**
 * `weave dev`: builds, runs in one process with every call through the codec, and does so again when a source changes.
 * While a build has errors the last good one goes on running. Says what it is at the start, and then only what changed;
 * its lines go to stderr, since stdout is the application's.
 */
import { type ChildProcess, execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Command } from 'commander'
import type { BuildContext, BuildFailure, BuildResult } from 'esbuild'
import pc from 'picocolors'
import { CONFIG_FILES, loadConfigFile } from '../runtime/config/config-file.ts'
import type { WeaveConfig } from '../runtime/config/configuration.ts'
import { LIMITS } from '../runtime/limits.ts'
import type { Plan } from '../transformer/plan.ts'
import { type Prepared, prepare, print } from './build.ts'
import { count, shown } from './check.ts'
import { Failure, report, WHEN_SAVED } from './errors.ts'
import { requireValidConfig } from './project/config.ts'
import { configOf, entryOption } from './project/entry.ts'
import { TypeCheck } from './project/type-check.ts'
import { Watcher } from './project/watcher.ts'
import { settingsOf, start } from './run.ts'

const DEV_FOLDER = '.weave/dev'
/** After the drain a process gets this long to end by itself before it is killed. */
const GRACE_MS = 1_000
/** When a developer waits for the next one, less: open requests are their own, and a `start` that hangs ends by nothing else. */
const RESTART_MS = 3_000
/** A wait longer than this is explained. */
const PATIENCE_MS = 500

export function devCommand(): Command {
  return new Command('dev')
    .option('--no-isolated', 'call co-located components directly, as weave run does')
    .addOption(entryOption())
    .argument('[args...]', 'arguments of the application, after --')
    .action(async (args: string[], { isolated, entry }: { isolated: boolean; entry?: string }) => {
      const session = new Session({ folder: process.cwd(), isolated, args, entry })
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => session.stop(signal))
      await session.run()
    })
}

interface Options {
  folder: string
  isolated: boolean
  args: readonly string[]
  entry: string | undefined
}

class Session {
  readonly #options: Options
  readonly #watcher = new Watcher()
  /** Ports that we chose for listeners without one: they stay the same when the application restarts. */
  readonly #ports = new Map<string, number>()
  #config: WeaveConfig = {}
  #prepared: Prepared | undefined
  #context: BuildContext | undefined
  #inputs: ReadonlySet<string> = new Set()
  #builtVersion: string | undefined
  #application: ChildProcess | undefined
  #started = false
  #announced = false
  #stopping = false
  readonly #types = new TypeCheck((text) => process.stderr.write(text))

  constructor(options: Options) {
    this.#options = options
  }

  async run(): Promise<void> {
    try {
      await this.#open(undefined)
      const { root, outdir, source } = this.#prepared!.target
      await rm(outdir, { recursive: true, force: true })
      // Before anything is read, so that a change during the first build isn't missed; the other folders are known after it.
      this.#watcher.add([root, dirname(source)])
      await this.#attempt(() => this.#rebuild([]))
      for (let changed = await this.#watcher.next(); changed.length > 0; changed = await this.#watcher.next()) {
        await this.#change(root, changed)
      }
    } finally {
      this.#types.stop()
      await this.#end('SIGTERM')
      await this.#context?.dispose()
      this.#prepared?.planner.close()
    }
  }

  /** Ends `run`. A terminal has sent Ctrl-C to the application too; a second signal would mean "at once". */
  stop(signal: NodeJS.Signals): void {
    this.#types.stop()
    if (signal !== 'SIGINT' || !isatty(0)) this.#application?.kill(signal)
    this.#stopping = true
    this.#watcher.close()
  }

  async #open(config: WeaveConfig | undefined): Promise<void> {
    const esbuild = await import('esbuild')
    const request = { root: this.#options.folder, outdir: DEV_FOLDER }
    this.#types.stop()
    this.#prepared?.planner.close()
    const chosen = await configOf(this.#options.entry)
    const asked = chosen && config ? { ...config, entry: chosen.entry! } : (chosen ?? config)
    this.#prepared = await prepare({ ...request, config: asked })
    this.#config = asked ?? loadConfigFile(this.#prepared.target.root) ?? {}
    await this.#context?.dispose()
    this.#context = await esbuild.context(this.#prepared.options)
  }

  async #change(root: string, changed: readonly string[]): Promise<void> {
    const configured = changed.some((path) => CONFIG_FILES.some((name) => path === join(root, name)))
    await this.#attempt(async () => {
      if (configured) {
        const config = await readAgain(root)
        if (config === undefined) return say(`${this.#state('with the config that it has')}.`)
        await this.#open(config)
        this.#builtVersion = undefined
      }
      await this.#rebuild(changed)
    })
  }

  /** A failure is printed, and the next change tries again. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      report(error, WHEN_SAVED)
      say(`${this.#state('as it was')}.`)
      // Whatever comes next is news.
      this.#builtVersion = undefined
    }
  }

  /** What runs while something has to be corrected. */
  #state(how: string): string {
    if (this.#application !== undefined) return `the application goes on ${how}`
    return this.#started ? 'the application has ended and is not started again yet' : 'nothing runs yet'
  }

  async #rebuild(changed: readonly string[]): Promise<void> {
    this.#types.stop()
    const started = performance.now()
    const result = await this.#build()
    const plan = this.#prepared!.target.plan()
    if (plan !== undefined) this.#watcher.add(plan.folders)
    if (result === undefined) return
    const checkTypes = () => this.#types.start(this.#prepared!.planner, plan)
    const { root } = this.#prepared!.target
    this.#inputs = new Set(Object.keys(result.metafile?.inputs ?? {}).map((input) => resolve(root, input)))
    // A test, or a file that nobody imports: the application is as it was.
    if (plan.version === this.#builtVersion && !changed.some((path) => this.#inputs.has(path))) return checkTypes()
    this.#builtVersion = plan.version
    const ms = Math.round(performance.now() - started)
    if (changed.length > 0) say(`${naming(changed)} → rebuilt, ${ms} ms`)
    await this.#restart(plan)
    // What is wrong with types keeps nobody from running, and waits for what runs.
    if (!this.#stopping) checkTypes()
  }

  /** Undefined when the build has errors, which are printed. */
  async #build(): Promise<BuildResult | undefined> {
    try {
      const result = await this.#context!.rebuild()
      await print(result.warnings, 'warning')
      return result
    } catch (error) {
      const { errors } = error as Partial<BuildFailure>
      if (errors === undefined) throw error
      await print(errors, 'error')
      const running = this.#application === undefined ? this.#state('') : 'the last good build goes on running'
      say(`${count(errors.length, 'error')}; ${running}. Correct the first one and save.`)
      // Whatever comes next is news.
      this.#builtVersion = undefined
      return undefined
    }
  }

  async #restart(plan: Plan): Promise<void> {
    requireValidConfig(plan, this.#config)
    const listeners = await this.#addresses(plan)
    await this.#end('SIGTERM')
    if (this.#stopping) return
    if (!this.#announced) this.#announce(plan, listeners)
    const settings = { ...settingsOf(plan, this.#config, this.#options.isolated), listeners }
    const application = start({ entry: this.#prepared!.target.entry, settings, args: this.#options.args })
    this.#application = application
    this.#started = true
    application.once('exit', (code, signal) => {
      if (this.#application !== application) return
      this.#application = undefined
      if (this.#stopping) return
      const how = code === 0 ? 'main returned' : `the application ended with ${signal ?? `exit code ${code}`}`
      say(`${how}; waiting for a change.`)
    })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const application = this.#application
    if (application === undefined || application.exitCode !== null || application.signalCode !== null) return
    const ended = new Promise((resolve) => application.once('exit', resolve))
    if (!this.#stopping) {
      this.#application = undefined
      application.kill(signal)
    }
    const limitMs = this.#stopping ? LIMITS.drainMs + GRACE_MS : RESTART_MS
    const explain = setTimeout(
      () => say(`waiting for the old application to stop; killed after ${limitMs / 1_000} s`),
      PATIENCE_MS,
    )
    const killer = setTimeout(() => application.kill('SIGKILL'), limitMs)
    await ended
    clearTimeout(explain)
    clearTimeout(killer)
  }

  async #addresses(plan: Plan): Promise<Record<string, { host?: string; port: number }>> {
    const found: Record<string, { host?: string; port: number }> = {}
    for (const name of listenersOf(plan)) {
      const configured = this.#config.listeners?.[name] ?? {}
      if (configured.port === undefined && !this.#ports.has(name)) this.#ports.set(name, await freePort())
      found[name] = { ...configured, port: configured.port ?? this.#ports.get(name)! }
    }
    return found
  }

  #announce(plan: Plan, listeners: Record<string, { host?: string; port: number }>): void {
    this.#announced = true
    const how = this.#options.isolated ? 'every call through the codec' : 'calls are direct'
    say(`${pc.bold(plan.name)}: ${count(plan.analysis.model.components.length, 'component')} in one process, ${how}`)
    for (const [name, { host = '127.0.0.1', port }] of Object.entries(listeners)) {
      say(`${name}: ${pc.cyan(`http://${host}:${port}`)}`)
    }
    say(`watching ${plan.folders.map(shown).join(', ')}; Ctrl-C stops`)
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** `cart.ts`, `cart.ts and 2 more`. */
function naming(paths: readonly string[]): string {
  const first = basename(paths[0]!)
  return paths.length === 1 ? first : `${first} and ${paths.length - 1} more`
}

function listenersOf(plan: Plan): string[] {
  const { components } = plan.analysis.model
  const hosted = components
    .filter((each) => plan.app?.components.includes(each.name))
    .map((each) => each.implementation)
  const all = [...hosted, plan.app?.root?.implementation].flatMap((each) => each?.dependencies ?? [])
  return [...new Set(all.flatMap((each) => (each.kind === 'listener' ? [each.parameter] : [])))]
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Undefined when the config can't be loaded; why has been printed. */
async function readAgain(root: string): Promise<WeaveConfig | undefined> {
  const script = new URL(`./project/print-config${extname(import.meta.url)}`, import.meta.url)
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(script), root])
    return JSON.parse(stdout) as WeaveConfig
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    if (stderr === undefined)
      throw new Failure('weave.config.ts could not be read again.', { next: 'Save it again.', cause: error })
    process.stderr.write(stderr)
    return undefined
  }
}
