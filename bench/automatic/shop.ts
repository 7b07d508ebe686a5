/**
 * A shop that is deployed by `weave deploy`, under load, looked at window by window: CPU as the kernel has counted it of all its processes, deployer and
 * planner included, the load (which is this process) not.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DeployEvent } from '../../deployer/events.ts'
import { type Deployment, deploy } from '../../test/e2e/deployment.ts'
import { family, usage } from '../boutique/kernel.ts'
import { groupsOf } from '../boutique/placed.ts'
import { Load } from './load.ts'

export interface Window {
  /** When it ended, since the load began. */
  atSeconds: number
  cpuMsPerPage: number
  pagesPerSecond: number
  p50Ms: number
  p99Ms: number
  failed: number
  processes: number
}

export type TrialEvent = Extract<DeployEvent, { type: 'trial' }>

export class Shop {
  readonly windows: Window[] = []
  readonly trials: { atSeconds: number; trial: TrialEvent }[] = []
  readonly load: Load
  readonly #deployment: Deployment
  readonly #beganMs = performance.now()

  static async open(project: string, visitsPerSecond: number, ...flags: string[]): Promise<Shop> {
    const deployment = deploy(project, ...flags)
    const { url } = await deployment.event('listener')
    await deployment.event('ready')
    await (await fetch(url)).text()
    return new Shop(deployment, url, visitsPerSecond)
  }

  private constructor(deployment: Deployment, url: string, visitsPerSecond: number) {
    this.#deployment = deployment
    this.load = new Load(url, visitsPerSecond)
  }

  get seconds(): number {
    return (performance.now() - this.#beganMs) / 1000
  }

  get failed(): number {
    return this.windows.reduce((sum, { failed }) => sum + failed, 0)
  }

  /** A process that ends meanwhile takes its CPU with it, so windows of which one does are not for comparing. */
  async window(seconds: number): Promise<Window> {
    const { pid } = this.#deployment
    const before = cpuOf(pid)
    await sleep(seconds * 1000)
    const after = cpuOf(pid)
    const { total, pagesPerSecond } = this.load.window()
    const cpuMs = [...after].reduce((sum, [process, ms]) => sum + ms - (before.get(process) ?? 0), 0)
    const window = {
      atSeconds: this.seconds,
      cpuMsPerPage: cpuMs / total.count,
      pagesPerSecond,
      p50Ms: total.p50Ms,
      p99Ms: total.p99Ms,
      failed: total.errors,
      processes: this.placement().length,
    }
    this.windows.push(window)
    this.#readTrials()
    return window
  }

  #readTrials(): void {
    const events = this.#deployment.events.filter((event) => event.type === 'trial')
    for (const trial of events.slice(this.trials.length)) {
      const { time } = trial as TrialEvent & { time: string }
      this.trials.push({ atSeconds: this.seconds - (Date.now() - Date.parse(time)) / 1000, trial })
    }
  }

  /** What is together, by the events so far. */
  placement(): string[][] {
    return groupsOf(this.#deployment.events)
  }

  async close(): Promise<void> {
    await this.load.stop()
    const code = await this.#deployment.stop()
    if (code !== 0) throw new Error(`weave deploy ended with ${code}: ${this.#deployment.errors()}`)
  }
}

function cpuOf(pid: number): Map<number, number> {
  const cpu = new Map<number, number>()
  for (const each of family(pid)) {
    try {
      cpu.set(each, usage([each]).cpuMs)
    } catch {
      // It has ended.
    }
  }
  return cpu
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
