/**
 * Analyses kept on disk, by everything that they depend on. In goes a question (which project, by which options, who asks); out
 * comes the analysis of the same question over the same disk, without loading a compiler, or nothing. A wrong answer
 * would be a codec of yesterday's types, so whatever is in doubt is no answer, and nothing doubtful is kept.
 */
import { join } from 'node:path'
import type { Analysis } from '../model.ts'
import { Disk } from './disk.ts'
import { analyserIdentity } from './identity.ts'
import { type Analysed, restamped, type Seen, seenBy, stillTrue } from './seen.ts'
import { readEntry, writeEntry } from './store.ts'
import { Texts } from './texts.ts'

/** Whatever decides the analysis beside the disk; compared by its JSON. */
export interface Question {
  readonly root: string
  readonly tsconfig: string | undefined
  /** Added to what the tsconfig includes. */
  readonly files: readonly string[]
  readonly typescript: string | undefined
  readonly options: object
}

export interface Known {
  readonly analysis: Analysis
  /** The project's own sources: absolute path → text. */
  readonly own: ReadonlyMap<string, string>
}

interface Value {
  readonly analysis: Analysis
  /** Paths of `own`. */
  readonly own: readonly string[]
}

export class Analyses {
  readonly #folder: string

  /** `root`: of the project whose `.weave/cache` it is. */
  constructor(root: string) {
    this.#folder = join(root, '.weave', 'cache')
  }

  find(question: Question): (Known & { readonly texts: Texts }) | undefined {
    const disk = new Disk()
    const startedMs = Date.now()
    const key = keyOf(question)
    const isTrue = (seen: Seen): boolean => {
      try {
        return stillTrue(seen, disk)
      } catch {
        return false
      }
    }
    const entry = readEntry<Seen, Value>(this.#folder, key, isTrue)
    if (entry === undefined) return undefined
    const own = new Map(entry.value.own.map((path) => [path, disk.text(path) ?? '']))
    const better = restamped(entry.seen, disk, startedMs)
    if (better !== undefined) writeEntry(this.#folder, key, { seen: better, value: entry.value }, entry.path)
    return { analysis: entry.value.analysis, own, texts: new Texts(this.#folder, entry.id) }
  }

  /** Undefined when there was something in doubt, or nowhere to write. */
  keep(question: Question, known: Known, analysed: Analysed): Texts | undefined {
    let seen: Seen | undefined
    try {
      seen = seenBy(analysed, new Disk())
    } catch {}
    if (seen === undefined) return undefined
    const value: Value = { analysis: known.analysis, own: [...known.own.keys()] }
    const id = writeEntry(this.#folder, keyOf(question), { seen, value })
    return id === undefined ? undefined : new Texts(this.#folder, id)
  }
}

const keyOf = (question: Question): string => JSON.stringify([analyserIdentity(), question])
