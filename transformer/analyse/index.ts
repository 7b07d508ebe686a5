/**
 * The analysis: a checker view in, the AppModel and its diagnostics out. It asks what the project declares (find.ts,
 * calls.ts), reads each component's interface (methods.ts, shape.ts), puts implementations together (wiring.ts, apps.ts),
 * and settles everything into plain, sorted data. It never throws on a user's code: what is wrong is a diagnostic, and a
 * component that it concerns is `broken`.
 */
import { posix } from 'node:path'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import type { CheckerView, SourceFile, SymbolHandle } from '../checker/view.ts'
import { oneLine } from '../diagnostics/create.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Analysis, AppModel, Component, Implementation, Method } from '../model.ts'
import { makeApps, makeRewrites } from './apps.ts'
import { type FoundCall, findCalls } from './calls.ts'
import { byCodeUnits, methodHash } from './canonical.ts'
import { Chosen } from './choose.ts'
import { type FoundComponent, findClasses, findComponents, isTestFile, ownFiles } from './find.ts'
import { Markers } from './markers.ts'
import { type FoundMethods, MethodReader } from './methods.ts'
import { reportMisplaced } from './misplaced.ts'
import { Names } from './names.ts'
import { type Crossing, findUnsupported, Reporter } from './report.ts'
import { type Culprit, Shapes } from './shape.ts'
import { findCycles, type Wired } from './wiring.ts'

export interface AnalyseOptions {
  /** Absolute, forward slashes: what names and files of the model are relative to. */
  root: string
  /** From the root: the file that must call `run`. */
  entry?: string
  /** `implementations` of weave.config.ts. */
  implementations?: Readonly<Record<string, string>>
}

export function analyse(view: CheckerView, options: AnalyseOptions): Analysis {
  const root = posix.normalize(options.root.replaceAll('\\', '/')).replace(/(.)\/$/, '$1')
  const reporter = new Reporter(view, root)
  const dependencies = view
    .files()
    .filter((file) => file.origin === 'project')
    .map((file) => file.path)
  let model: AppModel = { components: [], apps: [], errors: [], definitions: {}, rewrites: [] }
  try {
    model = new Analyser(view, { ...options, root }, reporter).run()
  } catch (error) {
    internalError(reporter, undefined, error)
  }
  return { model, diagnostics: reporter.diagnostics, dependencies }
}

function internalError(reporter: Reporter, place: FoundComponent['nameSpan'] | undefined, error: unknown): Diagnostic {
  return reporter.add('WV9007', place, {
    message: `weave could not analyse this: ${error instanceof Error ? error.message : String(error)}.`,
    why: 'this is an error of weave, not of your program',
    fix: 'please report it with this code',
  })
}

/** One mistake makes a parser stumble many times. */
const SYNTAX_ERRORS_MAX = 5

/** A component while the parts of its final form come together. */
interface Draft {
  readonly found: FoundComponent
  readonly read: FoundMethods
  methods: Method[]
  broken: string | undefined
}

class Analyser {
  readonly #view: CheckerView
  readonly #options: AnalyseOptions
  readonly #reporter: Reporter
  readonly #markers: Markers
  readonly #shapes: Shapes

  constructor(view: CheckerView, options: AnalyseOptions, reporter: Reporter) {
    this.#view = view
    this.#options = options
    this.#reporter = reporter
    this.#markers = new Markers(view)
    this.#shapes = new Shapes(view, this.#markers, new Names(view, options.root))
  }

