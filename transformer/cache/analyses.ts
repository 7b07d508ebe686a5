/**
 * Analyses kept on disk, by everything that they depend on. In goes a question (which project, by which options, who asks); out
 * comes the analysis of the same question over the same disk, without loading a compiler, or nothing. A wrong answer
 * would be a codec of yesterday's types, so whatever is in doubt is no answer, and nothing doubtful is kept.
 */
import { join } from 'node:path'
import type { Analysis, AppModel } from '../model.ts'
import { compiler } from '../plan/late.ts'
import type { OwnSources } from '../plan/own.ts'
import { Disk } from './disk.ts'
import { analyserIdentity } from './identity.ts'
import type { Analysed } from './notes.ts'
import { restamped, type Seen, stillTrue, type Verdict } from './seen.ts'
import { type KnownEntry, readEntry, writeEntry } from './store.ts'
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
  readonly own: OwnSources
}

/** What every plan asks of an analysis; components and shapes, which are most of it, are the entry's only section. */
interface Value {
  readonly diagnostics: Analysis['diagnostics']
  readonly dependencies: Analysis['dependencies']
  readonly apps: AppModel['apps']
  readonly rewrites: AppModel['rewrites']
  readonly version: string
  /** From the root. */
  readonly own: readonly string[]
}

type Entry = KnownEntry<Seen, Value>

export class Analyses {
  readonly #root: string
  readonly #folder: string

  /** `root`: of the project whose `.weave/cache` it is. */
  constructor(root: string) {
    this.#root = root
    this.#folder = join(root, '.weave', 'cache')
  }

  /** `anew` analyses, should the part that is read later be damaged. */
  find(question: Question, anew: () => Analysis): (Known & { readonly texts: Texts }) | undefined {
    const disk = new Disk()
    const startedMs = Date.now()
    const key = keyOf(question)
    let verdict = 'no' as Verdict
    const isTrue = (seen: Seen): boolean => {
      try {
        verdict = stillTrue(seen, disk)
      } catch {
        verdict = 'no'
      }
      return verdict !== 'no'
    }
    const entry = readEntry<Seen, Value>(this.#folder, key, isTrue)
    const own = entry && this.#sourcesOf(entry, disk)
    if (entry === undefined || own === undefined) return undefined
    if (verdict === 'contents') this.#restamp(key, entry, restamped(entry.seen, disk, startedMs))
    return { analysis: analysisOf(entry, anew), own, texts: new Texts(this.#folder, entry.id) }
  }

  #restamp(key: string, { value, section }: Entry, seen: Seen): void {
    const rest = section(0)
    if (rest !== undefined) writeEntry(this.#folder, key, { seen, value, sections: [rest] })
  }

  /** Undefined when a file whose text is to change has changed since it was looked at. */
  #sourcesOf({ seen, value }: Entry, disk: Disk): OwnSources | undefined {
    const { own: files, version } = value
    const changing = new Set([...value.apps, ...value.rewrites].map(({ file }) => join(this.#root, file)))
    for (const path of changing) if (disk.hash(path) !== seen.files[path]?.[1]) return undefined
    return { files, text: (file) => disk.text(join(this.#root, file)), version: () => version }
  }

  /** Undefined when there was something in doubt, or nowhere to write. */
  keep(question: Question, { analysis, own }: Known, analysed: Analysed): Texts | undefined {
    let seen: Seen | undefined
    try {
      seen = compiler().seenBy(analysed, new Disk())
    } catch {}
    if (seen === undefined) return undefined
    const { model, diagnostics, dependencies } = analysis
    const { apps, rewrites, ...rest } = model
    const value: Value = { diagnostics, dependencies, apps, rewrites, version: own.version(), own: own.files }
    const sections = [Buffer.from(JSON.stringify(rest))]
    const id = writeEntry(this.#folder, keyOf(question), { seen, value, sections })
    return id === undefined ? undefined : new Texts(this.#folder, id)
  }
}

type Rest = Omit<AppModel, 'apps' | 'rewrites'>

/** With a model that is parsed when somebody asks for more of it than a build that changes nothing does. */
function analysisOf({ value, section }: Entry, anew: () => Analysis): Analysis {
  const { diagnostics, dependencies, apps, rewrites } = value
  let parsed: Rest | undefined
  const read = (): Rest => {
    const bytes = section(0)
    return bytes === undefined ? anew().model : (JSON.parse(Buffer.from(bytes).toString()) as Rest)
  }
  const rest = (): Rest => (parsed ??= read())
  const model: AppModel = {
    get components() {
      return rest().components
    },
    apps,
    get codecs() {
      return rest().codecs
    },
    get errors() {
      return rest().errors
    },
    get definitions() {
      return rest().definitions
    },
    rewrites,
  }
  return { model, diagnostics, dependencies }
}

const keyOf = (question: Question): string => JSON.stringify([analyserIdentity(), question])
