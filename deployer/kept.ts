/**
 * What a deployment has beyond its processes when it is to be found by others: its state on disk and its HTTP API. Opened before the deployment
 * begins, since that refuses a second deployer; closed when nothing runs any more.
 */
import type { Manifest } from '../runtime/manifest.ts'
import { eventsResource } from './api/events.ts'
import { graphResource } from './api/graph.ts'
import { moveResource } from './api/move.ts'
import { restartResource } from './api/restart.ts'
import { scaleResource } from './api/scale.ts'
import { ApiServer } from './api/server.ts'
import { statusResource } from './api/status.ts'
import { stopResource } from './api/stop.ts'
import type { LocalDeployment } from './deployment.ts'
import type { SocketDirectory } from './directory.ts'
import { pidStart } from './state/pid.ts'
import { Recorder } from './state/recorder.ts'
import { ApplicationState } from './state/state.ts'
import type { Status } from './status.ts'

export class Kept {
  readonly recorder: Recorder
  readonly #state: ApplicationState
  readonly #about: Omit<Status, 'state' | 'groups' | 'processes' | 'listeners' | 'move'>
  #api: ApiServer | undefined

  constructor(application: string, { manifest, directory, stateRoot }: KeptOptions) {
    const { version } = manifest
    const sinceMs = Date.now()
    const { pid } = process
    this.#state = ApplicationState.open(application, stateRoot)
    this.#about = { application, version, detached: false, deployer: { pid, sinceMs }, directory }
    const deployer = { pid, start: pidStart(pid) ?? '' }
    this.recorder = new Recorder(this.#state.store, {
      application,
      version,
      detached: false,
      directory,
      deployer,
      sinceMs,
    })
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
    ])
    await this.#api.listen(directory.api)
    folder.linkApi(directory.api)
  }

  /** Nothing runs any more. */
  close(): void {
    const { store, folder } = this.#state
    store.end()
    folder.unlinkApi()
    this.#api?.close()
    this.#state.close()
  }
}

interface KeptOptions {
  manifest: Manifest
  directory: string
  stateRoot?: string | undefined
}
