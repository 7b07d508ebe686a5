import type { Config, HandsOver } from 'weavets'
import { accident } from './accident.ts'
import type { Counter } from './counter.ts'

/** @stateful */
export class MemoryCounter implements Counter, HandsOver<Map<string, number>> {
  readonly #folder: string
  #counts = new Map<string, number>()

  constructor(config: Config<{ folder: string }>) {
    this.#folder = config.folder
  }

  async add(by: string): Promise<number> {
    const count = (this.#counts.get(by) ?? 0) + 1
    this.#counts.set(by, count)
    return count
  }

  async handOver(): Promise<Map<string, number>> {
    await accident(this.#folder, 'handOver')
    return this.#counts
  }

  async takeOver(counts: Map<string, number>): Promise<void> {
    await accident(this.#folder, 'takeOver')
    this.#counts = counts
  }
}
