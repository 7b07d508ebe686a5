/**
 * What an analysis saw of the disk, and whether the disk still says the same. Everything is known by a stamp and by its content or
 * names: an equal stamp spares reading, and where one differs or couldn't be trusted the content decides. notes.ts writes this down.
 */
import type { Disk, Stamp, TreeKind } from './disk.ts'

/** `stamp` is null where it couldn't be trusted; `content`, a hash, is empty for what isn't there. */
export type Mark = readonly [stamp: Stamp | null, content: string]

export interface Seen {
  /** Every file of the program, config files, package.json files, lock files; also those that are missing. */
  readonly files: Readonly<Record<string, Mark>>
  /** Folder → names in it. */
  readonly folders: Readonly<Record<string, Mark>>
  readonly trees: readonly SeenTree[]
}

export interface SeenTree {
  readonly folder: string
  readonly kind: TreeKind
  readonly names: string
  /** Of all that decides the names. */
  readonly stamps: Readonly<Record<string, Stamp | null>>
}

/** `contents`: yes, but some stamps are of no use any more. */
export type Verdict = 'no' | 'contents' | 'stamps'

export function stillTrue({ files, folders, trees }: Seen, disk: Disk): Verdict {
  let verdict: Verdict = 'stamps'
  const holds = (marks: Readonly<Record<string, Mark>>, contentOf: (path: string) => string): boolean => {
    for (const path in marks) {
      const [stamp, content] = marks[path]!
      if (stamp !== null && disk.hasStamp(path, stamp)) continue
      if (contentOf(path) !== content) return false
      verdict = 'contents'
    }
    return true
  }
  if (!holds(files, (path) => disk.hash(path) ?? '')) return 'no'
  if (!holds(folders, (path) => disk.listing(path))) return 'no'
  for (const { folder, kind, names, stamps } of trees) {
    if (Object.entries(stamps).every(([path, stamp]) => stamp !== null && disk.hasStamp(path, stamp))) continue
    if (disk.tree(folder, kind) !== names) return 'no'
    verdict = 'contents'
  }
  return verdict
}

/** The same, with stamps that spare reading next time, of a disk of which it is still true. */
export function restamped({ files, folders, trees }: Seen, disk: Disk, nowMs: number): Seen {
  const marked = (marks: Readonly<Record<string, Mark>>) =>
    Object.fromEntries(
      Object.entries(marks).map(([path, [, content]]) => [path, [stampOf(disk, path, nowMs), content] as const]),
    )
  return {
    files: marked(files),
    folders: marked(folders),
    trees: trees.map((tree) => ({ ...tree, stamps: stampsOf(disk, tree, nowMs) })),
  }
}

export function stampsOf(disk: Disk, { folder, kind }: Pick<SeenTree, 'folder' | 'kind'>, sinceMs: number) {
  return Object.fromEntries(disk.decidingOf(folder, kind).map((path) => [path, stampOf(disk, path, sinceMs)]))
}

/** Null when it may change without being another one. */
export function stampOf(disk: Disk, path: string, sinceMs: number): Stamp | null {
  return isSettled(disk, path, sinceMs) && !isCoarse(disk, path) ? disk.stamp(path) : null
}

/** File times lag behind the clock by a tick of the kernel; where they are whole seconds, by two seconds (FAT). */
const TICK_MS = 10
const COARSE_TICK_MS = 2_000

/** Nothing has happened to it since `sinceMs`, as far as its file system can tell. */
export function isSettled(disk: Disk, path: string, sinceMs: number): boolean {
  const changedMs = disk.stat(path)?.ctimeMs
  if (changedMs === undefined) return true
  return changedMs < sinceMs - (isCoarse(disk, path) ? COARSE_TICK_MS : TICK_MS)
}

/** File systems with times of whole seconds let tools set the time of a change, or keep none of a folder. */
function isCoarse(disk: Disk, path: string): boolean {
  const changedMs = disk.stat(path)?.ctimeMs
  return changedMs !== undefined && changedMs % 1_000 === 0
}
