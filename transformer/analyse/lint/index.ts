/**
 * Boundary lint: code that means one thing in one process and another in two, or that makes a call cost more than it looks.
 * In go what the analysis found; out come warnings, file by file as they are asked for. Errors in a program's types make its lint meaningless nowhere: a rule
 * reports only what the syntax and the resolved names say beyond doubt.
 */

import type { CheckerView, SourceFile, SymbolHandle } from '../../checker/view.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { fromRoot } from '../../from-root.ts'
import type { Recall } from '../again/memory.ts'
import { kindOfNote } from '../again/notes.ts'
import { type FoundClass, type FoundComponent, isTestFile } from '../declared/find.ts'
import type { Markers } from '../declared/markers.ts'
import { reportInternalError } from '../report/internal-error.ts'
import type { Reporter } from '../report/report.ts'
import { bypass } from './bypass.ts'
import { callInLoop } from './call-in-loop.ts'
import { concreteType } from './concrete-type.ts'
import { ComponentMethods, findBoundaryCalls, findImplementedMethods } from './facts.ts'
import { floatingCall } from './floating-call.ts'
import { lostIdentity } from './lost-identity.ts'
import { mutatedArgument } from './mutated-argument.ts'
import { mutatedResult } from './mutated-result.ts'
import { Origins } from './origin.ts'
import { readRegions } from './regions.ts'
import type { LintContext, Rule } from './rule.ts'

/** In the order of their codes. */
export const RULES: Readonly<Record<string, Rule>> = {
  WV2011: mutatedArgument,
  WV2012: lostIdentity,
  WV2030: mutatedResult,
  WV3006: bypass,
  WV3007: floatingCall,
  WV3016: callInLoop,
  WV3017: concreteType,
}

export interface LintInput {
  readonly view: CheckerView
  readonly markers: Markers
  readonly reporter: Reporter
  readonly root: string
  readonly files: readonly SourceFile[]
  readonly components: ReadonlyMap<SymbolHandle, FoundComponent>
  readonly classes: readonly FoundClass[]
  readonly provided: ReadonlySet<FoundComponent>
  readonly recall?: Recall | undefined
  /** Rules that are switched off aren't run. */
  isOff(code: string): boolean
}

/** Of one file, while the same components are provided. */
const REPORTS = kindOfNote<readonly Diagnostic[]>('lint')

type Rules = readonly (readonly [code: string, rule: Rule])[]

/** Repeats what it knows of the last analysis at once, and looks at a file when it is asked to. */
export class Lint {
  readonly #input: LintInput
  readonly #rules: Rules
  /** What the reports depend on beside files. */
  readonly #given: string
  /** By path, those that are still to be looked at. */
  readonly #left = new Map<string, SourceFile>()
  readonly #methods: ComponentMethods

  constructor(input: LintInput) {
    this.#input = input
    this.#rules = Object.entries(RULES).filter(([code]) => !input.isOff(code))
    this.#given = JSON.stringify([...input.provided].map(({ name }) => name))
    this.#methods = new ComponentMethods(input)
    if (input.components.size === 0 || this.#rules.length === 0) return
    for (const file of input.files) {
      const known = input.recall?.find(REPORTS, file.path, this.#given)
      if (known === undefined) this.#left.set(file.path, file)
      else input.reporter.repeat(known)
    }
  }

  /** At one file of the project, or at all that are left. A mistake of a rule must not take anything else with it. */
  look(path?: string): void {
    const file = path === undefined ? undefined : this.#left.get(path)
    const files = path === undefined ? [...this.#left.values()] : file === undefined ? [] : [file]
    for (const each of files) this.#left.delete(each.path)
    if (files.length === 0) return
    try {
      this.#lookAt(files)
    } catch (error) {
      reportInternalError(this.#input.reporter, undefined, error)
    }
  }

  #lookAt(files: readonly SourceFile[]): void {
    const { root, reporter, recall } = this.#input
    const reports = new Map(files.map(({ path }) => [path, [] as Diagnostic[]]))
    let strayed = false
    lintFiles({ ...this.#input, files }, this.#methods, this.#rules, (code, place, report) => {
      const fixes = report.fixes?.map((fix) => {
        const edits = fix.edits.map((edit) => ({ ...edit, file: fromRoot(root, edit.file) }))
        return { ...fix, edits }
      })
      const reported = reporter.add(code, place, { ...report, ...(fixes && { fixes }) })
      if (!reports.has(place.file)) strayed = true
      reports.get(place.file)?.push(reported)
    })
    if (strayed) return
    for (const [path, found] of reports) recall?.note(REPORTS, found, path, this.#given)
  }
}

/** `files` are looked at; the components and classes are those of all files. */
function lintFiles(input: LintInput, methods: ComponentMethods, rules: Rules, report: LintContext['report']): void {
  const { files, classes } = input
  const looked = new Set(files)
  const calls = findBoundaryCalls(input, methods)
  const implemented = findImplementedMethods(
    { ...input, classes: classes.filter(({ file }) => looked.has(file)) },
    methods,
  )
  const context: LintContext = {
    ...input,
    calls,
    methods: implemented,
    origins: new Origins(calls, implemented),
    regions: readRegions(
      calls.filter(({ file }) => !isTestFile(input.root, file.path)),
      implemented,
    ),
    isApplication: (path: string) => !isTestFile(input.root, path) && !BESIDE.test(fromRoot(input.root, path)),
    report,
  }
  for (const [, rule] of rules) rule(context)
}

/** What stands beside an application and makes objects as it likes. */
const BESIDE =
  /(^|\/)(bench|benches|benchmark|benchmarks|scripts|tools|load|examples|fixtures|testing|e2e|mocks|__mocks__|fakes|stories)\/|\.(bench|mock|fake|stories)\.[cm]?[jt]sx?$/
