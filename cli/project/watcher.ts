/**
 * Reports which sources changed. Takes folders (not trees: a recursive watch would walk node_modules); gives batches of
 * paths, each batch when the file system has been quiet for a moment, so that one save is one batch.
 */
import { type FSWatcher, statSync, watch } from 'node:fs'
import { join } from 'node:path'

/** Editors write a file in several steps; they are done well within this time. */
const QUIET_MS = 30

const SOURCE = /\.(?:[cm]?[jt]sx?|json)$/
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage'])

export class Watcher {
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #changed = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #wake: (() => void) | undefined
  #closed = false

  /** Adds folders; those that are watched already stay as they are. */
  add(folders: Iterable<string>): void {
    for (const folder of folders) {
      if (this.#watchers.has(folder) || this.#closed) continue
      try {
        const watcher = watch(folder, (_, name) => this.#event(folder, name))
        // A folder that was removed takes its watcher with it; its parent tells us.
        watcher.on('error', () => this.#forget(folder))
        this.#watchers.set(folder, watcher)
      } catch {}
    }
  }

  /** The next batch; empty when the watcher was closed. */
  async next(): Promise<string[]> {
    while (!this.#closed && (this.#changed.size === 0 || this.#timer !== undefined)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const batch = this.#closed ? [] : [...this.#changed].sort()
    this.#changed.clear()
    return batch
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#wake?.()
  }

  #event(folder: string, name: string | null): void {
    if (name === null || name.startsWith('.') || NOT_OURS.has(name)) return
    const path = join(folder, name)
    if (!SOURCE.test(name)) {
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return
      this.add([path])
    }
    this.#changed.add(path)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#wake?.()
    }, QUIET_MS)
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
  }
}
