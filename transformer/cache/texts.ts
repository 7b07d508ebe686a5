/**
 * Generated texts kept beside the analysis that they are of. A text follows from the analysis, the version and what was asked about
 * imports while it was made (where outputs and packages are), so those answers are kept with it and asked again before it counts.
 */
import { analyserIdentity } from './identity.ts'
import { readEntry, writeEntry } from './store.ts'

/** What generating asks. */
export interface Asked {
  specifier(file: string): string
  publicName(file: string, exportName: string): { readonly specifier: string; readonly exportName: string } | undefined
}

type Answer = readonly [question: keyof Asked, file: string, exportName: string, answer: string]

export class Texts {
  readonly #folder: string
  readonly #analysis: string

  /** `analysis`: identity of the entry that the analysis came from or went to. */
  constructor(folder: string, analysis: string) {
    this.#folder = folder
    this.#analysis = analysis
  }

  /** In UTF-8. `about`: whatever else decides the text; compared by its JSON. */
  of(about: object, asked: Asked, make: (asked: Asked) => string): Uint8Array {
    const key = JSON.stringify([analyserIdentity(), 'text', this.#analysis, about])
    const isTrue = (answers: readonly Answer[]) =>
      answers.every(([question, file, exportName, answer]) => ask(asked, question, file, exportName) === answer)
    const known = readEntry<readonly Answer[], null>(this.#folder, key, isTrue)
    if (known !== undefined) return known.body
    const answers: Answer[] = []
    const noted = <Value>(question: keyof Asked, file: string, exportName: string, answer: Value): Value => {
      answers.push([question, file, exportName, JSON.stringify(answer) ?? ''])
      return answer
    }
    const text = make({
      specifier: (file) => noted('specifier', file, '', asked.specifier(file)),
      publicName: (file, name) => noted('publicName', file, name, asked.publicName(file, name)),
    })
    const body = Buffer.from(text)
    writeEntry(this.#folder, key, { seen: answers, value: null, body })
    return body
  }
}

function ask(asked: Asked, question: keyof Asked, file: string, exportName: string): string {
  const answer = question === 'specifier' ? asked.specifier(file) : asked.publicName(file, exportName)
  return JSON.stringify(answer) ?? ''
}
