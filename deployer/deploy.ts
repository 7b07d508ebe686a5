/**
 * `deploy`: starts an application that has been built, as several processes on this machine. In: its manifest and folder, its
 * config and what overrides it. Out: a `Deployment`, at once. It throws `WV_CONFIG` when config or placement don't fit the
 * application, before anything is started; what goes wrong later rejects `ready`, and `finished` then gives exit code 1.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Clock, type Random, systemClock } from '../runtime/clock.ts'
import { isRange, type PlacementConfig, type WeaveConfig } from '../runtime/config/configuration.ts'
import { WeaveError } from '../runtime/errors.ts'
import type { Manifest } from '../runtime/manifest.ts'
import { resolveComponentName } from '../runtime/names.ts'
import type { TransportKind } from '../runtime/transport/address.ts'
import { NO_GRPC } from '../runtime/transport/grpc/library.ts'
import type { AutomaticPace } from './automatic/automatic.ts'
import { checkConfigAgainst, checkPlacementAgainst, ownConfig, sectionsByComponent } from './config/application.ts'
import { throwProblems } from './config/problem.ts'
import { checkConfig, checkPlacement } from './config/settings.ts'
import { LocalDeployment } from './deployment.ts'
import type { DeployEvent } from './events.ts'
import type { GraphReport } from './graph/report.ts'
import { Kept } from './kept.ts'
import type { TakeChunk } from './last-lines.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import type { ProcessSnapshot } from './members.ts'
import type { MoveStatus } from './moves/mover.ts'
import { planGroups } from './placement.ts'
import { resolvedPins } from './planner/pins.ts'
import { leastOf, mostOf, Ranges } from './scaling/ranges.ts'
import { spareCores } from './scaling/spare-cores.ts'
import { type OutputDescriptors, type Spawn, spawnProcess } from './spawn.ts'
import type { GroupStatus } from './status.ts'

export interface DeployOptions {
  manifest: Manifest
  /** The folder that holds the manifest and what was built with it. */
  directory: string
  config?: WeaveConfig | undefined
  /** Instead of the config's. `placementSource` begins the sentence when it doesn't fit. */
  placement?: PlacementConfig | undefined
  placementSource?: string | undefined
  /** From there on placement decides by itself, as with `auto`, which begins together. */
  automatic?: boolean | undefined
  /** How long automatic placement waits for what. */
  automaticPace?: AutomaticPace | undefined
  /** Instead of the config's. */
  replicas?: number | undefined
  /** Instead of the config's. */
  transport?: TransportKind | undefined
  /** Of the processes. Default: this process's. */
  workingDirectory?: string | undefined
  /** Default: this process's. */
  environment?: NodeJS.ProcessEnv | undefined
  /** The node that runs the processes, and its flags. Default: the one that runs this; source maps enabled. */
  node?: string | undefined
  nodeArguments?: readonly string[] | undefined
  /** Of the application, in every process. */
  args?: readonly string[] | undefined
  /** Must not throw. */
  onEvent?: ((event: DeployEvent) => void) | undefined
  /** What a process prints, as it comes; a promise holds the process's output back until it has resolved. */
  onOutput?: ((process: string, ...chunk: Parameters<TakeChunk>) => void | Promise<void>) | undefined
  /**
   * Instead of `onOutput`: the processes write to these descriptors of this process themselves, in the order in which they print. Crashes
   * then have no last lines.
   */
  inheritOutput?: OutputDescriptors | undefined
  /**
   * Folder that holds the state of deployments (state/folder.ts): records, and the way to an HTTP API for `weave status` and the like. There is then one
   * deployer of an application: a second one is refused with `WV_DEPLOY`. Default: no state, no API.
   */
  stateRoot?: string | undefined
  /**
   * The application goes on when this process is killed, and a later call with the same state takes it over: what it prints goes to files under
   * `stateRoot`, which must be given, and its public addresses belong to a process of their own. Default: everything ends with this process.
   */
  detached?: boolean | undefined
  clock?: Clock | undefined
  random?: Random | undefined
  /** Cores of the machine that nobody has used since it was asked last. Default: as the kernel says. */
  spareCores?: (() => number) | undefined
  spawn?: Spawn | undefined
}

export interface Deployment {
  /** Every process is ready and `main` has been called. Rejects when that will never be. */
  readonly ready: Promise<void>
  /** Nothing runs any more; the exit code of the whole. Never rejects. */
  readonly finished: Promise<number>
  /** Drains, callers before callees, and resolves when nothing runs any more. */
  stop(): Promise<void>
  /** SIGKILL for all that is left; the exit code is 130. */
  kill(): void
  processes(): ProcessSnapshot[]
  groups(): GroupStatus[]
  /** What was measured of its calls in the last `seconds`. */
  graph(seconds: number): GraphReport
  /**
   * Changes the number of replicas of a group, named by itself or by a component in it. Resolves when all processes that should be are
   * ready and the others are gone. Throws `WV_CONFIG` for what can't be, `WV_DEPLOY` while the application isn't running.
   */
  scale(group: string, replicas: number): Promise<void>
  /**
   * Drains a process, or those of a group, or all, and starts them again, in each group one after the other. Calls wait meanwhile where
   * nobody else can answer. Resolves and throws as `scale` does.
   */
  restart(name?: string): Promise<void>
  /**
   * Moves components that share a group to another while calls run: `to` is `new`, a group, a component in it, or one of its processes.
   * Resolves when the old instances have ended their calls and stopped. Throws `WV_CONFIG` for what can't be, `WV_DEPLOY` when the move was
   * undone, as when a component could not start there; everything is as it was then.
   */
  move(components: readonly string[], to: string): Promise<MoveStatus>
}

