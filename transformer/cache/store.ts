/**
 * Entries in `.weave/cache`: each says what was analysed, what was seen of the disk, and what came of it. Takes and gives plain values.
 * A file that is damaged, foreign or of another version is no entry; a folder that can't be written stays as it is; two builds
 * at a time write whole files over each other's, never into them. Nothing here throws.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { hashOf } from './disk.ts'

/** Of the file's layout: a head of one line, then what was seen and the value as JSON, then the sections. */
const FORMAT = 3

/** Entries of one question: this branch, the one before, and what an undo brings back. Each costs a check of its first few files. */
const ENTRIES_A_KEY_MAX = 4
/** All questions (projects with several tsconfigs, test runs with files of their own) and generated texts together. */
const ENTRIES_MAX = 32
/** A project of 1,200 files takes about 2 MB. */
const BYTES_MAX = 64 * 2 ** 20
/** One that would push out everything else. */
const ENTRY_BYTES_MAX = 16 * 2 ** 20
/** What a killed build left; no build takes so long to write one file. */
const ABANDONED_MS = 3_600_000

/** A value, and what was seen when it was made: while that is true, so is the value. */
export interface Entry<Seen, Value> {
  readonly seen: Seen
  readonly value: Value
  /** Parts of the value, in UTF-8, that only some readers want or that nobody parses. */
  readonly sections?: readonly Uint8Array[]
}

export interface KnownEntry<Seen, Value> {
  readonly seen: Seen
  readonly value: Value
  /** Of the value and its sections, whatever was seen. */
  readonly id: string
  /** Read and checked when it is asked for; undefined when it isn't as it was written, and then there is no entry any more. */
  section(at: number): Uint8Array | undefined
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
): KnownEntry<Seen, Value> | undefined {
  const prefix = `${hashOf(key)}-`
  for (const { path } of entriesIn(folder, prefix).sort((a, b) => b.usedMs - a.usedMs)) {
    try {
      const parts = readParts(path, key)
      if (parts === undefined) {
        rmSync(path, { force: true })
        continue
      }
      const seen = JSON.parse(parts.seen) as Seen
      if (!isTrue(seen)) continue
      touch(path)
      const { id, sections } = parts.layout
      const section = (at: number) => readSection(path, sections, at)
      return { id, seen, value: JSON.parse(parts.value) as Value, section }
    } catch {}
  }
  return undefined
}

/** In place of one with the same value, since what was seen last is what will be seen. Gives the entry's identity. */
export function writeEntry<Seen, Value>(folder: string, key: string, entry: Entry<Seen, Value>): string | undefined {
  try {
    const seen = Buffer.from(JSON.stringify(entry.seen))
    const value = Buffer.from(JSON.stringify(entry.value))
    const bodies = entry.sections ?? []
    const sections = bodies.map((body) => ({ bytes: body.length, hash: hashOf(body) }))
    const id = hashOf([hashOf(value), ...sections.map(({ hash }) => hash)].join())
    const front = Buffer.concat([seen, value])
    const layout = { id, seenBytes: seen.length, valueBytes: value.length, sections }
    const bytes = Buffer.concat([Buffer.from(headOf(key, front, layout)), front, ...bodies])
    if (bytes.length > ENTRY_BYTES_MAX) return undefined
    mkdirSync(folder, { recursive: true })
    const path = join(folder, `${hashOf(key)}-${id.slice(0, 12)}.json`)
    const temporary = join(folder, `${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
    writeFileSync(temporary, bytes)
    renameSync(temporary, path)
    prune(folder)
    return id
  } catch {
    return undefined
  }
}

interface Section {
  readonly bytes: number
  readonly hash: string
}

interface Layout {
  readonly id: string
  readonly seenBytes: number
  readonly valueBytes: number
  readonly sections: readonly Section[]
}

/** Says where each part ends, and is right for this front (what was seen, and the value) under this key only. */
function headOf(key: string, front: Uint8Array, { id, seenBytes, valueBytes, sections }: Layout): string {
  const layout = [id, seenBytes, valueBytes, ...sections.map(({ bytes, hash }) => `${bytes}:${hash}`)].join(' ')
  return `weavets ${FORMAT} ${hashOf(`${key}\n${layout}\n${hashOf(front)}`)} ${layout}\n`
}

function layoutOf(head: string): Layout {
  const [, , , id = '', seenText, valueText, ...sectionTexts] = head.trimEnd().split(' ')
  const sections = sectionTexts.map((text) => {
    const [bytes, hash = ''] = text.split(':')
    return { bytes: Number(bytes), hash }
  })
  return { id, seenBytes: Number(seenText), valueBytes: Number(valueText), sections }
}

/** Holds every head, and small entries whole. */
const FIRST_BYTES = 2 ** 14

/** Undefined for what isn't an entry of this key, as it was written. */
function readParts(path: string, key: string): { layout: Layout; seen: string; value: string } | undefined {
  return opened(path, (file) => {
    const first = readAt(file, 0, FIRST_BYTES)
    const start = first.indexOf('\n') + 1
    const head = first.toString('utf8', 0, start)
    const layout = layoutOf(head)
    const end = start + layout.seenBytes + layout.valueBytes
    // A head that isn't ours may say anything.
    if (!(end > start && end <= ENTRY_BYTES_MAX)) return undefined
    if (fstatSync(file).size !== end + bytesOf(layout.sections)) return undefined
    const front = (first.length >= end ? first : readAt(file, 0, end)).subarray(start, end)
    if (front.length !== end - start || head !== headOf(key, front, layout)) return undefined
    const { seenBytes } = layout
    return { layout, seen: front.toString('utf8', 0, seenBytes), value: front.toString('utf8', seenBytes) }
  })
}

/** Counted from the end: another build may have written the same value with more or less that was seen. */
function readSection(path: string, sections: readonly Section[], at: number): Uint8Array | undefined {
  const wanted = sections[at]
  if (wanted === undefined) return undefined
  try {
    const behind = bytesOf(sections.slice(at))
    const body = opened(path, (file) => readAt(file, fstatSync(file).size - behind, wanted.bytes))
    if (hashOf(body) === wanted.hash) return body
    rmSync(path, { force: true })
  } catch {}
  return undefined
}

const bytesOf = (sections: readonly Section[]): number => sections.reduce((sum, { bytes }) => sum + bytes, 0)

function opened<Result>(path: string, use: (file: number) => Result): Result {
  const file = openSync(path, 'r')
  try {
    return use(file)
  } finally {
    closeSync(file)
  }
}

/** Fewer bytes where the file ends before. */
function readAt(file: number, position: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes)
  let length = 0
  while (length < bytes) {
    const read = readSync(file, buffer, length, bytes - length, position + length)
    if (read === 0) break
    length += read
  }
  return buffer.subarray(0, length)
}

function entriesIn(folder: string, prefix = ''): Found[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      if (!name.startsWith(prefix) || !name.endsWith('.json')) return []
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
