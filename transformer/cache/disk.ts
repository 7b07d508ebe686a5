/**
 * What the disk says now, each question asked once: contents by hash, stamps, names in a folder, names in a tree. A check of several
 * cache entries shares one of these; it is thrown away afterwards, since it never looks twice.
 */
import { hash } from 'node:crypto'
import {
  type Dirent,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import { join } from 'node:path'

/** Names in all trees together. A project with more pays for an analysis rather than for a walk of a home folder. */
const NAMES_MAX = 50_000

/** What matters about a tree: which sources it includes, or everything that an import can name. */
export type TreeKind = 'sources' | 'importable'

const NAMED: Record<TreeKind, RegExp> = { sources: /\.[cm]?tsx?$/, importable: /\.(?:[cm]?[jt]sx?|json)$/ }

interface Walk {
  readonly kind: TreeKind
  readonly paths: string[]
  readonly deciding: string[]
  /** Where links led to, since they may lead back. */
  readonly visited: Set<string>
}

export class TooMuch extends Error {}

/** Size, time of the last write, time of the last change of any kind, inode; nothing for what isn't there. */
export type Stamp = readonly [size: number, mtimeMs: number, ctimeMs: number, inode: number] | readonly []

export const hashOf = (content: string | Uint8Array): string => hash('sha1', content)

export class Disk {
  readonly #texts = new Map<string, string | undefined>()
  readonly #stats = new Map<string, Stats | undefined>()
  readonly #listings = new Map<string, string>()
  readonly #walked = new Map<string, readonly string[]>()
  #names = 0

  /** Undefined when there is no such file. */
  text(path: string): string | undefined {
    if (this.#texts.has(path)) return this.#texts.get(path)
    let text: string | undefined
    try {
      // An error costs ten times what a look does, and many files are asked for that aren't there.
      if (this.stat(path) !== undefined) text = readFileSync(path, 'utf8')
    } catch {}
    this.#texts.set(path, text)
    return text
  }

  hash(path: string): string | undefined {
    const text = this.text(path)
    return text === undefined ? undefined : hashOf(text)
  }

  stat(path: string): Stats | undefined {
    if (this.#stats.has(path)) return this.#stats.get(path)
    let stat: Stats | undefined
    try {
      stat = statSync(path, { throwIfNoEntry: false })
    } catch {}
    this.#stats.set(path, stat)
    return stat
  }

  /** Changes whenever the content does, or a folder's names: nobody can set the time of the last status change. */
  stamp(path: string): Stamp {
    const stat = this.stat(path)
    return stat === undefined ? [] : [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino]
  }

  /** Makes nothing: a build that changes nothing asks this of every file that it depends on. */
  hasStamp(path: string, stamp: Stamp): boolean {
    const stat = this.stat(path)
    if (stat === undefined || stamp.length === 0) return stat === undefined && stamp.length === 0
    const [size, mtimeMs, ctimeMs, inode] = stamp
    return stat.size === size && stat.mtimeMs === mtimeMs && stat.ctimeMs === ctimeMs && stat.ino === inode
  }

  entries(folder: string): readonly Dirent[] | undefined {
    try {
      const entries = readdirSync(folder, { withFileTypes: true })
      this.#names += entries.length
      if (this.#names > NAMES_MAX) throw new TooMuch()
      return entries
    } catch (error) {
      if (error instanceof TooMuch) throw error
      return undefined
    }
  }

  /** Where a symbolic link leads in the end; undefined for what is none. */
  linkTarget(path: string): string | undefined {
    try {
      return lstatSync(path).isSymbolicLink() ? realpathSync(path) : undefined
    } catch {
      return undefined
    }
  }

  /** Names of folders and of what can be imported, and where links lead; empty when there is no such folder. */
  listing(folder: string): string {
    return this.#once(`listing ${folder}`, () => {
      const entries = this.entries(folder)
      if (entries === undefined) return ''
      const lines = entries.flatMap((entry) => {
        // Tools keep caches there, ours among them.
        if (entry.name.startsWith('.') && !entry.isFile()) return []
        if (entry.isSymbolicLink()) return `${entry.name} → ${linkOf(join(folder, entry.name))}`
        if (entry.isDirectory()) return `${entry.name}/`
        return NAMED.importable.test(entry.name) ? entry.name : []
      })
      return hashOf(`${realpathSync(folder)}\n${lines.sort().join('\n')}`)
    })
  }

  /** Paths below a folder; packages and hidden folders left out, since nothing includes them unasked. */
  tree(folder: string, kind: TreeKind): string {
    return this.#once(`${kind} ${folder}`, () => {
      const paths: string[] = []
      const deciding: string[] = []
      this.#walk(folder, { kind, paths, deciding, visited: new Set() })
      this.#walked.set(`${kind} ${folder}`, deciding)
      return paths.length === 0 ? '' : hashOf(paths.sort().join('\n'))
    })
  }

  /** What `tree` went through: while the stamps of these are the same, so is the tree. */
  decidingOf(folder: string, kind: TreeKind): readonly string[] {
    this.tree(folder, kind)
    return this.#walked.get(`${kind} ${folder}`) ?? []
  }

  #walk(folder: string, walk: Walk): void {
    const { kind, paths, deciding, visited } = walk
    deciding.push(folder)
    for (const entry of this.entries(folder) ?? []) {
      const path = join(folder, entry.name)
      const linked = entry.isSymbolicLink()
      // It may come to lead to a folder, of which its own folder would know nothing.
      if (linked) deciding.push(path)
      if (entry.isDirectory() || (linked && this.stat(path)?.isDirectory() === true)) {
        if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
        const real = linked ? realpathSync(path) : path
        if (linked) {
          if (visited.has(real)) continue
          visited.add(real)
        }
        this.#walk(path, walk)
      } else if (NAMED[kind].test(entry.name)) paths.push(linked ? `${path} → ${linkOf(path)}` : path)
    }
  }

  #once(key: string, make: () => string): string {
    const known = this.#listings.get(key)
    if (known !== undefined) return known
    const made = make()
    this.#listings.set(key, made)
    return made
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
