/**
 * The analysis: a checker view in, the AppModel and its diagnostics out. It asks what the project declares (find.ts,
 * calls.ts), reads each component's interface (methods.ts, shape.ts), puts implementations together (wiring.ts, apps.ts),
 * and settles everything into plain, sorted data. It never throws on a user's code: what is wrong is a diagnostic, and a
 * component that it concerns is `broken`.
 */

import { posix } from 'node:path'
import type { TypeAnswer } from '../../runtime/configuration.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { CompilerStopped } from '../checker/project.ts'
import type { CheckerView, SourceFile, SymbolHandle } from '../checker/view.ts'
import { oneLine } from '../diagnostics/create.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { applySeverities, type DiagnosticSettings, isOff, settingProblems } from '../diagnostics/severity.ts'
import { applySuppressions } from '../diagnostics/suppress.ts'
import { fromRoot } from '../from-root.ts'
import type { Analysis, AppModel, Component, Implementation, Method } from '../model.ts'
import { Answers } from './answers.ts'
import { makeApps, makeRewrites } from './apps.ts'
import { type FoundCall, findCalls } from './calls.ts'
import { byCodeUnits } from './canonical.ts'
import { Chosen } from './choose.ts'
import { Codecs } from './codecs.ts'
import { reportErrorMembers } from './errors.ts'
import { type FoundComponent, findClasses, findComponents, isTestFile, ownFiles, packagedFiles } from './find.ts'
import { Fixes } from './fixes.ts'
import { hashed, methodHashes } from './hash.ts'
import { lint } from './lint/index.ts'
import { Markers } from './markers.ts'
import { Doubt, type Memory, type PlainMethod, type Recall, refsOfMethods } from './memory.ts'
import { type FoundMethods, MethodReader } from './methods.ts'
import { reportMisplaced } from './misplaced.ts'
import { Names } from './names.ts'
import { Packages } from './packages.ts'
import { referencesOf } from './references.ts'
import { type Crossing, findUnsupported, Reporter, walkShape } from './report.ts'
import { type Culprit, Shapes } from './shape.ts'
import { wayOut } from './way-out.ts'
import { findCycles, type Wired } from './wiring.ts'

export interface AnalyseOptions {
  /** Absolute, forward slashes: what names and files of the model are relative to. */
  root: string
  /** From the root: the file that must call `run`. */
  entry?: string
  /** `implementations` of weave.config.ts. */
  implementations?: Readonly<Record<string, string>>
  /** `types` of weave.config.ts. */
  types?: Readonly<Record<string, TypeAnswer>>
  /** `diagnostics` of weave.config.ts. */
  diagnostics?: DiagnosticSettings
}

/** `memory`: of one project, when it is analysed again and again. The analysis is the same without. */
export function analyse(view: CheckerView, options: AnalyseOptions, memory?: Memory): Analysis {
  const recall = memory?.recall(view, options)
  try {
    return analyseWith(view, options, recall)
  } catch (error) {
    if (error instanceof Doubt) return analyseWith(view, options, recall?.blank())
    throw error
  }
}

function analyseWith(view: CheckerView, options: AnalyseOptions, recall: Recall | undefined): Analysis {
  const root = posix.normalize(options.root.replaceAll('\\', '/')).replace(/(.)\/$/, '$1')
  const reporter = new Reporter(view, root)
  const dependencies = view
    .files()
    .filter((file) => file.origin === 'project')
    .map((file) => file.path)
  let model: AppModel = { components: [], apps: [], codecs: [], errors: [], definitions: {}, rewrites: [] }
  try {
    model = new Analyser(view, { ...options, root }, reporter, recall).run()
  } catch (error) {
    internalError(reporter, undefined, error)
  }
  return { model, diagnostics: settle(view, root, reporter, options.diagnostics ?? {}), dependencies }
}

