/**
 * Generated texts kept beside the analysis that they are of. A text follows from the analysis, the version and what was asked about
 * imports while it was made (where outputs and packages are), so those answers are kept with it and asked again before it counts.
 */
import type { GeneratedText } from '../codegen/apart.ts'
import { analyserIdentity } from './identity.ts'
import { readEntry, writeEntry } from './store.ts'
import { Written } from './written.ts'

/** What generating asks. */
export interface Asked {
  specifier(file: string): string
  publicName(file: string, exportName: string): { readonly specifier: string; readonly exportName: string } | undefined
}

type Answer = readonly [question: keyof Asked, file: string, exportName: string, answer: string]

/** A text with the name by which its maker knows it. They may be megabytes together, so each is read when it is wanted. */
export interface Text {
  readonly name: string
  /** In UTF-8. */
  bytes(): Uint8Array
}

type Make = (asked: Asked) => readonly GeneratedText[]

export class Texts {
  readonly #folder: string
  readonly #analysis: string

  /** `analysis`: identity of the entry that the analysis came from or went to. */
  constructor(folder: string, analysis: string) {
    this.#folder = folder
    this.#analysis = analysis
  }

  /** `about`: whatever else decides the texts; compared by its JSON. */
  of(about: object, asked: Asked, make: Make): readonly Text[] {
    const key = JSON.stringify([analyserIdentity(), 'texts', this.#analysis, about])
    const isTrue = (answers: readonly Answer[]) =>
      answers.every(([question, file, exportName, answer]) => ask(asked, question, file, exportName) === answer)
    const known = readEntry<readonly Answer[], readonly string[]>(this.#folder, key, isTrue)
    // The same is made again, should it be damaged.
    if (known !== undefined) {
      const again = () => inUtf8(make(asked))
      return known.value.map((name, at) => ({ name, bytes: () => known.section(at) ?? again()[at]!.bytes() }))
    }
    const answers: Answer[] = []
    const noted = <Value>(question: keyof Asked, file: string, exportName: string, answer: Value): Value => {
      answers.push([question, file, exportName, JSON.stringify(answer) ?? ''])
      return answer
    }
    const texts = inUtf8(
      make({
        specifier: (file) => noted('specifier', file, '', asked.specifier(file)),
        publicName: (file, name) => noted('publicName', file, name, asked.publicName(file, name)),
      }),
    )
    const value = texts.map(({ name }) => name)
    writeEntry(this.#folder, key, { seen: answers, value, sections: texts.map((text) => text.bytes()) })
    return texts
  }

  /** Whether a file holds the text that `about` decides: by what is remembered of it, or by the text itself, and then that is remembered. */
  isWritten(path: string, about: object, bytes?: Uint8Array): boolean {
    const written = new Written(this.#folder)
    const decided = JSON.stringify([analyserIdentity(), this.#analysis, about])
    return bytes === undefined ? written.has(path, decided) : written.holds(path, decided, bytes)
  }
}

export function inUtf8(texts: readonly GeneratedText[]): readonly Text[] {
  return texts.map(({ name, text }) => {
    const bytes = Buffer.from(text)
    return { name, bytes: () => bytes }
  })
}

function ask(asked: Asked, question: keyof Asked, file: string, exportName: string): string {
  const answer = question === 'specifier' ? asked.specifier(file) : asked.publicName(file, exportName)
  return JSON.stringify(answer) ?? ''
}