export function deploy(options: DeployOptions): Deployment {
  const { manifest, directory } = options
  throwProblems(checkConfig(options.config ?? {}))
  const config = ownConfig(options.config ?? {}, manifest)
  throwProblems(checkConfigAgainst(config, manifest))
  const names = manifest.components.map(({ name }) => name)
  const pins = resolvedPins(config.pins ?? {}, names, 'weave.config.ts: pins')
  const source = options.placementSource ?? 'placement'
  if (options.placement !== undefined) {
    throwProblems(checkPlacement(options.placement), source)
    throwProblems(checkPlacementAgainst(options.placement, manifest, pins), source)
  }
  const placement = options.placement ?? config.placement ?? 'together'
  const replicas = options.replicas ?? config.replicas ?? 1
  checkReplicas(options.replicas)
  const entry = join(directory, manifest.entry)
  if (!existsSync(entry)) {
    throw new WeaveError(`The manifest names ${entry}, which is not there; build the application again.`, {
      code: 'WV_DEPLOY',
    })
  }
  const transport = options.transport ?? config.transport ?? 'unix'
  if (transport === 'grpc') checkGrpc()
  const listeners = Object.entries(config.listeners ?? {}).map(
    ([name, { host = '127.0.0.1', port = 0 }]) => [name, { host, port }] as const,
  )
  const application = config.name ?? manifest.application
  const singletons = new Set((config.singletons ?? []).map((name) => resolveComponentName(name, names)))
  const planned = planGroups(manifest, placement, leastOf(replicas), singletons, pins)
  // Whether there may be as many as that.
  if (typeof replicas === 'object' && !isRange(replicas))
    planGroups(manifest, placement, mostOf(replicas), singletons, pins)
  const clock = options.clock ?? systemClock
  const detached = options.detached ?? false
  const asked = options.automatic ?? (placement === 'auto' ? true : undefined)
  const kept =
    options.stateRoot === undefined
      ? undefined
      : new Kept(application, { ...options, automatic: asked, detached, clock })
  const legacy = kept?.legacy
  const deployment: LocalDeployment = new LocalDeployment(
    {
      manifest,
      application,
      // What was changed while it ran stays so.
      groups: legacy ? legacy.deployment.groups.map((group) => ({ ...group })) : planned,
      singletons,
      pins,
      ranges: new Ranges({ manifest, replicas, singletons }),
      config: sectionsByComponent(config, manifest),
      listeners: Object.fromEntries(listeners),
      transport,
      // Taken over, it goes on as it was.
      automatic: asked ?? legacy?.deployment.automatic ?? false,
      pace: options.automaticPace,
      trials: kept?.trials,
      calls: config.calls ?? {},
      routing: config.routing ?? {},
      health: { silentMs: DEPLOYER_LIMITS.silentMs, killMs: DEPLOYER_LIMITS.killMs, ...config.health },
      detached,
      legacy,
      command: {
        entry,
        command: options.node ?? process.execPath,
        args: [...(options.nodeArguments ?? ['--enable-source-maps']), entry, ...(options.args ?? [])],
        environment: options.environment ?? process.env,
        workingDirectory: options.workingDirectory ?? process.cwd(),
        inherit: options.inheritOutput,
      },
    },
    {
      clock,
      random: options.random ?? Math.random,
      spareCores: options.spareCores ?? spareCores(),
      spawn: options.spawn ?? spawnProcess,
      onEvent: options.onEvent ?? (() => {}),
      onOutput: options.onOutput ?? (() => {}),
      recorder: kept?.recorder,
      logs: kept?.logs,
      opened: async (directory) => kept?.serve(directory, deployment),
    },
  )
  const finished = deployment.finished.then((exitCode) => {
    kept?.close()
    return exitCode
  })
  // Later, so that the caller holds the deployment before the first event.
  queueMicrotask(() => void deployment.open())
  return {
    ready: deployment.ready,
    finished,
    stop: () => deployment.stop(),
    kill: () => deployment.kill(),
    processes: () => deployment.processes(),
    groups: () => deployment.groups(),
    graph: (seconds) => deployment.graph.report(seconds),
    scale: (group, replicas) => deployment.scale(group, replicas),
    restart: (name) => deployment.restart(name),
    move: (components, to) => deployment.move(components, to),
  }
}

/** Before anything starts: each process would say the same. */
function checkGrpc(): void {
  try {
    createRequire(import.meta.url).resolve('@grpc/grpc-js')
  } catch (cause) {
    throw new WeaveError(NO_GRPC, { code: 'WV_CONFIG', cause })
  }
}

function checkReplicas(replicas: number | undefined): void {
  if (replicas === undefined) return
  if (Number.isInteger(replicas) && replicas >= 1 && replicas <= DEPLOYER_LIMITS.replicasMax) return
  throw new WeaveError(
    `"replicas" must be a whole number from 1 to ${DEPLOYER_LIMITS.replicasMax}; it is ${replicas}.`,
    { code: 'WV_CONFIG' },
  )
}
