/**
 * What changed on disk between two programs of TypeScript 7, which watches nothing itself. In go the files of a program; out come
 * the paths to tell it about: files that were written, appeared beside known ones, or vanished. Where that isn't enough to know
 * (a folder came, `npm install` ran, a package.json changed) it says `all`. Stamps are taken before the compiler reads, so that
 * a write in between is seen the next time.
 */
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { slashes } from './config6.ts'
import { readSource } from './view7-files.ts'

export interface Changes {
  readonly changed: readonly string[]
  readonly created: readonly string[]
  readonly deleted: readonly string[]
  /** Nothing may be kept. */
  readonly all: boolean
}

const SOURCE = /\.([cm]?[jt]sx?|json)$/
const GONE = 'gone'

interface Listing {
  readonly stamp: string
  readonly files: ReadonlySet<string>
  readonly folders: ReadonlySet<string>
}

export class Disk7 {
  readonly #files = new Map<string, string>()
  readonly #folders = new Map<string, Listing>()
  /** package.json and node_modules on the way up: any change of one may change what imports mean. */
  readonly #packages = new Map<string, string>()
  readonly #texts = new Map<string, { stamp: string; text: string }>()

  /** The program's own sources and what it read besides; a file that is known keeps its stamp. */
  watch(own: readonly string[], read: readonly string[]): void {
    for (const path of [...own, ...read]) if (!this.#files.has(path)) this.#files.set(path, stampOf(path))
    for (const folder of new Set(own.map(dirname))) {
      if (this.#folders.has(folder)) continue
      this.#folders.set(folder, listing(folder))
      for (let above = folder; ; above = dirname(above)) {
        const manifest = join(above, 'package.json')
        if (this.#packages.has(manifest)) break
        for (const path of [manifest, join(above, 'node_modules')]) this.#packages.set(path, stampOf(path))
        if (dirname(above) === above) break
      }
    }
  }

  /** Forgets files that the program no longer has. */
  keep(paths: ReadonlySet<string>): void {
    for (const path of this.#files.keys()) if (!paths.has(path)) this.#files.delete(path)
    for (const path of this.#texts.keys()) if (!paths.has(path)) this.#texts.delete(path)
  }

  changes(): Changes {
    const [changed, created, deleted] = [[], [], []] as string[][]
    let all = false
    for (const [path, before] of this.#files) {
      const stamp = stampOf(path)
      if (stamp === before) continue
      this.#files.set(path, stamp)
      ;(stamp === GONE ? deleted : before === GONE ? created : changed)!.push(path)
    }
    for (const [folder, before] of this.#folders) {
      if (stampOf(folder) === before.stamp) continue
      const now = listing(folder)
      this.#folders.set(folder, now)
      for (const name of now.files) if (!before.files.has(name)) created!.push(`${folder}/${name}`)
      for (const name of before.files) if (!now.files.has(name)) deleted!.push(`${folder}/${name}`)
      if ([...now.folders].sort().join('\0') !== [...before.folders].sort().join('\0')) all = true
    }
    for (const [path, before] of this.#packages) {
      const stamp = stampOf(path)
      if (stamp === before) continue
      this.#packages.set(path, stamp)
      all = true
    }
    return { changed: changed!, created: created!, deleted: deleted!, all }
  }

  /** Another one when the file was written. */
  stamp(path: string): string {
    return this.#files.get(path) ?? stampOf(path)
  }

  text(path: string): string {
    const stamp = this.stamp(path)
    const known = this.#texts.get(path)
    if (known?.stamp === stamp) return known.text
    const text = readSource(path)
    this.#texts.set(path, { stamp, text })
    return text
  }

  /** So that `text` has it at hand. */
  read(path: string): void {
    try {
      this.text(path)
    } catch {
      // The compiler reports a file that can't be read.
    }
  }
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? `${stat.mtimeMs}:${stat.size}:${stat.ino}` : GONE
}

function listing(folder: string): Listing {
  const stamp = stampOf(folder)
  const entries = stamp === GONE ? [] : readdirSync(folder, { withFileTypes: true })
  const names = (folders: boolean): Set<string> =>
    new Set(
      entries
        .filter(
          (entry) =>
            entry.isDirectory() === folders && (folders ? !entry.name.startsWith('.') : SOURCE.test(entry.name)),
        )
        .map((entry) => slashes(entry.name)),
    )
  return { stamp, files: names(false), folders: names(true) }
}
