/**
 * Boundary lint: code that means one thing in one process and another in two, or that makes a call cost more than it looks.
 * In go what the analysis found; out come warnings. Errors in a program's types make its lint meaningless nowhere: a rule
 * reports only what the syntax and the resolved names say beyond doubt.
 */

import type { CheckerView, SourceFile, SymbolHandle } from '../../checker/view.ts'
import { fromRoot } from '../../from-root.ts'
import { type FoundClass, type FoundComponent, isTestFile } from '../find.ts'
import type { Markers } from '../markers.ts'
import type { Reporter } from '../report.ts'
import { bypass } from './bypass.ts'
import { callInLoop } from './call-in-loop.ts'
import { concreteType } from './concrete-type.ts'
import { componentMethods, findBoundaryCalls, findImplementedMethods } from './facts.ts'
import { floatingCall } from './floating-call.ts'
import { lostIdentity } from './lost-identity.ts'
import { mutatedArgument } from './mutated-argument.ts'
import { mutatedResult } from './mutated-result.ts'
import { Origins } from './origin.ts'
import { readRegions } from './regions.ts'
import type { Rule } from './rule.ts'

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
  /** Rules that are switched off aren't run. */
  isOff(code: string): boolean
}

export function lint(input: LintInput): void {
  const rules = Object.entries(RULES).filter(([code]) => !input.isOff(code))
  if (input.components.size === 0 || rules.length === 0) return
  const methods = componentMethods(input)
  const calls = findBoundaryCalls(input, methods)
  const implemented = findImplementedMethods(input, methods)
  const context = {
    ...input,
    calls,
    methods: implemented,
    origins: new Origins(calls, implemented),
    regions: readRegions(
      calls.filter(({ file }) => !isTestFile(input.root, file.path)),
      implemented,
    ),
    isApplication: (path: string) => !isTestFile(input.root, path) && !BESIDE.test(fromRoot(input.root, path)),
    report: (code, place, report) => {
      const fixes = report.fixes?.map((fix) => {
        const edits = fix.edits.map((edit) => ({ ...edit, file: fromRoot(input.root, edit.file) }))
        return { ...fix, edits }
      })
      input.reporter.add(code, place, { ...report, ...(fixes && { fixes }) })
    },
  } satisfies Parameters<Rule>[0]
  for (const [, rule] of rules) rule(context)
}

/** What stands beside an application and makes objects as it likes. */
const BESIDE =
  /(^|\/)(bench|benches|benchmark|benchmarks|scripts|tools|load|examples|fixtures|testing|e2e|mocks|__mocks__|fakes|stories)\/|\.(bench|mock|fake|stories)\.[cm]?[jt]sx?$/
