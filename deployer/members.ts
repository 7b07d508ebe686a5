/**
 * The places for processes that a deployment has. Who is in which group, what has happened to each, and the numbers that sockets are
 * named after, none of which is used twice. A member outlives its process: its supervisor sees to it that there is one.
 */

import type { OwnedKeys } from './keys/keys.ts'
import type { Group } from './placement.ts'
import { processName } from './placement.ts'
import { type Observed, observedKind } from './reconcile.ts'
import type { ProcessState, Supervisor } from './supervisor.ts'

export interface Member {
  readonly index: number
  readonly group: Group
  readonly slot: number
  readonly supervisor: Supervisor
  /** In this life. */
  mainCalled: boolean
  /** Kept over restarts: a `main` that has returned isn't called again. */
  mainFinished: boolean
  /** It was ready when it was asked to stop, so it owes a clean exit. */
  drainedReady: boolean
}

export interface ProcessSnapshot {
  process: string
  group: string
  slot: number
  components: string[]
  state: ProcessState['kind']
  pid: number | undefined
  restarts: number
  /** Full name of the component that it is starting, or started last. */
  starting: string | undefined
  /** Since it has been in this state, and since this life began. */
  stateMs: number
  ageMs: number
  /** How long a message waits in its event loop, as it was measured last. */
  delayMs: number | undefined
  /** What it owns of its group's routing keys; undefined where there are none, or no other replica. */
  keys?: OwnedKeys | undefined
  /** Why it was started again the last time that nobody had asked for it: `reason` completes "the process …". Of this deployer's time. */
  lastCrash?: { reason: string; agoMs: number; lastLines: string[] } | undefined
  /** Why it doesn't run, where it should: a clause that completes "the process …". */
  problem: string | undefined
  /** The end of what it last printed on stderr, when there is a problem. */
  lastLines: string[]
}

export class Members {
  readonly #members: Member[] = []
  readonly #supervisor: (name: string, member: () => Member) => Supervisor
  readonly #ingress: Group | undefined
  #indices = 0

  /** `supervisor` makes the supervisor of the process of that name; the member is there when it first calls back. */
  constructor(supervisor: (name: string, member: () => Member) => Supervisor, ingress?: Group) {
    this.#supervisor = supervisor
    this.#ingress = ingress
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.#members.values()
  }

  /** Those that run the application's code; the ingress knows of no components and answers nothing that is asked about them. */
  readonly application: Iterable<Member> = {
    [Symbol.iterator]: () => this.#members.filter(({ group }) => group !== this.#ingress).values(),
  }

  /** `index`: of one that an earlier deployer had. */
  add(group: Group, slot: number, index = this.#indices): Member {
    this.#indices = Math.max(this.#indices, index + 1)
    const supervisor = this.#supervisor(processName(group, slot), () => member)
    const member: Member = {
      index,
      group,
      slot,
      supervisor,
      mainCalled: false,
      mainFinished: false,
      drainedReady: false,
    }
    this.#members.push(member)
    return member
  }

  remove(member: Member): void {
    this.#members.splice(this.#members.indexOf(member), 1)
  }

  find(process: string): Member | undefined {
    return this.#members.find(({ supervisor }) => supervisor.name === process)
  }

  in(group: Group): Member[] {
    return this.#members.filter((member) => member.group === group)
  }

  ready(): { name: string; group: string; address: string }[] {
    return this.#members.flatMap(({ group, supervisor: { name, state } }) =>
      state.kind === 'ready' && group !== this.#ingress ? [{ name, group: group.name, address: state.address }] : [],
    )
  }

  /** Those of the group that serve, and whether all is as it should be. */
  seen(group: Group): { serving: string[]; settled: boolean } {
    const members = this.in(group)
    // One that is silent serves: it is as busy as can be.
    const serving = members.filter(({ supervisor: { state } }) => state.kind === 'ready' || state.kind === 'silent')
    return {
      serving: serving.map(({ supervisor }) => supervisor.name),
      settled: serving.length === group.replicas && members.length === group.replicas,
    }
  }

  every(holds: (member: Member) => boolean): boolean {
    return this.#members.every(holds)
  }

  observed(): Observed[] {
    return this.#members.map(({ group, slot, supervisor }) => ({
      process: supervisor.name,
      group: group.name,
      slot,
      kind: observedKind(supervisor.state),
      lives: supervisor.lives,
    }))
  }

  /** Those of one group together. */
  snapshots(): ProcessSnapshot[] {
    const groups = [...Map.groupBy(this.#members, ({ group }) => group).values()]
    return groups.flat().map(({ supervisor, group, slot }) => ({
      process: supervisor.name,
      group: group.name,
      slot,
      components: [...group.components],
      state: supervisor.state.kind,
      pid: supervisor.pid,
      restarts: Math.max(supervisor.lives - 1, 0),
      starting: supervisor.starting,
      stateMs: Math.round(supervisor.stateMs),
      ageMs: Math.round(supervisor.ageMs),
      delayMs: supervisor.delayMs === undefined ? undefined : Math.round(supervisor.delayMs * 10) / 10,
      problem: problemOf(supervisor),
      lastCrash: lastCrashOf(supervisor),
      lastLines: 'crash' in supervisor.state ? (supervisor.state.crash?.lastLines ?? []) : [],
    }))
  }
}

function lastCrashOf({ lastCrash }: Supervisor): ProcessSnapshot['lastCrash'] {
  if (lastCrash === undefined) return undefined
  const { crash, agoMs } = lastCrash
  return { reason: crash.reason, agoMs: Math.round(agoMs), lastLines: crash.lastLines }
}

function problemOf({ state, stateMs, silenceMs }: Supervisor): string | undefined {
  if (state.kind === 'silent') return `has not answered for ${Math.round(silenceMs / 1000)} s`
  if (state.kind !== 'backoff' && state.kind !== 'crash-looping') return undefined
  const { crash, restartInMs } = state
  const times = crash.crashes === 1 ? '' : `, ${crash.crashes} times in a row`
  const leftMs = Math.max(restartInMs - stateMs, 0)
  return `${crash.reason}${times}; starts again in ${leftMs < 1000 ? 'a moment' : `${Math.round(leftMs / 1000)} s`}`
}