/** Last of all, so that every host shows the same: what the project's settings and its comments make of the reports. */
function settle(view: CheckerView, root: string, reporter: Reporter, settings: DiagnosticSettings): Diagnostic[] {
  for (const { code, ...problem } of settingProblems(settings)) reporter.add(code, undefined, problem)
  const own = view.files().filter(({ origin, declaration }) => origin === 'project' && !declaration)
  const byFile = new Map(own.map((source) => [fromRoot(root, source.path), source]))
  const diagnostics = applySuppressions({
    diagnostics: reporter.diagnostics,
    files: [...byFile].map(([file, { text }]) => ({ file, text })),
    isLiteral: (file, offset) => view.syntax(byFile.get(file)!).at(offset).kind === 'literal',
    isOff: (code) => isOff(settings, code),
  })
  return applySeverities(diagnostics, settings)
}

function internalError(reporter: Reporter, place: FoundComponent['nameSpan'] | undefined, error: unknown): Diagnostic {
  // Nobody's mistake: the view is dead, and so is all that was asked of it.
  if (error instanceof CompilerStopped || error instanceof Doubt) throw error
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
  /** What the last analysis made of the methods, where that still holds; then `read` is empty. */
  readonly recalled: readonly PlainMethod[] | undefined
  /** What the next analysis may recall. */
  plain: readonly PlainMethod[] | undefined
  methods: Method[]
  broken: string | undefined
}

class Analyser {
  readonly #view: CheckerView
  readonly #options: AnalyseOptions
  readonly #reporter: Reporter
  readonly #markers: Markers
  readonly #shapes: Shapes
  readonly #answers: Answers
  readonly #codecs: Codecs
  /** By symbol; references to them cross. */
  #found: ReadonlyMap<SymbolHandle, FoundComponent> = new Map()
  readonly #packages: Packages
  readonly #names: Names
  readonly #recall: Recall | undefined

  constructor(view: CheckerView, options: AnalyseOptions, reporter: Reporter, recall: Recall | undefined) {
    this.#recall = recall
    this.#view = view
    this.#options = options
    this.#reporter = reporter
    this.#markers = new Markers(view)
    this.#packages = new Packages(options.root)
    const names = new Names(view, options.root, this.#packages)
    this.#names = names
    const about = { view, root: options.root, names, packages: this.#packages }
    this.#answers = new Answers({ ...about, types: options.types ?? {} })
    this.#codecs = new Codecs({ ...about, markers: this.#markers })
    this.#shapes = new Shapes({
      view,
      markers: this.#markers,
      names,
      answers: this.#answers,
      codecs: this.#codecs,
      componentName: (symbol) => this.#found.get(symbol)?.name,
      recalled: (name, declared) => recall?.definition(name, declared),
    })
  }

