/**
 * What a rule is given, and what it may say. A rule is a function over the facts; it asks the view in batches or not at all. What it reports
 * stands in one of `files`, and depends on that file, on what it imports, on what components are called and on which are provided, and on nothing
 * else: of other files the reports of the last analysis are repeated.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { CheckerView, Place, SourceFile, SymbolHandle } from '../../checker/view.ts'
import type { Code } from '../../diagnostics/catalogue.ts'
import type { Edit, Fix } from '../../diagnostics/diagnostic.ts'
import type { FoundClass, FoundComponent } from '../declared/find.ts'
import type { Markers } from '../declared/markers.ts'
import type { RelatedPlace } from '../report/report.ts'
import type { BoundaryCall, ImplementedMethod } from './facts.ts'
import type { Origins } from './origin.ts'
import type { Regions } from './regions.ts'

export interface LintContext {
  readonly view: CheckerView
  readonly markers: Markers
  readonly root: string
  /** Those to look at; not all, where reports of others are known. */
  readonly files: readonly SourceFile[]
  readonly components: ReadonlyMap<SymbolHandle, FoundComponent>
  readonly classes: readonly FoundClass[]
  /** Components that a `provide` gives: their objects are made by hand, as they should be. */
  readonly provided: ReadonlySet<FoundComponent>
  readonly calls: readonly BoundaryCall[]
  readonly methods: readonly ImplementedMethod[]
  readonly regions: Regions
  readonly origins: Origins
  /** Part of the application: no test, no bench, no script. */
  isApplication(path: string): boolean
  report(code: Code, place: Place, report: LintReport): void
}

export interface LintReport {
  readonly message: string
  readonly why: string
  readonly fix: string
  readonly related?: readonly RelatedPlace[]
  /** Their edits' files are absolute here. */
  readonly fixes?: readonly Fix[]
}

export type Rule = (context: LintContext) => void

export const insertion = (node: SyntaxNode, text: string): Edit => ({
  file: node.file,
  start: node.start,
  end: node.start,
  text,
})
