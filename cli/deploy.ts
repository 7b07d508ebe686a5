/**
 * `weave deploy`: builds the application (or takes a build), runs it in several processes on this machine, in the foreground, and
 * ends with its exit code. The first Ctrl-C drains, the second kills. With `--build` neither TypeScript nor esbuild is loaded.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import {
  checkConfig,
  checkConfigAgainst,
  checkPlacement,
  DEPLOYER_LIMITS,
  type DeployEvent,
  type Deployment,
  deploy,
  ownConfig,
  StateFolder,
  stateRoot,
  throwProblems,
} from '../deployer/index.ts'
import { loadConfigFile } from '../runtime/config/config-file.ts'
import type { PlacementConfig, WeaveConfig } from '../runtime/config/configuration.ts'
import { WeaveError } from '../runtime/errors.ts'
import { type Manifest, parseManifest } from '../runtime/manifest.ts'
import { TRANSPORT_KINDS, type TransportKind } from '../runtime/transport/address.ts'
import { NO_GRPC } from '../runtime/transport/grpc/library.ts'
import type { DaemonOrder } from './deployments/daemon.ts'
import { DEPLOY_FOLDER, keepBuild } from './deployments/kept-build.ts'
import { EXIT, Failure } from './errors.ts'
import { DeployOutput } from './output/deploy-output.ts'
import { configOf, entryOption } from './project/entry.ts'

interface Flags {
  placement?: string
  auto?: boolean
  replicas?: number
  transport?: TransportKind
  json?: boolean
  raw?: boolean
  detach?: boolean
  build?: string
  entry?: string
}

const DEPLOY_HELP = `
Output:
  The application's lines come with the process's name in front, its stdout on stdout and its stderr on stderr.
  --raw    lets the processes print themselves, untouched and in order; what weave itself says goes to stderr
  --detach goes on in the background: what the processes print goes to files ("weave logs"), and "weave status", "weave stop" and
           the like find it. Should its deployer be killed, the processes serve on, and "weave deploy --detach" takes over
  --json   one event a line on stdout (listener, process-started, ready, process-exited …); the application's output goes to stderr

Exit code: that of main; 0 after Ctrl-C when every process stopped in time; 1 when the application could not start or a
process had to be killed; 130 after a second Ctrl-C. With --detach: 0 when all processes are ready, 1 when they never will be.`

export function deployCommand(): Command {
  return new Command('deploy')
    .addOption(
      new Option(
        '--placement <together|apart|auto|FILE>',
        'which components share a process; a file is JSON: { "groups": [["Cart", "Checkout"]] }',
      ),
    )
    .option('--auto', 'from that placement on, let it decide by itself, from what is measured')
    .addOption(
      new Option('--replicas <n>', "processes of each group; of the root's only if it opens a Listener").argParser(
        replicasFlag,
      ),
    )
    .addOption(
      new Option('--transport <kind>', 'how calls travel between processes: docs/transports.md').choices(
        TRANSPORT_KINDS,
      ),
    )
    .addOption(
      new Option('--detach', 'go on in the background; return when all processes are ready').conflicts(['raw']),
    )
    .option('--json', 'one event a line on stdout')
    .option('--raw', "hand the application's output on untouched")
    .addOption(entryOption().conflicts('build'))
    .option('--build <dir>', 'deploy what was built there (it holds weave.manifest.json) instead of building')
    .argument('[args...]', 'arguments of the application, after --')
    .addHelpText('after', DEPLOY_HELP)
    .action(async (args: string[], flags: Flags) => {
      const placement = flags.placement === undefined ? undefined : readPlacement(flags.placement)
      const build = await findBuild(flags)
      const { root, directory, manifest, remove } = build
      const output = new DeployOutput({
        mode: flags.json ? 'json' : 'text',
        raw: flags.raw === true,
        detached: flags.detach === true,
        stdout: process.stdout,
        stderr: process.stderr,
      })
      try {
        const config = loadConfigFile(root)
        if (isWrong(config, manifest)) await sayWhere(root, manifest)
        const order = {
          manifest,
          directory,
          config,
          placement,
          automatic: flags.auto,
          placementSource: flags.placement,
          replicas: flags.replicas,
          transport: flags.transport,
          args,
          stateRoot: stateRoot(),
        }
        if (flags.detach) {
          await detachBuild(order, build, (event) => output.event(event))
          return
        }
        const deployment = deploy({
          ...order,
          inheritOutput: flags.raw ? { stdout: flags.json ? 2 : 1, stderr: 2 } : undefined,
          onEvent: (event) => output.event(event),
          onOutput: (name, stream, chunk) => output.chunk(name, stream, chunk),
        })
        process.exitCode = await follow(deployment)
      } catch (error) {
        throw explained(error, flags)
      } finally {
        remove()
      }
    })
}

const isWrong = (config: WeaveConfig = {}, manifest: Manifest): boolean =>
  checkConfig(config).length > 0 || checkConfigAgainst(ownConfig(config, manifest), manifest).length > 0

/** Throws. What finds places in weave.config.ts is loaded when there is something to find. */
async function sayWhere(root: string, manifest: Manifest): Promise<void> {
  const { requireValidFor } = await import('./project/config.ts')
  requireValidFor(root, () => manifest)
}