  run(): AppModel {
    const { root } = this.#options
    const files = ownFiles(this.#view, root, this.#markers)
    this.#checkSyntax(files)
    this.#checkSetup(files)
    const calls = findCalls(this.#view, this.#markers, files)
    const starts = calls.filter((call) => call.marker === 'run' || call.marker === 'startApp')
    const appFiles = new Set(starts.map(({ file }) => file.path))

    const declaring = [...files, ...packagedFiles(this.#view, this.#packages)]
    const classes = findClasses(this.#view, root, this.#markers, declaring, this.#packages)
    const fixes = new Fixes({ view: this.#view, root, classes })
    this.#reporter.fixes = fixes
    const declared = this.#components(declaring, appFiles, fixes)
    this.#found = new Map(declared.map((found) => [found.symbol, found]))
    this.#recall?.begin(declared, this.#packageNames())
    const drafts = declared.map((found) => this.#draft(found, fixes))
    const components = new Map(drafts.map(({ found }) => [found.symbol, found]))
    reportMisplaced({ view: this.#view, reporter: this.#reporter, fixes, components, classes })
    const chosen = new Chosen({
      view: this.#view,
      markers: this.#markers,
      shapes: this.#shapes,
      reporter: this.#reporter,
      fixes,
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
    const found = drafts.map((draft) => draft.found)
    const references = new Map(
      [...byName].map(([name, { methods }]) => [name, referencesOf(methods, this.#shapes.definitions)]),
    )
    const about = { reporter: this.#reporter, root, fixes, references }
    const apps = makeApps({ ...about, starts, roots, components: byName, found, chosen })
    this.#checkEntry(starts, files)
    const inErrors =
      drafts.length > 0
        ? reportErrorMembers({ view: this.#view, shapes: this.#shapes, reporter: this.#reporter, classes })
        : undefined
    this.#remember(drafts)
    this.#answers.report(this.#reporter)
    const rewrites = makeRewrites({
      view: this.#view,
      markers: this.#markers,
      reporter: this.#reporter,
      components,
      calls,
      roots,
    })
    const provided = new Set(found.filter(({ name }) => chosen.isProvided(name)))
    this.#lint({ files, components, classes, provided })
    const errors = classes
      .filter(({ isError, test, declared }) => isError && !test && declared.exportName !== undefined)
      .map(({ name, declared, file }) => {
        const exportName = declared.exportName!
        const codecs = inErrors?.get(name) ?? []
        const at = { file: fromRoot(root, file.path), exportName }
        return { name, className: declared.name || 'default', ...at, ...(codecs.length > 0 && { codecs }) }
      })
    const model = { components: [...byName.values()], apps, codecs: this.#codecs.used(), errors, rewrites }
    return {
      ...model,
      definitions: this.#reachable(
        model.components,
        apps.map((app) => app.root?.implementation),
      ),
    }
  }

  /** A mistake of a rule must not take the model with it. */
  #lint(found: Pick<Parameters<typeof lint>[0], 'files' | 'components' | 'classes' | 'provided'>): void {
    const { root, diagnostics = {} } = this.#options
    const about = { view: this.#view, markers: this.#markers, reporter: this.#reporter, root }
    try {
      lint({ ...about, ...found, isOff: (code) => isOff(diagnostics, code) })
    } catch (error) {
      internalError(this.#reporter, undefined, error)
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
  #components(files: readonly SourceFile[], appFiles: ReadonlySet<string>, fixes: Fixes): FoundComponent[] {
    const byName = new Map<string, FoundComponent>()
    for (const found of findComponents(this.#view, this.#options.root, this.#markers, files, this.#packages)) {
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
        fixes: [fixes.export(found.symbol)],
      })
    }
    return [...byName.values()]
  }

  /** Names of what other packages of a workspace declare begin with them, and a package.json isn't part of the program. */
  #packageNames(): string[] {
    const outside = this.#view
      .files()
      .filter(({ origin, path }) => origin === 'project' && !path.startsWith(`${this.#options.root}/`))
    return [...new Set(outside.map(({ path }) => `${posix.dirname(path)}: ${this.#packages.of(path)?.name}`))]
  }

  #draft(found: FoundComponent, fixes: Fixes): Draft {
    const recalled = this.#recall?.methods(found)
    if (recalled)
      return {
        found,
        read: { methods: [], error: undefined },
        recalled,
        plain: recalled,
        methods: [],
        broken: undefined,
      }
    const before = this.#oddities
    const read = this.#read(found, fixes)
    const plain = this.#oddities === before ? [] : undefined
    return { found, read, recalled, plain, methods: [], broken: read.error && oneLine(read.error) }
  }

  /** If there are none in between, what was read is what the types say. */
  get #oddities(): number {
    return this.#shapes.oddities + this.#reporter.count
  }

  /** Leaves what was found to the next analysis. */
  #remember(drafts: readonly Draft[]): void {
    const recall = this.#recall
    if (!recall) return
    // "Did you mean" and numbers of names are about all that was met, and not all was met again.
    const open = this.#names.numbered || this.#answers.missing
    if (open && recall.isUsed) throw new Doubt('the order in which types are met decides')
    if (open) return
    recall.keep({
      methods: new Map(drafts.flatMap(({ found, plain }) => (plain ? [[found.name, plain] as const] : []))),
      definitions: this.#shapes.definitions,
      doubtful: this.#shapes.doubtful,
      places: this.#names.places(),
    })
  }

  #read(found: FoundComponent, fixes: Fixes): FoundMethods {
    try {
      const reader = { view: this.#view, markers: this.#markers, shapes: this.#shapes, reporter: this.#reporter, fixes }
      return new MethodReader(reader).read(found)
    } catch (error) {
      return { methods: [], error: internalError(this.#reporter, found.nameSpan, error) }
    }
  }

  /** From here on every definition is known: unions are settled, and what can't cross is reported. */
  #settle(drafts: readonly Draft[], wired: readonly Wired[]): void {
    const { definitions, recalled } = this.#shapes
    const needed = [...recalled, ...drafts.flatMap((draft) => refsOfMethods(draft.recalled ?? []))]
    for (const name of this.#recall?.complete(definitions, needed) ?? []) recalled.add(name)
    this.#shapes.settle()
    const hashes = methodHashes(definitions)
    for (const draft of drafts) {
      if (draft.recalled) {
        draft.methods = draft.recalled.map((method) => hashed(method, hashes))
        continue
      }
      const broken: Diagnostic[] = []
      const before = this.#oddities
      const plain = draft.read.methods.map((method) => {
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
        const { name, idempotent, timeoutMs, key, directStream } = method
        const declaration = method.nameSpan && this.#reporter.span(method.nameSpan)
        return {
          name,
          parameters,
          result,
          idempotent,
          timeoutMs,
          key,
          declaration,
          ...(directStream && { directStream: true as const }),
        }
      })
      if (draft.plain && this.#oddities === before) draft.plain = plain
      else draft.plain = undefined
      draft.methods = plain.map((method) => hashed(method, hashes))
      draft.broken ??= broken[0] && oneLine(broken[0])
    }
    for (const each of wired) {
      for (const { dependency, crossing } of each.configs) {
        dependency.shape = this.#shapes.finish(dependency.shape)
        each.error ??=
          this.#reportUnsupported(dependency.shape, crossing)[0] ?? this.#reportInConfig(dependency.shape, crossing)
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
        fixes: [this.#reporter.fixes?.removeKey(place, "Remove 'Key'", true)],
      })
    }
  }

  #reportUnsupported(shape: Shape, crossing: Crossing): Diagnostic[] {
    const found: { culprit: Culprit; path: string }[] = []
    findUnsupported(shape, crossing.subject, this.#shapes.definitions, (unsupported, path) => {
      unsupported.path ||= path
      const culprit = this.#shapes.culprit(unsupported)
      const fix = culprit && wayOut(this.#view, this.#answers, culprit)
      if (culprit) found.push({ culprit: fix === undefined ? culprit : { ...culprit, fix }, path })
    })
    return this.#reporter.crossing(found, crossing)
  }

  /** Values of a config are written in weave.config.ts, and are what they are. */
  #reportInConfig(config: Shape, { subject, place }: Crossing): Diagnostic | undefined {
    let error: Diagnostic | undefined
    walkShape(config, subject, this.#shapes.definitions, (shape, path) => {
      if (error || (shape.kind !== 'component' && shape.kind !== 'custom')) return
      const what = shape.kind === 'component' ? 'a reference to a component' : 'the instance of a class with a codec'
      error = this.#reporter.add(shape.kind === 'component' ? 'WV2010' : 'WV2005', place, {
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
  return {
    name,
    shortName,
    declaration,
    methods,
    implementation,
    provided: chosen.isProvided(name),
    candidates: chosen.candidates(name),
    broken,
  }
}

export type { SymbolHandle }
