/**
 * What an analysis saw of the disk, and whether the disk still says the same. In goes a checker view and its tsconfigs; out come
 * contents, names and absences that together decide every answer of a type checker. Asks no compiler how it resolved
 * an import (only one of ours could say), and so records more than was used: too much costs a needless
 * analysis, too little would be a codec of yesterday's types.
 *
 * Refuses (undefined) what it can't be sure of: a file that changed while it was analysed, a tsconfig that can't be read.
 */
import { dirname, join, resolve } from 'node:path'
import { above, isReadable, lookedAtBy, namedPackages } from './config-text.ts'
import { type Disk, hashOf, type TreeKind } from './disk.ts'

export interface Seen {
  /** Path → hash of its content; the user's own files, config files, package.json files on the way up. Empty: it isn't there. */
  readonly files: Record<string, string>
  /** Files of packages: path → stamp and hash. An equal stamp spares reading; it is empty where it couldn't be trusted. */
  readonly packages: Record<string, readonly [stamp: string, hash: string]>
  /** Folder → names in it. Empty: it isn't there. */
  readonly folders: Record<string, string>
  readonly trees: readonly (readonly [folder: string, kind: TreeKind, names: string])[]
}

export interface Analysed {
  readonly root: string
  /** Absolute; undefined when all sources under the root were taken. */
  readonly tsconfig: string | undefined
  /** The tsconfig and what it extends or refers to, absolute. */
  readonly configFiles: readonly string[]
  /** Every file of the program. */
  readonly files: readonly { readonly path: string; readonly text: string; readonly origin: string }[]
  /** Folder of the compiler's package. */
  readonly compiler: string
  /** When the compiler began to look at the disk, ms. */
  readonly startedMs: number
}

/** File times lag behind the clock by a tick of the kernel; where they are whole seconds, by two seconds (FAT). */
const TICK_MS = 10
const COARSE_TICK_MS = 2_000

export function seenBy(analysed: Analysed, disk: Disk): Seen | undefined {
  const notes = new Notes(disk, analysed.startedMs)
  const own = analysed.files.filter((file) => file.origin === 'project')
  for (const { path, text } of own) notes.own(path, text)
  for (const { path, origin } of analysed.files) if (origin !== 'project') notes.ofPackage(path)
  notes.ofPackage(join(analysed.compiler, 'package.json'))
  const folders = above(analysed.files.map(({ path }) => path)).filter((folder) => !folder.endsWith('/node_modules'))
  for (const folder of folders) {
    notes.file(join(folder, 'package.json'))
    notes.installed(join(folder, 'node_modules'))
  }
  for (const path of analysed.configFiles) notes.file(path)
  if (!isReadable(analysed.configFiles, disk)) return undefined
  for (const [folder, kind] of lookedAtBy(analysed, disk)) notes.tree(folder, kind)
  const named = namedPackages(analysed.files, disk)
  for (const [folder, kind] of named.trees) notes.tree(folder, kind)
  for (const folder of named.folders) notes.folder(folder)
  for (const { path, text } of own) for (const folder of namedBy(path, text, disk)) notes.folder(folder)
  return notes.seen()
}

export function stillTrue(seen: Seen, disk: Disk): boolean {
  for (const [path, hash] of Object.entries(seen.files)) if ((disk.hash(path) ?? '') !== hash) return false
  for (const [path, [stamp, hash]] of Object.entries(seen.packages)) {
    if (stamp !== '' && disk.stamp(path) === stamp) continue
    if ((disk.hash(path) ?? '') !== hash) return false
  }
  for (const [folder, names] of Object.entries(seen.folders)) if (disk.listing(folder) !== names) return false
  return seen.trees.every(([folder, kind, names]) => disk.tree(folder, kind) === names)
}

/** The same, with stamps that spare reading next time; undefined when they do already (a restored CI cache is where they don't). */
export function restamped(seen: Seen, disk: Disk, nowMs: number): Seen | undefined {
  const packages: Record<string, readonly [string, string]> = {}
  let changed = false
  for (const [path, [stamp, hash]] of Object.entries(seen.packages)) {
    const now = settled(disk, path, nowMs) ? disk.stamp(path) : ''
    if (now !== stamp) changed = true
    packages[path] = [now, hash]
  }
  return changed ? { ...seen, packages } : undefined
}

