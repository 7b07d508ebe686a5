/** What crosses a boundary and can't, found in settled shapes and reported where it crosses. */
import type { Shape } from '../../../runtime/shape.ts'
import type { CheckerView } from '../../checker/view.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { type Crossing, findUnsupported, type Reporter, walkShape } from '../report/report.ts'
import type { Answers } from '../types/answers.ts'
import type { Culprit } from '../types/refused.ts'
import type { Shapes } from '../types/shape.ts'
import { wayOut } from '../types/way-out.ts'

export interface CrossingsInput {
  readonly view: CheckerView
  readonly shapes: Shapes
  readonly answers: Answers
  readonly reporter: Reporter
}

export class Crossings {
  readonly #input: CrossingsInput

  constructor(input: CrossingsInput) {
    this.#input = input
  }

  reportUnsupported(shape: Shape, crossing: Crossing): Diagnostic[] {
    const { view, shapes, answers, reporter } = this.#input
    const found: { culprit: Culprit; path: string }[] = []
    findUnsupported(shape, crossing.subject, shapes.definitions, (unsupported, path) => {
      unsupported.path ||= path
      const culprit = shapes.culprit(unsupported)
      const fix = culprit && wayOut(view, answers, culprit)
      if (culprit) found.push({ culprit: fix === undefined ? culprit : { ...culprit, fix }, path })
    })
    return reporter.crossing(found, crossing)
  }

  /** Values of a config are written in weave.config.ts, and are what they are. */
  reportInConfig(config: Shape, { subject, place }: Crossing): Diagnostic | undefined {
    const { shapes, reporter } = this.#input
    let error: Diagnostic | undefined
    walkShape(config, subject, shapes.definitions, (shape, path) => {
      if (error || (shape.kind !== 'component' && shape.kind !== 'custom')) return
      const what = shape.kind === 'component' ? 'a reference to a component' : 'the instance of a class with a codec'
      error = reporter.add(shape.kind === 'component' ? 'WV2010' : 'WV2005', place, {
        message: `'${path}' is ${what}, and a config is plain data.`,
        why: 'its values are written in weave.config.ts and checked when the process starts',
        fix:
          shape.kind === 'component'
            ? 'take the component as a constructor parameter'
            : 'let the config hold the data, and construct the instance from it',
        path,
      })
    })
    return error
  }

  reportKeysInData(): void {
    const { shapes, reporter } = this.#input
    const seen = new Set<string>()
    for (const place of shapes.keysInData) {
      const key = `${place.file}:${place.start}`
      if (seen.has(key) || place.file.includes('/node_modules/')) continue
      seen.add(key)
      reporter.add('WV1014', place, {
        message: "'Key<T>' inside data routes nothing.",
        why: 'only a parameter that is itself a Key<T> chooses the replica',
        fix: "write 'T' alone, and pass the key as a parameter",
        fixes: [reporter.fixes?.removeKey(place, "Remove 'Key'", true)],
      })
    }
  }
}
