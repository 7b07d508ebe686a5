/**
 * Writes down what an analysis saw of the disk. In goes a checker view and its tsconfigs; out come contents, names and absences that
 * together decide every answer of a type checker. Asks no compiler how it resolved an import (only one of ours could say), and
 * so records more than was used: too much costs a needless analysis, too little would be a codec of yesterday's types.
 *
 * Refuses (undefined) what it can't be sure of: a file that changed while it was analysed, a tsconfig that can't be read.
 */
import { dirname, join, resolve } from 'node:path'
import { LOCK_FILES } from '../plan/version.ts'
import { above, isReadable, lookedAtBy, namedPackages } from './config-text.ts'
import { type Disk, hashOf, type TreeKind } from './disk.ts'
import { isSettled, type Mark, type Seen, type SeenTree, stampOf, stampsOf } from './seen.ts'

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

export function seenBy(analysed: Analysed, disk: Disk): Seen | undefined {
  const notes = new Notes(disk, analysed.startedMs)
  const own = analysed.files.filter((file) => file.origin === 'project')
  for (const { path, text } of own) notes.own(path, text)
  for (const { path, origin } of analysed.files) if (origin !== 'project') notes.file(path)
  notes.file(join(analysed.compiler, 'package.json'))
  // Of the version, which is kept with the analysis.
  for (const name of LOCK_FILES) notes.file(join(analysed.root, name))
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

class Notes {
  readonly #disk: Disk
  readonly #startedMs: number
  readonly #files: Record<string, Mark> = {}
  readonly #folders: Record<string, Mark> = {}
  readonly #trees = new Map<string, SeenTree>()
  #moved = false

  constructor(disk: Disk, startedMs: number) {
    this.#disk = disk
    this.#startedMs = startedMs
  }

  seen(): Seen | undefined {
    if (this.#moved) return undefined
    return { files: this.#files, folders: this.#folders, trees: [...this.#trees.values()] }
  }

  /** What was analysed must be what is there, and then it may have changed a moment ago. */
  own(path: string, text: string): void {
    if (this.#disk.text(path) !== text) this.#moved = true
    this.#files[path] = this.#mark(path, hashOf(text))
  }

  /** Read by the compiler and not handed to us; or its absence, as of a library that is no file and so a part of the compiler. */
  file(path: string): void {
    if (this.#files[path] !== undefined) return
    this.#settle(path)
    this.#files[path] = this.#mark(path, this.#disk.hash(path) ?? '')
  }

  /** A folder of packages: who is there, and each one's package.json, which says where its types are. */
  installed(folder: string): void {
    if (this.#folders[folder] !== undefined) return
    this.folder(folder)
    for (const entry of this.#disk.entries(folder) ?? []) {
      const path = join(folder, entry.name)
      if (entry.name.startsWith('@')) {
        this.folder(path)
        for (const scoped of this.#disk.entries(path) ?? []) this.file(join(path, scoped.name, 'package.json'))
      } else if (!entry.name.startsWith('.')) this.file(join(path, 'package.json'))
    }
  }

  folder(path: string): void {
    if (this.#folders[path] !== undefined) return
    this.#settle(path)
    this.#folders[path] = this.#mark(path, this.#disk.listing(path))
  }

  tree(folder: string, kind: TreeKind): void {
    const names = this.#disk.tree(folder, kind)
    for (const path of this.#disk.decidingOf(folder, kind)) this.#settle(path)
    const stamps = stampsOf(this.#disk, { folder, kind }, this.#startedMs)
    this.#trees.set(`${kind} ${folder}`, { folder, kind, names, stamps })
  }

  #mark(path: string, content: string): Mark {
    return [stampOf(this.#disk, path, this.#startedMs), content]
  }

  #settle(path: string): void {
    if (!isSettled(this.#disk, path, this.#startedMs)) this.#moved = true
  }
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
