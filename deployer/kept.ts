/**
 * What a deployment has beyond its processes when it is to be found by others: its state on disk and its HTTP API. Opened before the deployment
 * begins, since that refuses a second deployer; closed when nothing runs any more.
 */
import { rmSync } from 'node:fs'
import type { Clock } from '../runtime/clock.ts'
import type { WeaveConfig } from '../runtime/config/configuration.ts'
import { WeaveError } from '../runtime/errors.ts'
import type { Manifest } from '../runtime/manifest.ts'
import { eventsResource } from './api/events.ts'
import { graphResource } from './api/graph.ts'
import { moveResource } from './api/move.ts'
import { planRequestResource, planResource, trialsResource } from './api/plan.ts'
import { restartResource } from './api/restart.ts'
import { scaleResource } from './api/scale.ts'
import { ApiServer } from './api/server.ts'
import { statusResource } from './api/status.ts'
import { stopResource } from './api/stop.ts'
import type { LocalDeployment } from './deployment.ts'
import type { SocketDirectory } from './directory.ts'
import { LogFiles } from './log-files.ts'
import { pidStart } from './state/pid.ts'
import { Recorder } from './state/recorder.ts'
import { ApplicationState } from './state/state.ts'
import type { Status } from './status.ts'
import { type Legacy, stillRuns } from './takeover.ts'

export class Kept {
  readonly recorder: Recorder
  /** Where processes print, under a detached deployment. */
  readonly logs: LogFiles | undefined
  /** What an earlier deployer has left running, which this one takes over. */
  readonly legacy: Legacy | undefined
  /** The number of the last trial of automatic placement. */
  readonly trials: number
  readonly #state: ApplicationState
  readonly #about: Omit<Status, 'state' | 'groups' | 'processes' | 'listeners' | 'move' | 'automatic'>
  #api: ApiServer | undefined

  constructor(application: string, options: KeptOptions) {
    const { manifest, directory, config = {}, stateRoot, detached, clock, automatic } = options
    const { version } = manifest
    const sinceMs = Date.now()
    const { pid } = process
    this.#state = ApplicationState.open(application, stateRoot)
    const { store, folder } = this.#state
    try {
      this.legacy = legacyOf(this.#state, options)
    } catch (error) {
      this.#state.close()
      throw error
    }
    this.#about = { application, version, detached, deployer: { pid, sinceMs }, directory }
    const deployer = { pid, start: pidStart(pid) ?? '' }
    this.trials = store.trials(1)[0]?.id ?? 0
    store.trialsEnded()
    this.recorder = new Recorder(store, {
      application,
      version,
      detached,
      directory,
      config,
      deployer,
      sinceMs,
      decisions: this.legacy?.deployment.decisions ?? {},
      automatic: automatic ?? this.legacy?.deployment.automatic ?? false,
    })
    this.logs = detached ? new LogFiles(folder.logs, clock) : undefined
  }

  /** Opens the API of the deployment. */
  async serve(directory: SocketDirectory, deployment: LocalDeployment): Promise<void> {
    const { store, folder } = this.#state
    const status = (): Status => ({ ...this.#about, ...deployment.status() })
    const target = {
      status,
      scale: (group: string, replicas: number) => deployment.scale(group, replicas),
      restart: (name?: string) => deployment.restart(name),
      move: (components: readonly string[], to: string) => deployment.move(components, to),
      stop: () => deployment.stop(),
      kill: () => deployment.kill(),
      finished: deployment.finished,
    }
    const events = {
      events: (after: number, limit: number) => store.events(after, limit),
      onEvent: (wake: () => void) => this.recorder.onEvent(wake),
    }
    this.#api = new ApiServer([
      statusResource(status),
      scaleResource(target),
      restartResource(target),
      moveResource(target),
      stopResource(target),
      eventsResource(events),
      graphResource((seconds) => deployment.graph.report(seconds)),
      planResource(deployment.planning),
      planRequestResource(deployment.planning),
      trialsResource((limit) => store.trials(limit)),
    ])
    await this.#api.listen(directory.api)
    folder.linkApi(directory.api)
  }

  /** Nothing runs any more. */
  close(): void {
    const { store, folder } = this.#state
    this.logs?.close()
    store.end()
    folder.unlinkApi()
    this.#api?.close()
    this.#state.close()
  }
}

interface KeptOptions {
  manifest: Manifest
  directory: string
  config?: WeaveConfig | undefined
  stateRoot?: string | undefined
  detached: boolean
  /** Undefined: nobody has said. */
  automatic: boolean | undefined
  clock: Clock
}

/** What is to be taken over. Throws `WV_DEPLOY` where something runs that can't be. */
function legacyOf({ store }: ApplicationState, { manifest, detached }: KeptOptions): Legacy | undefined {
  const deployment = store.deployment()
  if (deployment === undefined) return undefined
  const legacy: Legacy = { deployment, processes: store.processes() }
  if (!deployment.detached || !stillRuns(legacy)) {
    if (deployment.detached) rmSync(deployment.sockets, { recursive: true, force: true })
    store.end()
    return undefined
  }
  const { application, version } = deployment
  if (version !== manifest.version) {
    const [running, given] = [version, manifest.version].map((each) => each.slice(0, 12))
    throw new WeaveError(
      `The application "${application}" runs in version ${running}, without a deployer, and this is version ${given}; "weave stop ${application}" ends it.`,
      { code: 'WV_DEPLOY' },
    )
  }
  if (detached) return legacy
  throw new WeaveError(
    `The application "${application}" runs without a deployer; "weave deploy --detach" takes it over, "weave stop ${application}" ends it.`,
    { code: 'WV_DEPLOY' },
  )
}