/** A build of ours moves to where it may stay: a deployer that takes over finds it there. */
async function detachBuild(order: DaemonOrder, build: Build, onEvent: (event: DeployEvent) => void): Promise<void> {
  const { detach } = await import('./deployments/detach.ts')
  const { manifest, config } = order
  const folder = new StateFolder(config?.name ?? manifest.application)
  const directory = build.own ? keepBuild(build.directory, manifest.version) : build.directory
  return detach({ ...order, directory }, folder, onEvent)
}

/** The advice for `WV_CONFIG` is about weave.config.ts, and this may be about another file or a flag. */
function explained(error: unknown, { placement, transport }: Pick<Flags, 'placement' | 'transport'>): unknown {
  if (!(error instanceof WeaveError)) return error
  if (placement !== undefined && error.message.startsWith(`${placement}:`)) {
    return new Failure(error.message, {
      next: `Correct ${placement}; "weave graph" shows the components.`,
      cause: error,
    })
  }
  if (error.message !== NO_GRPC) return error
  const where = transport === undefined ? 'choose another "transport" in weave.config.ts' : 'leave out --transport grpc'
  return new Failure(error.message, { next: `npm install @grpc/grpc-js, or ${where}.`, cause: error })
}

/** Until nothing runs any more. Throws when the application could not start, unless that was asked for. */
async function follow(deployment: Deployment): Promise<number> {
  let asked = 0
  const stop = () => {
    if (++asked === 1) void deployment.stop()
    else deployment.kill()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  // `weave deploy | head`: nobody reads any more, which is a way to say stop.
  const broken = () => {
    if (asked === 0) stop()
  }
  process.stdout.on('error', broken)
  process.stderr.on('error', broken)
  const exitCode = await deployment.finished
  for (const signal of signals) process.off(signal, stop)
  if (asked > 0) return exitCode
  await deployment.ready.catch((error: Error) => {
    throw new Failure(error.message, { next: 'Correct that, then run "weave deploy" again.', exitCode, cause: error })
  })
  return exitCode
}

function replicasFlag(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= DEPLOYER_LIMITS.replicasMax) return count
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${DEPLOYER_LIMITS.replicasMax}.`)
}

function readPlacement(flag: string): PlacementConfig {
  if (flag === 'together' || flag === 'apart' || flag === 'auto') return flag
  const usage = {
    next: 'Write --placement together, apart or auto, or the name of a JSON file.',
    exitCode: EXIT.usage,
  }
  if (!existsSync(flag)) throw new Failure(`--placement ${flag}: there is no such file.`, usage)
  let placement: unknown
  try {
    placement = JSON.parse(readFileSync(flag, 'utf8'))
  } catch (cause) {
    throw new Failure(`--placement ${flag}: ${(cause as Error).message}.`, { ...usage, cause })
  }
  try {
    throwProblems(checkPlacement(placement), flag)
  } catch (error) {
    throw explained(error, { placement: flag })
  }
  return placement as PlacementConfig
}

const MANIFEST_FILE = 'weave.manifest.json'

interface Build {
  /** Of the project. */
  root: string
  /** Holds the manifest. */
  directory: string
  manifest: Manifest
  /** Made for this deployment. */
  own: boolean
  /** When nothing runs from it any more. */
  remove: () => void
}

async function findBuild({ build: given, entry }: Flags): Promise<Build> {
  if (given === undefined) {
    const { buildApp } = await import('./build.ts')
    const outdir = join(DEPLOY_FOLDER, String(process.pid))
    const built = await buildApp({ root: process.cwd(), outdir, config: await configOf(entry) })
    // esbuild's own process would otherwise stay for as long as the deployment.
    await (await import('esbuild')).stop()
    const directory = dirname(built.manifest)
    removeAbandoned(dirname(directory))
    const remove = () => rmSync(directory, { recursive: true, force: true })
    return { root: built.root, directory, manifest: readManifest(built.manifest), own: true, remove }
  }
  const directory = resolve(given)
  const file = join(directory, MANIFEST_FILE)
  if (!existsSync(file)) {
    throw new Failure(`--build ${given}: there is no ${MANIFEST_FILE} in it.`, {
      next: 'Give the folder that "weave build", tspc or your bundler wrote to, or leave --build out.',
      exitCode: EXIT.usage,
    })
  }
  return { root: process.cwd(), directory, manifest: readManifest(file), own: false, remove: () => {} }
}

/** Builds of deployers that were killed. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    try {
      process.kill(Number(name), 0)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH')
        rmSync(join(folder, name), { recursive: true, force: true })
    }
  }
}

function readManifest(file: string): Manifest {
  return parseManifest(readFileSync(file, 'utf8'), file)
}