class Notes {
  readonly #disk: Disk
  readonly #startedMs: number
  readonly #files: Record<string, string> = {}
  readonly #packages: Record<string, readonly [string, string]> = {}
  readonly #folders: Record<string, string> = {}
  readonly #trees = new Map<string, readonly [string, TreeKind, string]>()
  #moved = false

  constructor(disk: Disk, startedMs: number) {
    this.#disk = disk
    this.#startedMs = startedMs
  }

  seen(): Seen | undefined {
    if (this.#moved) return undefined
    return { files: this.#files, packages: this.#packages, folders: this.#folders, trees: [...this.#trees.values()] }
  }

  /** What was analysed must be what is there. */
  own(path: string, text: string): void {
    this.#files[path] = hashOf(text)
    if (this.#disk.text(path) !== text) this.#moved = true
  }

  /** Of the user's, but read by the compiler and not handed to us: or its absence. */
  file(path: string): void {
    if (this.#files[path] !== undefined || this.#packages[path] !== undefined) return
    if (path.includes('/node_modules/')) this.ofPackage(path)
    else {
      if (!this.#settled(path)) this.#moved = true
      this.#files[path] = this.#disk.hash(path) ?? ''
    }
  }

  ofPackage(path: string): void {
    if (this.#packages[path] !== undefined || this.#files[path] !== undefined) return
    const hash = this.#disk.hash(path)
    // A library that is no file belongs to the compiler, which has its own entry.
    if (hash === undefined) {
      this.#files[path] = ''
      return
    }
    if (!this.#settled(path)) this.#moved = true
    this.#packages[path] = [this.#disk.stamp(path), hash]
  }

  /** A folder of packages: who is there, and each one's package.json, which says where its types are. */
  installed(folder: string): void {
    if (this.#folders[folder] !== undefined) return
    this.folder(folder)
    for (const entry of this.#disk.entries(folder) ?? []) {
      const path = join(folder, entry.name)
      if (entry.name.startsWith('@')) {
        this.folder(path)
        for (const scoped of this.#disk.entries(path) ?? []) this.ofPackage(join(path, scoped.name, 'package.json'))
      } else if (!entry.name.startsWith('.')) this.ofPackage(join(path, 'package.json'))
    }
  }

  folder(path: string): void {
    if (this.#folders[path] !== undefined) return
    if (!this.#settled(path)) this.#moved = true
    this.#folders[path] = this.#disk.listing(path)
  }

  tree(path: string, kind: TreeKind): void {
    this.#trees.set(`${kind} ${path}`, [path, kind, this.#disk.tree(path, kind)])
    if (!this.#disk.foldersOf(path, kind).every((each) => this.#settled(each))) this.#moved = true
  }

  #settled(path: string): boolean {
    return settled(this.#disk, path, this.#startedMs)
  }
}

/** Nothing has happened to it since `sinceMs`, as far as its file system can tell. */
function settled(disk: Disk, path: string, sinceMs: number): boolean {
  const changedMs = disk.stat(path)?.ctimeMs
  if (changedMs === undefined) return true
  return changedMs < sinceMs - (changedMs % 1_000 === 0 ? COARSE_TICK_MS : TICK_MS)
}

/** A path in quotes: of an import, an `import()`, a `/// <reference path>`, or of nothing of the kind, which does no harm. */
const PATH_IN_QUOTES = /(["'`])(\.{1,2}(?:\/[^"'`\n]*)?|\/[^"'`\n]*)\1/g

/** Folders where the paths that a file names are looked for, with any extension or as a folder with an index. */
function namedBy(path: string, text: string, disk: Disk): Set<string> {
  const found = new Set([dirname(path)])
  for (const [, , named] of text.matchAll(PATH_IN_QUOTES)) {
    const target = resolve(dirname(path), named!)
    found.add(dirname(target))
    // A listing leaves hidden folders out.
    if (disk.stat(target)?.isDirectory() === true || /\/\.[^/]*$/.test(target)) found.add(target)
  }
  return found
}
