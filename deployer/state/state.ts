/**
 * The state of one application as its deployer holds it: the folder, the lock that nobody else has meanwhile, the records. In: an
 * application's name. Out: an `ApplicationState`, or `WV_DEPLOY` that names who has it.
 */
import { WeaveError } from '../../runtime/errors.ts'
import { StateFolder, stateRoot } from './folder.ts'
import { DeployerLock } from './lock.ts'
import { runsStill } from './pid.ts'
import { type DeploymentRecord, Store } from './store.ts'

export class ApplicationState {
  readonly folder: StateFolder
  readonly store: Store
  readonly #lock: DeployerLock

  private constructor(folder: StateFolder, store: Store, lock: DeployerLock) {
    this.folder = folder
    this.store = store
    this.#lock = lock
  }

  static open(application: string, root: string = stateRoot()): ApplicationState {
    const folder = new StateFolder(application, root)
    folder.create()
    const lock = DeployerLock.take(folder.lock)
    const store = new Store(folder.database)
    if (lock) return new ApplicationState(folder, store, lock)
    const other = store.deployment()
    store.close()
    throw deployedAlready(application, other)
  }

  /** For others to have it; processes that run are theirs to find. */
  close(): void {
    this.store.close()
    this.#lock.release()
  }
}

function deployedAlready(application: string, other: DeploymentRecord | undefined): WeaveError {
  const who = other === undefined || !runsStill(other.deployer) ? '' : `: its deployer has pid ${other.deployer.pid}`
  return new WeaveError(
    `The application "${application}" is deployed already${who}; "weave stop ${application}" ends it. To run it twice, give one another "name" in weave.config.ts, or another WEAVE_STATE.`,
    { code: 'WV_DEPLOY' },
  )
}
