/**
 * Applications and rewrites: what each call of `run` or `startApp` starts, in build order, and which text of the project
 * changes. Reports components that an application needs and nobody implements, and calls that don't say what they mean.
 */

import { posix } from 'node:path'
import type { CheckerView, Place, SymbolHandle } from '../../checker/view.ts'
import { fromRoot } from '../../from-root.ts'
import type { App, Component, Rewrite } from '../../model.ts'
import { ADDED_ARGUMENT, type FoundCall } from '../declared/calls.ts'
import { type FoundComponent, isTestFile } from '../declared/find.ts'
import { findHiddenClass } from '../declared/hidden.ts'
import type { Markers } from '../declared/markers.ts'
import { whyUnnamed } from '../declared/unnamed.ts'
import type { Fixes } from '../report/fixes.ts'
import type { Reporter } from '../report/report.ts'
import { byCodeUnits } from '../types/canonical.ts'
import { type Chosen, componentsOf } from './choose.ts'
import { inBuildOrder, type Wired } from './wiring.ts'

/** What `run`, `startApp` and their like are given: the function that the appended text declares. */
const APP_EXPRESSION = '__weave_app'

interface AppsInput {
  readonly reporter: Reporter
  readonly root: string
  readonly starts: readonly FoundCall[]
  readonly roots: ReadonlyMap<FoundCall, Wired>
  readonly components: ReadonlyMap<string, Component>
  readonly found: readonly FoundComponent[]
  readonly chosen: Chosen
  readonly fixes: Fixes
  /** Components that a component's data may refer to. */
  readonly references: ReadonlyMap<string, readonly string[]>
}

export function makeApps(input: AppsInput): App[] {
  const { components, chosen, root } = input
  const needs = new Map([...components.keys()].map((name) => [name, needsOf(chosen.of(name))]))
  const apps: App[] = []
  const files = new Set<string>()
  const missing = new Set<string>()
  const isOfTests = ({ declaration }: Component) => isTestFile(root, posix.join(root, declaration.file))
  const background = [...components.values()]
    .filter((each) => each.background && !isOfTests(each))
    .map(({ name }) => name)
  for (const start of input.starts) {
    const file = fromRoot(root, start.file.path)
    if (start.marker === 'startApp' && !files.has(file)) {
      const own = [...components.values()].filter(({ broken, declaration }) => {
        return !broken && (declaration.file === file || !isTestFile(root, posix.join(root, declaration.file)))
      })
      const names = new Set(own.map((each) => each.name))
      const ordered = inBuildOrder([...names].sort(byCodeUnits), needs).filter((name) => names.has(name))
      apps.push({ kind: 'startApp', file, root: undefined, components: ordered })
      files.add(file)
    }
    const wired = input.roots.get(start)
    if (!wired) continue
    const ordered = withReferences([...needsOf(wired), ...background], needs, input.references)
    reportMissing(input, start, wired, ordered, missing)
    const { implementation, found } = wired
    apps.push({ kind: 'run', file, root: { name: found.name, implementation }, components: ordered })
    files.add(file)
  }
  return apps
}

/** What `roots` need, and what may be referred to among its data: that isn't waited for, so it stands behind what is needed. */
function withReferences(
  roots: readonly string[],
  needs: ReadonlyMap<string, readonly string[]>,
  references: ReadonlyMap<string, readonly string[]>,
): string[] {
  const reached = [...roots]
  let ordered = inBuildOrder(reached, needs)
  for (;;) {
    const known = new Set(ordered)
    const further = [...new Set(ordered.flatMap((name) => references.get(name) ?? []))].filter(
      (name) => !known.has(name),
    )
    if (further.length === 0) return ordered
    reached.push(...further)
    ordered = inBuildOrder(reached, needs)
  }
}

const needsOf = (wired: Wired | undefined): string[] => [
  ...componentsOf(wired),
  ...(wired?.implementation.reaches ?? []),
]

