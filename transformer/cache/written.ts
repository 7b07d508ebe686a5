/**
 * What builds have put where, by stamps: a file that is there as it was written is neither made, read nor written again. In go a path
 * and whatever decides what the file holds.
 */
import { readFileSync } from 'node:fs'
import { Disk, type Stamp } from './disk.ts'
import { stampOf } from './seen.ts'
import { readEntry, writeEntry } from './store.ts'

interface Put {
  readonly stamp: Stamp
  readonly decided: string
}

export class Written {
  readonly #folder: string

  /** `folder`: of the cache. */
  constructor(folder: string) {
    this.#folder = folder
  }

  has(path: string, decided: string): boolean {
    const disk = new Disk()
    const isTrue = (put: Put) => put.decided === decided && disk.hasStamp(path, put.stamp)
    return readEntry<Put, null>(this.#folder, keyOf(path), isTrue) !== undefined
  }

  /** Remembers a file that turns out to hold this already. Of one that has just been written no stamp proves anything yet. */
  holds(path: string, decided: string, bytes: Uint8Array): boolean {
    // Before it is read: whoever writes it meanwhile gives it another one.
    const stamp = stampOf(new Disk(), path, Date.now())
    if (!holds(path, bytes)) return false
    if (stamp !== null) writeEntry<Put, null>(this.#folder, keyOf(path), { seen: { stamp, decided }, value: null })
    return true
  }
}

export function holds(path: string, bytes: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(bytes)
  } catch {
    return false
  }
}

const keyOf = (path: string): string => JSON.stringify(['written', path])
