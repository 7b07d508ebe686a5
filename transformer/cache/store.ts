/**
 * Entries in `.weave/cache`: each says what was analysed, what was seen of the disk, and what came of it. Takes and gives plain values.
 * A file that is damaged, foreign or of another version is no entry; a folder that can't be written stays as it is; two builds
 * at a time write whole files over each other's, never into them. Nothing here throws.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf } from './disk.ts'

/** Of the file's layout. */
const FORMAT = 1

/** Entries of one question: this branch, the one before, and what an undo brings back. Each costs a check of its first few files. */
const ENTRIES_A_KEY_MAX = 4
/** All questions (projects with several tsconfigs, test runs with files of their own) and generated texts together. */
const ENTRIES_MAX = 32
/** A project of 1,200 files takes about 1 MB. */
const BYTES_MAX = 64 * 2 ** 20
/** One that would push out everything else. */
const ENTRY_BYTES_MAX = 16 * 2 ** 20
/** What a killed build left; no build takes so long to write one file. */
const ABANDONED_MS = 3_600_000

/** A value, and what was seen when it was made: while that is true, so is the value. */
export interface Entry<Seen, Value> {
  readonly seen: Seen
  readonly value: Value
}

interface Found {
  readonly path: string
  readonly name: string
  readonly size: number
  readonly usedMs: number
}

/** The latest first. `isTrue` says whether an entry still holds; only then its value is parsed. */
export function readEntry<Seen, Value>(
  folder: string,
  key: string,
  isTrue: (seen: Seen) => boolean,
): (Entry<Seen, Value> & { readonly path: string; readonly id: string }) | undefined {
  const prefix = `${hashOf(key)}-`
  const found = entriesIn(folder).filter(({ name }) => name.startsWith(prefix))
  for (const { path } of found.sort((a, b) => b.usedMs - a.usedMs)) {
    try {
      const [head, seenText, valueText] = split(readFileSync(path, 'utf8'))
      const id = hashOf(valueText)
      if (head !== headOf(key, seenText, id)) {
        rmSync(path, { force: true })
        continue
      }
      const seen = JSON.parse(seenText) as Seen
      if (!isTrue(seen)) continue
      touch(path)
      return { path, id, seen, value: JSON.parse(valueText) as Value }
    } catch {}
  }
  return undefined
}

/** `replaces`: the file of an entry that this one says better. Gives the entry's identity: the hash of its value. */
export function writeEntry<Seen, Value>(
  folder: string,
  key: string,
  entry: Entry<Seen, Value>,
  replaces?: string,
): string | undefined {
  try {
    const seenText = JSON.stringify(entry.seen)
    const valueText = JSON.stringify(entry.value)
    const id = hashOf(valueText)
    const text = `${headOf(key, seenText, id)}\n${seenText}\n${valueText}`
    if (text.length > ENTRY_BYTES_MAX) return undefined
    mkdirSync(folder, { recursive: true })
    const path = replaces ?? join(folder, `${hashOf(key)}-${hashOf(seenText).slice(0, 12)}.json`)
    const temporary = join(folder, `${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
    writeFileSync(temporary, text)
    renameSync(temporary, path)
    prune(folder)
    return id
  } catch {
    return undefined
  }
}

const headOf = (key: string, seenText: string, id: string): string =>
  `weavets ${FORMAT} ${hashOf(`${key}\n${seenText}\n${id}`)}`

function split(text: string): [head: string, seen: string, value: string] {
  const first = text.indexOf('\n')
  const second = text.indexOf('\n', first + 1)
  if (first === -1 || second === -1) return ['', '', '']
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)]
}

function entriesIn(folder: string): Found[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      if (!name.endsWith('.json')) return []
      const path = join(folder, name)
      const stat = statSync(path, { throwIfNoEntry: false })
      return stat === undefined ? [] : [{ path, name, size: stat.size, usedMs: stat.mtimeMs }]
    })
  } catch {
    return []
  }
}

/** The time of last use is the file's own. */
function touch(path: string): void {
  const now = new Date()
  try {
    utimesSync(path, now, now)
  } catch {}
}

function prune(folder: string): void {
  const ofKey = new Map<string, number>()
  let bytes = 0
  let entries = 0
  for (const { path, name, size } of entriesIn(folder).sort((a, b) => b.usedMs - a.usedMs)) {
    const key = name.slice(0, name.indexOf('-'))
    const same = (ofKey.get(key) ?? 0) + 1
    ofKey.set(key, same)
    entries++
    bytes += size
    if (same > ENTRIES_A_KEY_MAX || entries > ENTRIES_MAX || bytes > BYTES_MAX) rmSync(path, { force: true })
  }
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.tmp')) continue
    const path = join(folder, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat !== undefined && Date.now() - stat.mtimeMs > ABANDONED_MS) rmSync(path, { force: true })
  }
}