  run(): AppModel {
    const { root } = this.#options
    const files = ownFiles(this.#view, root, this.#markers)
    this.#checkSyntax(files)
    this.#checkSetup(files)
    const calls = findCalls(this.#view, this.#markers, files)
    const starts = calls.filter((call) => call.marker === 'run' || call.marker === 'startApp')
    const appFiles = new Set(starts.map(({ file }) => file.path))

    const drafts = this.#components(files, appFiles).map((found): Draft => {
      const read = this.#read(found)
      return { found, read, methods: [], broken: read.error && oneLine(read.error) }
    })
    const components = new Map(drafts.map(({ found }) => [found.symbol, found]))
    const classes = findClasses(this.#view, root, this.#markers, files)
    reportMisplaced({ view: this.#view, reporter: this.#reporter, components, classes })
    const chosen = new Chosen({
      view: this.#view,
      markers: this.#markers,
      shapes: this.#shapes,
      reporter: this.#reporter,
      root,
      components,
      classes,
      calls,
      appFiles,
      implementations: this.#options.implementations ?? {},
    })
    const roots = chosen.roots(starts)
    this.#settle(drafts, [...chosen.wired(), ...roots.values()])
    this.#markBroken(drafts, chosen)
    this.#reportCycles(drafts, chosen)

    const byName = new Map(drafts.map((draft) => [draft.found.name, finished(draft, chosen)]))
    const apps = makeApps({ reporter: this.#reporter, root, starts, roots, components: byName, chosen })
    this.#checkEntry(starts, files)
    const rewrites = makeRewrites({
      view: this.#view,
      markers: this.#markers,
      reporter: this.#reporter,
      components,
      calls,
      roots,
    })
    const errors = classes
      .filter(({ isError, test, declared }) => isError && !test && declared.exportName !== undefined)
      .map(({ name, declared, file }) => {
        const exportName = declared.exportName!
        return { name, className: declared.name || 'default', file: posix.relative(root, file.path), exportName }
      })
    const model = { components: [...byName.values()], apps, errors, rewrites }
    return {
      ...model,
      definitions: this.#reachable(
        model.components,
        apps.map((app) => app.root?.implementation),
      ),
    }
  }

  #checkSyntax(files: readonly SourceFile[]): void {
    const errors = files.flatMap((file) => this.#view.syntaxErrors(file))
    for (const [at, { message, ...place }] of errors.slice(0, SYNTAX_ERRORS_MAX).entries()) {
      const more = at === SYNTAX_ERRORS_MAX - 1 ? errors.length - SYNTAX_ERRORS_MAX : 0
      this.#reporter.add('WV9015', place, {
        message: `${message.replace(/\.$/, '')}${more > 0 ? `; and ${more} more errors of syntax` : ''}.`,
        why: 'the file is not TypeScript, so what is read from it may be wrong',
        fix: 'correct it first; `tsc --noEmit` shows the same error',
      })
    }
  }

  #checkSetup(files: readonly SourceFile[]): void {
    const named = files.find(({ text }) => /\bfrom\s*['"]weavets['"]/.test(text))
    if (!this.#markers.found && (this.#options.entry !== undefined || named)) {
      this.#reporter.add('WV9011', undefined, {
        message: named ? "The import of 'weavets' was not found." : "No file of the program imports 'weavets'.",
        why: 'its types say what a component is',
        fix: "install it ('npm install weavets'), and let tsconfig.json include the application",
      })
    }
    if (this.#markers.found && !this.#view.strictNullChecks) {
      this.#reporter.add('WV9001', undefined, {
        message: "'strictNullChecks' is off.",
        why: "without it 'string | null' and 'string' cannot be told apart",
        fix: `set "strict": true in tsconfig.json`,
      })
    }
  }

  /** Those of the application, and those that a file which starts an application declares for itself. */
  #components(files: readonly SourceFile[], appFiles: ReadonlySet<string>): FoundComponent[] {
    const byName = new Map<string, FoundComponent>()
    for (const found of findComponents(this.#view, this.#options.root, this.#markers, files)) {
      if (isTestFile(this.#options.root, found.file.path) && !appFiles.has(found.file.path)) continue
      const other = byName.get(found.name)
      if (!other) {
        byName.set(found.name, found)
        continue
      }
      this.#reporter.add('WV1008', found.nameSpan, {
        message: `Two components are called '${found.name}'.`,
        why: 'a name is the path without its extension, and the interface',
        fix: 'rename one of the interfaces, or one of the files',
        related: [{ place: other.nameSpan, message: 'the other one' }],
      })
    }
    for (const found of byName.values()) {
      if (found.exported || appFiles.has(found.file.path)) continue
      this.#reporter.add('WV1013', found.nameSpan, {
        message: `The component '${found.shortName}' must be exported.`,
        why: 'other modules, and the manifest, name a component by its interface',
        fix: "add 'export'",
      })
    }
    return [...byName.values()]
  }

  #read(found: FoundComponent): FoundMethods {
    try {
      const reader = { view: this.#view, markers: this.#markers, shapes: this.#shapes, reporter: this.#reporter }
      return new MethodReader(reader).read(found)
    } catch (error) {
      return { methods: [], error: internalError(this.#reporter, found.nameSpan, error) }
    }
  }

  /** From here on every definition is known: unions are settled, and what can't cross is reported. */
  #settle(drafts: readonly Draft[], wired: readonly Wired[]): void {
    const { definitions } = this.#shapes
    const settled = Object.entries(definitions).map(([name, shape]) => [name, this.#shapes.finish(shape)] as const)
    for (const [name, shape] of settled) definitions[name] = shape
    for (const draft of drafts) {
      const broken: Diagnostic[] = []
      draft.methods = draft.read.methods.map((method) => {
        const cross = (shape: Shape, crossing: Crossing): Shape => {
          const finished = this.#shapes.finish(shape)
          broken.push(...this.#reportUnsupported(finished, crossing))
          return finished
        }
        const parameters = method.parameters.map(({ crossing, shape, ...rest }) => ({
          ...rest,
          shape: cross(shape, crossing),
        }))
        const result = cross(method.result.shape, method.result.crossing)
        const { name, idempotent, timeoutMs, key } = method
        const made = { name, parameters, result, idempotent, timeoutMs, key }
        return { ...made, hash: methodHash(made, definitions) }
      })
      draft.broken ??= broken[0] && oneLine(broken[0])
    }
    for (const each of wired) {
      for (const { dependency, crossing } of each.configs) {
        dependency.shape = this.#shapes.finish(dependency.shape)
        each.error ??= this.#reportUnsupported(dependency.shape, crossing)[0]
      }
    }
    const seen = new Set<string>()
    for (const place of this.#shapes.keysInData) {
      const key = `${place.file}:${place.start}`
      if (seen.has(key) || place.file.includes('/node_modules/')) continue
      seen.add(key)
      this.#reporter.add('WV1014', place, {
        message: "'Key<T>' inside data routes nothing.",
        why: 'only a parameter that is itself a Key<T> chooses the replica',
        fix: "write 'T' alone, and pass the key as a parameter",
      })
    }
  }

  #reportUnsupported(shape: Shape, crossing: Crossing): Diagnostic[] {
    const found: { culprit: Culprit; path: string }[] = []
    findUnsupported(shape, crossing.subject, this.#shapes.definitions, (unsupported, path) => {
      unsupported.path ||= path
      const culprit = this.#shapes.culprit(unsupported)
      if (culprit) found.push({ culprit, path })
    })
    return this.#reporter.crossing(found, crossing)
  }

  #markBroken(drafts: readonly Draft[], chosen: Chosen): void {
    for (const draft of drafts) {
      const error = chosen.of(draft.found.name)?.error ?? chosen.errorOf(draft.found.name)
      draft.broken ??= error && oneLine(error)
    }
  }

  #reportCycles(drafts: readonly Draft[], chosen: Chosen): void {
    const names = new Map(drafts.map(({ found }) => [found.name, found.shortName]))
    const edges = new Map(drafts.map(({ found }) => [found.name, chosen.constructorDependencies(found.name)]))
    for (const cycle of findCycles(edges)) {
      const arrows = cycle.map((from, at) => ({ from, to: cycle[(at + 1) % cycle.length]! }))
      const [first, ...rest] = arrows.map(({ from, to }) => ({
        place: chosen.of(from)!.places.get(to)!,
        message: `'${names.get(from)}' takes '${names.get(to)}' here`,
      }))
      const diagnostic = this.#reporter.add('WV3003', first!.place, {
        message: `${[...cycle, cycle[0]!].map((name) => names.get(name)).join(' → ')}: none can be constructed first.`,
        why: 'a component is constructed after what its constructor takes',
        fix: `let one of them ask for the other when it needs it, with get<${names.get(arrows.at(-1)!.to)}>()`,
        related: rest,
      })
      for (const draft of drafts) if (cycle.includes(draft.found.name)) draft.broken ??= oneLine(diagnostic)
    }
  }

  #checkEntry(starts: readonly FoundCall[], files: readonly SourceFile[]): void {
    const { entry, root } = this.#options
    if (entry === undefined || !this.#markers.found) return
    const path = posix.resolve(root, entry.replaceAll('\\', '/'))
    if (starts.some(({ marker, file }) => marker === 'run' && file.path === path)) return
    const file = files.find((each) => each.path === path)
    this.#reporter.add('WV9010', file && { file: path, start: 0, end: Math.max(0, file.text.indexOf('\n')) }, {
      message: file ? `The entry '${entry}' does not call 'run'.` : `The entry '${entry}' is not part of the program.`,
      why: 'an application starts where its entry calls run(Root)',
      fix: file
        ? "call 'run' of weavets in it, or set another 'entry' in weave.config.ts"
        : "create it, or set another 'entry' in weave.config.ts",
    })
  }

  /** Definitions that healthy components and configs need, by name. */
  #reachable(components: readonly Component[], roots: readonly (Implementation | undefined)[]): Definitions {
    const needed = new Set<string>()
    const mark = (shape: Shape): void => findUnsupported(shape, '', this.#shapes.definitions, () => {}, needed)
    const healthy = components.filter((each) => each.broken === undefined)
    for (const { methods } of healthy) {
      for (const { parameters, result } of methods)
        for (const shape of [...parameters.map((each) => each.shape), result]) mark(shape)
    }
    for (const implementation of [...healthy.map((each) => each.implementation), ...roots]) {
      for (const each of implementation?.dependencies ?? []) if (each.kind === 'config') mark(each.shape)
    }
    return Object.fromEntries([...needed].sort(byCodeUnits).map((name) => [name, this.#shapes.definitions[name]!]))
  }
}

function finished({ found, methods, broken }: Draft, chosen: Chosen): Component {
  const { name, shortName, file, nameSpan } = found
  const declaration = { file: chosen.relative(file.path), start: nameSpan.start, end: nameSpan.end }
  const implementation = chosen.of(name)?.implementation
  return { name, shortName, declaration, methods, implementation, provided: chosen.isProvided(name), broken }
}

export type { SymbolHandle }
