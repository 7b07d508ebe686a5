/**
 * TypeScript's own errors for `weave dev`, which esbuild doesn't see: after a plan, the project's files are checked a few at a
 * time, between events, so that a change is never waited for. In goes a plan; what is new is printed. A newer plan, or `stop`,
 * ends a check that isn't done.
 */
import pc from 'picocolors'
import { ofTypeScript, printErrors } from '../../transformer/hosts/tsc-format.ts'
import type { Plan, Planner } from '../../transformer/plan.ts'
import { count } from '../check.ts'

/** Of one turn: a save that comes meanwhile is noticed so much later. */
const TURN_MS = 30
/** More would scroll away what the application prints; the rest is counted. */
const SHOWN_MAX = 10

export class TypeCheck {
  readonly #write: (text: string) => void
  #turn: NodeJS.Immediate | undefined
  #shown = ''

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  start(planner: Planner, plan: Plan): void {
    this.stop()
    const files = plan.analysis.dependencies.filter((path) => /\.[cm]?tsx?$/.test(path) && !/\.d\.[cm]?ts$/.test(path))
    const errors: ReturnType<Planner['typeErrors']>[number][] = []
    let at = 0
    let slice = 1
    const turn = (): void => {
      const started = performance.now()
      errors.push(...planner.typeErrors(files.slice(at, at + slice)))
      at += slice
      const ms = performance.now() - started
      // A compiler in another process answers many files in the time of one.
      slice = ms < TURN_MS / 2 ? slice * 2 : ms > TURN_MS ? Math.max(1, Math.floor(slice / 2)) : slice
      if (at < files.length) this.#turn = setImmediate(turn)
      else this.#report(plan, errors.map(ofTypeScript))
    }
    this.#turn = setImmediate(turn)
  }

  stop(): void {
    clearImmediate(this.#turn)
  }

  #report(plan: Plan, errors: ReturnType<typeof ofTypeScript>[]): void {
    const printing = {
      folder: process.cwd(),
      pretty: pc.isColorSupported,
      readFile: (path: string) => plan.readFile(path),
    }
    const text = printErrors(errors.slice(0, SHOWN_MAX), printing)
    if (text === this.#shown) return
    const before = this.#shown
    this.#shown = text
    if (errors.length === 0) {
      if (before !== '') this.#write('no type errors any more.\n')
      return
    }
    const more = errors.length > SHOWN_MAX ? `, ${SHOWN_MAX} of them shown` : ''
    this.#write(`${text}${count(errors.length, 'type error')}${more}; the application runs all the same.\n`)
  }
}
