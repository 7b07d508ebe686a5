/**
 * What should run: the desired state of a deployment, which changes while it runs. In: scale, restart, stop. Out: the `Desired` that the
 * reconciler reads, and promises of those who wait until it has come true, or
 * can't for now. Whoever changes it reconciles afterwards.
 */
import { WeaveError } from '../runtime/errors.ts'
import type { Manifest } from '../runtime/manifest.ts'
import { shortName } from '../runtime/names.ts'
import type { Member, Members } from './members.ts'
import { checkReplicas, drainOrder, findGroup, type Group } from './placement.ts'
import { type Desired, settled } from './reconcile.ts'

export interface WantedOptions {
  application: string
  manifest: Manifest
  /** Full names of components of which there is one instance. */
  singletons: ReadonlySet<string>
  /** Its own from now on. */
  groups: Group[]
  /** Processes that aren't the application's: the ingress. Nobody scales them, and they are drained before all others. */
  ingress: Group | undefined
}

export class Wanted implements Desired {
  /** Of the application. */
  readonly own: Group[]
  /** Bounded by the processes there are. */
  readonly outdated = new Map<string, number>()
  waves: string[][] | undefined
  readonly #options: WantedOptions
  readonly #waiting = new Set<PromiseWithResolvers<void>>()

  constructor(options: WantedOptions) {
    this.#options = options
    this.own = options.groups
  }

  get groups(): Group[] {
    const { ingress } = this.#options
    return ingress ? [ingress, ...this.own] : this.own
  }

  /** `name`: of the group, or of a component in it. Throws `WV_CONFIG` when it can't have so many, or would lose what it keeps. */
  scale(name: string, replicas: number): { group: Group; before: number } {
    const { application: where, manifest, singletons } = this.#options
    const group = findGroup(name, this.own, { where })
    checkReplicas(group, replicas, { groups: this.own, manifest, singletons })
    const before = group.replicas
    if (replicas !== before) this.#checkState(group)
    group.replicas = replicas
    return { group, before }
  }

  /** With another number of replicas calls go to other processes, by their keys or by chance, and what was kept for them stays behind. */
  #checkState({ name, components, replicas }: Group): void {
    const { manifest } = this.#options
    const keeps = manifest.components.find((each) => each.stateful === true && components.includes(each.name))
    if (keeps === undefined) return
    const text = `${shortName(keeps.name)} is @stateful, and what it keeps in memory would be lost for callers who are sent to another process; "${name}" stays at ${replicas}. Set "replicas" in weave.config.ts, and deploy again when it may be lost.`
    throw new WeaveError(text, { code: 'WV_CONFIG' })
  }

  /** The present lives of these are to end: of a process, of a group's processes (by its name, or that of a component in it), of all. */
  renew(name: string | undefined, members: Members): Member[] {
    // The public connections are no business of who asks for a restart of the application.
    const renewed = name === undefined ? [...members.application] : this.#named(name, members)
    for (const { supervisor } of renewed) this.outdated.set(supervisor.name, supervisor.lives)
    return renewed
  }

  #named(name: string, members: Members): Member[] {
    const process = members.find(name)
    if (process) return [process]
    const { application: where } = this.#options
    return members.in(findGroup(name, this.own, { where, kind: 'process, group or component' }))
  }

  /** Nothing from now on. `inOrder`: callers before callees; else all at once. */
  nothing({ inOrder }: { inOrder: boolean }): void {
    this.waves = inOrder ? drainOrder(this.own, this.#options.manifest) : [this.own.map(({ name }) => name)]
    const stopped = new WeaveError('The deployment was stopped.', { code: 'WV_STOPPING' })
    for (const { reject } of this.#waiting) reject(stopped)
    this.#waiting.clear()
  }

  /** Resolves when it has come true; rejects when nothing is wanted any more before. */
  reached(members: Members): Promise<void> {
    const waiting = Promise.withResolvers<void>()
    this.#waiting.add(waiting)
    this.look(members)
    return waiting.promise
  }

  /** A process crashes again and again: it may never come true, which who waits has to know now. Restarts go on. */
  gaveUp(error: WeaveError): void {
    for (const { reject } of this.#waiting) reject(error)
    this.#waiting.clear()
  }

  /** Something has changed: has it come true? */
  look(members: Members): void {
    if (this.#waiting.size === 0 || !settled(this, members.observed())) return
    for (const { resolve } of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