function reportMissing(
  input: AppsInput,
  start: FoundCall,
  root: Wired,
  reached: readonly string[],
  known: Set<string>,
): void {
  const { components, chosen, reporter } = input
  const users = [root, ...reached.flatMap((name) => chosen.of(name) ?? [])]
  for (const name of reached) {
    const component = components.get(name)!
    if (component.implementation || component.provided || chosen.errorOf(name) || known.has(name)) continue
    known.add(name)
    const user = users.find((each) => each.places.has(name))
    const { shortName, declaration } = component
    const declared = { ...declaration, file: posix.join(input.root, declaration.file) }
    const hidden = findHiddenClass(input.fixes.sources(), shortName, (path) => isTestFile(input.root, path))
    if (hidden) {
      reporter.add('WV1007', hidden, {
        message: `The class that implements '${shortName}' is not declared at the top level of its module.`,
        why: 'generated code imports the class by the name that its module exports',
        fix: `declare it there: export class My${shortName} implements ${shortName} { … }`,
      })
      continue
    }
    const needer = user ?? users.find((each) => each.implementation.reaches.includes(name))
    reporter.add('WV3001', user?.places.get(name) ?? needer?.found.declared.nameSpan ?? start.call.callee, {
      message: `No class implements '${shortName}', needed by '${(needer ?? root).implementation.className}'.`,
      why: 'the application cannot be put together without it',
      fix: `write an exported class: class My${shortName} implements ${shortName} { … }; or, for an object that exists already, call provide<${shortName}>(() => …) in a file of the program`,
      related: [{ place: declared, message: `'${shortName}' is declared here` }],
      fixes: input.found.filter((each) => each.name === name).flatMap((each) => input.fixes.implement(each)),
    })
  }
}

interface RewritesInput {
  readonly view: CheckerView
  readonly markers: Markers
  readonly reporter: Reporter
  readonly components: ReadonlyMap<SymbolHandle, FoundComponent>
  readonly calls: readonly FoundCall[]
  readonly roots: ReadonlyMap<FoundCall, Wired>
}

/** By file and position. */
export function makeRewrites(input: RewritesInput): Rewrite[] {
  const rewrites = input.calls.flatMap((found) =>
    found.marker === 'run' ? rewriteRun(input, found) : rewriteCall(input, found),
  )
  return rewrites.sort((a, b) => byCodeUnits(a.file, b.file) || a.start - b.start)
}

function rewriteRun({ view, reporter, roots }: RewritesInput, found: FoundCall): Rewrite[] {
  const { call, file } = found
  const root = roots.get(found)
  const argument = call.arguments[0]
  if (!root || !argument) return []
  const rewrites: Rewrite[] = [{ kind: 'replace', ...reporter.span(argument), text: APP_EXPRESSION }]
  const sole = view.argumentSymbol(call.handle, 0)?.soleImport
  if (sole && root.found.file !== file) rewrites.push({ kind: 'type-import', ...reporter.span(sole) })
  return rewrites
}

function rewriteCall(input: RewritesInput, { marker, call, file }: FoundCall): Rewrite[] {
  if (marker === 'run') return []
  const position = ADDED_ARGUMENT[marker]
  // Written by hand, which is allowed.
  if (call.arguments.length > position) return []
  const text = marker === 'startApp' ? APP_EXPRESSION : nameOfComponent(input, marker, { ...call, file: file.path })
  if (text === undefined) return []
  return [{ kind: 'argument', ...input.reporter.span(call), arguments: call.arguments.length, position, text }]
}

function nameOfComponent(input: RewritesInput, marker: string, call: FoundCall['call'] & Place): string | undefined {
  const { view, markers, reporter, components } = input
  const [argument] = call.typeArguments
  const kind = argument && view.describe(argument.type).kind
  if (!argument || kind === 'parameter') {
    reporter.add('WV3012', argument?.span ?? call.callee, {
      message: argument
        ? `'${marker}' is given a type parameter, which stands for many components.`
        : `'${marker}' does not say which component.`,
      why: 'types are gone when the program runs, so the name is put in here when it is built',
      fix: `write the interface: ${marker}<Cart>(…)`,
    })
    return undefined
  }
  const symbol = view.symbolOf(argument.type)
  const component = symbol && components.get(symbol)
  if (component) return JSON.stringify(component.name)
  const text = view.text(argument.type)
  // An import that wasn't found is the compiler's to report.
  if (kind === 'any') return undefined
  if (symbol && markers.isComponent(symbol)) {
    const { code, ...report } = whyUnnamed(view, symbol, argument.type)
    reporter.add(code, argument.span, report)
    return undefined
  }
  reporter.add('WV3013', argument.span, {
    message: `'${text}' is not a component of this application.`,
    why: "a component is an exported interface that extends 'Component' of weavets",
    fix: `export it, let it extend 'Component', and declare it outside of tests`,
  })
  return undefined
}
