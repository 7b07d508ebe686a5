/**
 * Entries in `.weave/cache`: each says what was analysed, what was seen of the disk, and what came of it. Takes and gives plain values.
 * A file that is damaged, foreign or of another version is no entry; a folder that can't be written stays as it is; two builds
 * at a time write whole files over each other's, never into them. Nothing here throws.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashOf } from './disk.ts'

/** Of the file's layout: a head of one line, then what was seen and the value as JSON, then the body. */
const FORMAT = 2

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
  /** The part of the value that only some readers want, or that nobody parses: text in UTF-8. */
  readonly body?: Uint8Array
}

export interface KnownEntry<Seen, Value> extends Entry<Seen, Value> {
  readonly body: Uint8Array
  readonly path: string
  /** Of the value and its body, whatever was seen. */
  readonly id: string
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
      const parts = split(readFileSync(path), key)
      if (parts === undefined) {
        rmSync(path, { force: true })
        continue
      }
      const seen = JSON.parse(parts.seen.toString()) as Seen
      if (!isTrue(seen)) continue
      touch(path)
      return { path, id: parts.id, seen, value: JSON.parse(parts.value.toString()) as Value, body: parts.body }
    } catch {}
  }
  return undefined
}

/** In place of one with the same value, since what was seen last is what will be seen. Gives the entry's identity. */
export function writeEntry<Seen, Value>(folder: string, key: string, entry: Entry<Seen, Value>): string | undefined {
  try {
    const seen = Buffer.from(JSON.stringify(entry.seen))
    const value = Buffer.from(JSON.stringify(entry.value))
    const body = Buffer.from(entry.body ?? [])
    const id = hashOf(Buffer.concat([value, body]))
    const parts = Buffer.concat([seen, value, body])
    const head = headOf(key, parts, { id, seenBytes: seen.length, valueBytes: value.length })
    const bytes = Buffer.concat([Buffer.from(head), parts])
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

interface Layout {
  readonly id: string
  readonly seenBytes: number
  readonly valueBytes: number
}

/** Says where each part ends, and is right for these parts under this key only. */
function headOf(key: string, parts: Buffer, { id, seenBytes, valueBytes }: Layout): string {
  const check = hashOf(`${key}\n${id} ${seenBytes} ${valueBytes}\n${hashOf(parts)}`)
  return `weavets ${FORMAT} ${check} ${id} ${seenBytes} ${valueBytes}\n`
}

/** Undefined for what isn't an entry of this key, as it was written. */
function split(bytes: Buffer, key: string): { id: string; seen: Buffer; value: Buffer; body: Buffer } | undefined {
  const start = bytes.indexOf('\n') + 1
  const head = bytes.toString('utf8', 0, start)
  const [, , , id = '', seenText, valueText] = head.split(' ')
  const [seenBytes, valueBytes] = [Number(seenText), Number(valueText)]
  const parts = bytes.subarray(start)
  if (head !== headOf(key, parts, { id, seenBytes, valueBytes })) return undefined
  const body = seenBytes + valueBytes
  return { id, seen: parts.subarray(0, seenBytes), value: parts.subarray(seenBytes, body), body: parts.subarray(body) }
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
