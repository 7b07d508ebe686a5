/**
 * The catalogue's examples, compiled: the wrong one gives exactly its code at the marked place, the right one gives nothing and
 * is TypeScript without errors. An entry without an example fails, unless it is listed here with the reason why there can be none.
 */
import { afterAll, describe, expect, test } from 'vitest'
import { configDiagnostics } from '../../cli/project/config.ts'
import { whyNoApp } from '../../cli/project/no-app.ts'
import type { Manifest } from '../../runtime/manifest.ts'
import { createManifest } from '../../transformer/codegen/manifest.ts'
import { compareWithManifest } from '../../transformer/compare/index.ts'
import { CATALOGUE, type Code, type Example, type Sources } from '../../transformer/diagnostics/catalogue.ts'
import type { Diagnostic } from '../../transformer/diagnostics/diagnostic.ts'
import type { AppModel } from '../../transformer/model.ts'
import { openPlan, setupProblem } from '../../transformer/plan.ts'
import { openProject, ts } from '../analyse/project.ts'
import { Project } from '../hosts/project.ts'
import { exampleFiles, places } from './example.ts'

/** What no example can show, and where it is tested instead. */
const WITHOUT: Partial<Record<Code, string>> = {
  WV9007: 'an error of ours; report.test.ts lets a checker fail',
  WV9014: "needs a compiler host of the user's own; test/hosts has one",
}

const project = openProject({ moduleDetection: 'force', module: 'esnext', moduleResolution: 'bundler' })
afterAll(() => project[Symbol.dispose]())

const entries = Object.entries(CATALOGUE) as [Code, (typeof CATALOGUE)[Code]][]
const examples = entries.flatMap(([code, { example }]) => (example ? [{ code, example }] : []))

/** What `weave check` would say: of the warm project, or of one of its own when it has more than sources. */
function diagnosticsOf(sources: Sources, before: Sources | undefined): Diagnostic[] {
  const { files } = exampleFiles(sources)
  if (Object.keys(files).some((path) => !path.startsWith('src/'))) return checked(files)
  const old = before && manifestOf(before)
  project.write(files)
  const { model, diagnostics } = project.analyse()
  if (!old) return diagnostics
  const compared = compareWithManifest({ old, model, app: undefined, read: (file) => files[file] })
  return [...diagnostics, ...compared.diagnostics]
}

function manifestOf(sources: Sources): Manifest {
  project.write(exampleFiles(sources).files)
  const { model, diagnostics } = project.analyse()
  expect(places(diagnostics)).toEqual([])
  return asManifest(model)
}

function asManifest(model: AppModel): Manifest {
  const declaration = { file: 'src/main.ts', start: 0, end: 0 }
  const implementation = {
    className: 'Shop',
    file: 'src/main.ts',
    exportName: 'Shop',
    declaration,
    dependencies: [],
    reaches: [],
  }
  const components = model.components.map((each) => each.name)
  const app = { kind: 'run' as const, file: 'src/main.ts', root: { name: 'src/main.Shop', implementation }, components }
  return createManifest(model, app, { version: '0123456789abcdef', name: 'shop', entry: 'main.mjs' })
}

/** `codes` of the output, in the order of their first mention. */
async function codesOf(sources: Sources, command: string): Promise<string[]> {
  const own = projectOf(exampleFiles(sources).files)
  try {
    const [name, ...args] = command.split(' ')
    const { stdout, stderr } = name === 'weave' ? await own.weave(...args) : await own.node(args)
    return [...new Set(`${stdout}${stderr}`.match(/WV\d{4}/g) ?? [])]
  } finally {
    own.remove()
  }
}

function projectOf(files: Readonly<Record<string, string>>): Project {
  const own = new Project()
  own.link()
  own.write(
    'package.json',
    JSON.stringify({ name: 'example', private: true, type: 'module', dependencies: { weavets: '*' } }),
  )
  for (const [path, text] of Object.entries(files)) {
    // What an example installs takes the place of a link into this repository, never of what the link leads to.
    const installed = /^node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0]
    if (installed !== undefined && own.isLink(installed)) own.remove(installed)
    own.write(path, text)
  }
  return own
}

function checked(files: Readonly<Record<string, string>>): Diagnostic[] {
  const own = projectOf(files)
  try {
    const planner = openPlan({ from: own.folder, cache: false })
    const plan = planner.refresh()
    return [...plan.analysis.diagnostics, ...whyNoApp(plan, planner.entry), ...configDiagnostics(plan)]
  } catch (error) {
    return [setupProblem(error)!]
  } finally {
    own.remove()
  }
}

function typeErrors(): string[] {
  const program = project.program.refresh()
  return program
    .getSourceFiles()
    .filter((file) => file.fileName.startsWith(`${project.root}/src`))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(
      (each) =>
        `${each.file?.fileName.slice(project.root.length + 1)} TS${each.code} ${ts.flattenDiagnosticMessageText(each.messageText, ' ')}`,
    )
}

const bare = (found: readonly string[]): string[] => found.map((each) => each.replace(/^WV\d+ /, ''))

describe('the wrong example', () => {
  test.for(examples)('$code', async ({ code, example }: { code: Code; example: Example }) => {
    if (example.command) return expect(await codesOf(example.wrong, example.command.wrong)).toEqual([code])
    const { marks } = exampleFiles(example.wrong)
    const found = places(diagnosticsOf(example.wrong, example.before))
    expect(found).toEqual(marks.length > 0 ? marks.map((mark) => `${code} ${mark}`) : found.map(() => code))
    expect(bare(found)).not.toEqual([])
  })
})

describe('the right example', () => {
  test.for(examples)('$code', async ({ example }: { example: Example }) => {
    if (example.command) return expect(await codesOf(example.right, example.command.right)).toEqual([])
    expect(places(diagnosticsOf(example.right, example.before))).toEqual([])
    project.write(
      Object.fromEntries(Object.entries(exampleFiles(example.right).files).filter(([path]) => path.startsWith('src/'))),
    )
    expect(typeErrors()).toEqual([])
  })
})

test('every entry has an example', () => {
  const missing = entries.filter(([code, { example }]) => !example && !WITHOUT[code]).map(([code]) => code)
  expect(missing).toEqual([])
})
