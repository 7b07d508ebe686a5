/** Keeps the records of a deployment up to date. In: what the deployment tells of its changes. Out: rows of the store, written before the next thing happens. */
import type { DeployEvent } from '../events.ts'
import type { Member } from '../members.ts'
import type { Moving } from '../moves/unfinished.ts'
import type { Group } from '../placement.ts'
import type { Decisions } from '../planning/stays.ts'
import { pidStart } from './pid.ts'
import type { DeploymentRecord, ProcessRecord, Store } from './store.ts'

export class Recorder {
  readonly #store: Store
  readonly #deployment: Omit<DeploymentRecord, 'sockets' | 'groups' | 'moving'>
  #sockets = ''
  #groups: readonly Group[] = []
  #moving: Moving | undefined
  #decisions: Decisions
  #failed = false
  /** Told of each event that has been written. */
  readonly #readers = new Set<() => void>()

  constructor(store: Store, deployment: Omit<DeploymentRecord, 'sockets' | 'groups' | 'moving'>) {
    this.#store = store
    this.#deployment = deployment
    this.#decisions = deployment.decisions ?? {}
  }

  /** `moving`: what the deployer before has left unfinished. */
  opened(sockets: string, groups: readonly Group[], moving: Moving | undefined): void {
    this.#sockets = sockets
    this.wanted(groups, moving)
  }

  wanted(groups: readonly Group[], moving?: Moving): void {
    this.#groups = groups
    this.#moving = moving
    const about = { ...this.#deployment, sockets: this.#sockets, groups, decisions: this.#decisions }
    this.#write(() => this.#store.saveDeployment(moving ? { ...about, moving } : about))
  }

  decided(decisions: Decisions): void {
    this.#decisions = decisions
    this.wanted(this.#groups, this.#moving)
  }

  process(member: Member, listens: Record<string, string>): void {
    this.#write(() => this.#store.saveProcess(recordOf(member, listens)))
  }

  removed(process: string): void {
    this.#write(() => this.#store.removeProcess(process))
  }

  event(event: DeployEvent): void {
    this.#write(() => this.#store.saveEvent(event, Date.now()))
    if (event.type === 'trial') {
      const { type: _, ...trial } = event
      this.#write(() => this.#store.saveTrial(trial))
    }
    for (const wake of this.#readers) wake()
  }

  /** A full disk must not end what runs: it is said once, and the deployment goes on without records. */
  #write(save: () => void): void {
    try {
      save()
    } catch (error) {
      if (this.#failed) return
      this.#failed = true
      const text = `The state of "${this.#deployment.application}" can not be written (${(error as Error).message}): what runs goes on, but another deployer would not find all of it.`
      process.emitWarning(text)
    }
  }

  /** Calls `wake` after each event until the returned function is called. */
  onEvent(wake: () => void): () => void {
    this.#readers.add(wake)
    return () => void this.#readers.delete(wake)
  }
}

function recordOf(
  { supervisor, group, slot, index, mainFinished }: Member,
  listens: Record<string, string>,
): ProcessRecord {
  const { state, name, lives, pid = null } = supervisor
  return {
    process: name,
    group: group.name,
    slot,
    index,
    lives,
    state: state.kind,
    pid,
    start: pid === null ? null : (pidStart(pid) ?? null),
    address: 'address' in state ? (state.address ?? null) : null,
    mainFinished,
    listens,
  }
}
