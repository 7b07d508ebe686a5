/**
 * Boundary lint: code that means one thing in one process and another in two, or that makes a call cost more than it looks.
 * In go what the analysis found; out come warnings. Errors in a program's types make its lint meaningless nowhere: a rule
 * reports only what the syntax and the resolved names say beyond doubt.
 */

import type { CheckerView, SourceFile, SymbolHandle } from '../../checker/view.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { fromRoot } from '../../from-root.ts'
import { type FoundClass, type FoundComponent, isTestFile } from '../find.ts'
import type { Markers } from '../markers.ts'
import type { Recall } from '../memory.ts'
import { kindOfNote } from '../notes.ts'
import type { Reporter } from '../report.ts'
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

export function lint(input: LintInput): void {
  const rules = Object.entries(RULES).filter(([code]) => !input.isOff(code))
  if (input.components.size === 0 || rules.length === 0) return
  const { reporter, recall } = input
  const given = JSON.stringify([...input.provided].map(({ name }) => name))
  const files = input.files.filter(({ path }) => {
    const known = recall?.find(REPORTS, path, given)
    if (known !== undefined) reporter.repeat(known)
    return known === undefined
  })
  const reports = new Map(files.map(({ path }) => [path, [] as Diagnostic[]]))
  let strayed = false
  lintFiles({ ...input, files }, rules, (code, place, report) => {
    const fixes = report.fixes?.map((fix) => {
      const edits = fix.edits.map((edit) => ({ ...edit, file: fromRoot(input.root, edit.file) }))
      return { ...fix, edits }
    })
    const reported = reporter.add(code, place, { ...report, ...(fixes && { fixes }) })
    if (!reports.has(place.file)) strayed = true
    reports.get(place.file)?.push(reported)
  })
  if (strayed) return
  for (const [path, found] of reports) recall?.note(REPORTS, found, path, given)
}

/** `files` are looked at; the components and classes are those of all files. */
function lintFiles(input: LintInput, rules: readonly (readonly [string, Rule])[], report: LintContext['report']): void {
  const { files, classes } = input
  if (files.length === 0) return
  const looked = new Set(files)
  const methods = new ComponentMethods(input)
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
