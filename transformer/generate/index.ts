/**
 * `weave.gen.ts`: all that other hosts append and rewrite, as one plain source that any compiler can take (swc, Bun, Jest, tsc).
 * In goes a plan; out comes the file's text, or diagnostics: calls that only a transform can serve (`get<Cart>()` loses its type argument)
 * and classes that the file could not import. Importing the file registers the application, so that `run(Shop)` finds it.
 */
import { dirname, join, posix, relative } from 'node:path'
import { isTestFile } from '../analyse/declared/find.ts'
import { inBuildOrder } from '../analyse/wiring/wiring.ts'
import { entryText, generateApp } from '../codegen/app.ts'
import { quote } from '../codegen/names.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { App, AppModel, Component } from '../model.ts'
import { importsOf } from '../plan/modules.ts'
import { GENERATED_MARK } from '../plan/version.ts'
import type { Plan } from '../plan.ts'
import { refusals } from './refusals.ts'
import { sourceHashes } from './sources.ts'
import { specifierStyle } from './specifiers.ts'

export const GENERATED_FILE = 'weave.gen.ts'

export interface GenerateRequest {
  readonly plan: Plan
  /** Absolute. */
  readonly file: string
}

export interface Generation {
  readonly text: string
  readonly diagnostics: readonly Diagnostic[]
}

export function generate({ plan, file }: GenerateRequest): Generation {
  const { model } = plan.analysis
  const from = relative(plan.root, file).replaceAll('\\', '/')
  const running = model.apps.filter((app) => app.kind === 'run' && !isTestFile(plan.root, join(plan.root, app.file)))
  const diagnostics = refusals(plan, running)
  const style = specifierStyle(running.map((app) => plan.readFile(join(plan.root, app.file)) ?? ''))
  const imports = importsOf({
    root: plan.root,
    from,
    style: style === 'source' ? 'source' : 'output',
    tsconfig: undefined,
  })
  const bare = style === 'bare' ? (text: string) => text.replace(/\.[cm]?js$/, '') : (text: string) => text
  const options = {
    version: plan.version,
    specifier: (each: string) => bare(imports.specifier(each)),
    publicName: imports.publicName,
  }
  const all: App = { kind: 'startApp', file: from, root: undefined, components: everyComponent(plan) }
  const text = [
    `${GENERATED_MARK} (weavets); write nothing here. Import it first in the file that calls run.`,
    '// @ts-nocheck',
    '/* eslint-disable */',
    '// biome-ignore-all format lint assist: generated',
    generateApp(model, all, options).trim(),
    '',
    registration({ plan, from, running, options }),
    '',
    declaration(model, options.specifier, imports.publicName),
    '',
  ].join('\n')
  return { text, diagnostics }
}

/** Those of the application, dependencies first; a component of a test is that test's. */
function everyComponent({ analysis, root }: Plan): string[] {
  const components = analysis.model.components.filter(
    ({ broken, declaration }) => broken === undefined && !isTestFile(root, join(root, declaration.file)),
  )
  const needs = new Map(components.map((each) => [each.name, needsOf(each)]))
  return inBuildOrder([...needs.keys()].sort(), needs).filter((name) => needs.has(name))
}

function needsOf({ implementation }: Component): string[] {
  const dependencies = implementation?.dependencies ?? []
  const named = dependencies.flatMap((each) => (each.kind === 'component' ? [each.component] : []))
  return [...named, ...(implementation?.reaches ?? [])]
}

interface Registration {
  plan: Plan
  from: string
  running: readonly App[]
  options: Parameters<typeof generateApp>[2]
}

function registration({ plan, from, running, options }: Registration): string {
  const apps = running.flatMap((app) => {
    if (app.root === undefined) return []
    const { name, implementation } = app.root
    const inEntry = implementation.file === app.file
    const shown = inEntry ? { ...implementation, file: from } : implementation
    const entry = entryText(name, shown, 'undefined', { ...app, file: from }, options)
    // The class can't be imported from here, and `run` is handed it.
    const root = inEntry ? entry.replace(/load: .*/, 'load: undefined,') : entry
    const components = app.components.filter((each) => each !== name).map(quote)
    return [
      `    {\n      root: ${root.replaceAll('\n', '\n      ')}\n      inEntry: ${inEntry},\n      components: [${components.join(', ')}],\n    },\n`,
    ]
  })
  const sources = sourceHashes(plan).map(([path, hash]) => `    ${quote(path)}: ${quote(hash)},\n`)
  return `__weave.registerGenerated({
  file: ${quote(from)},
  all: __weave_app,
  apps: [
${apps.join('')}  ],
  sources: {
${sources.join('')}  },
})`
}

/** Names that `get`, `provide` and `fake` take, with the interfaces that they mean. */
function declaration(
  model: AppModel,
  specifier: (file: string) => string,
  publicName: ReturnType<typeof importsOf>['publicName'],
): string {
  const count = new Map<string, number>()
  for (const { shortName } of model.components) count.set(shortName, (count.get(shortName) ?? 0) + 1)
  const members = model.components.flatMap(({ name, shortName, declaration: { file } }) => {
    const found = publicName(file, shortName)
    const type = `import(${quote(found?.specifier ?? specifier(file))}).${found?.exportName ?? shortName}`
    const names = count.get(shortName) === 1 ? [shortName, name] : [name]
    return names.map((each) => `    ${quote(each)}: ${type}\n`)
  })
  return `declare module 'weavets' {\n  interface Components {\n${members.join('')}  }\n}`
}

/** Beside the entry. */
export function defaultFile(plan: Plan, entry: string): string {
  return posix.join(dirname(plan.entry ?? entry), GENERATED_FILE)
}
