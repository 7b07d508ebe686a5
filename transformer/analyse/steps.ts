/**
 * What an analysis does, in order: it asks what the project declares (find.ts, calls.ts), reads each component's interface (drafts.ts),
 * puts implementations together (choose.ts, apps.ts), settles everything into plain, sorted data, and prepares a look at the code that calls
 * components (lint/). In goes a checker view, out comes the AppModel; what is wrong is in the reporter.
 */
import { posix } from 'node:path'
import type { CheckerView, SourceFile, SymbolHandle } from '../checker/view.ts'
import { oneLine } from '../diagnostics/create.ts'
import { isOff } from '../diagnostics/severity.ts'
import { fromRoot } from '../from-root.ts'
import type { AppModel, ErrorClass } from '../model.ts'
import { Doubt, type Recall } from './again/memory.ts'
import { findCalls } from './declared/calls.ts'
import { declaredComponents, reportComponentNames } from './declared/components.ts'
import { reportErrorMembers } from './declared/errors.ts'
import {
  type FoundClass,
  type FoundComponent,
  findClasses,
  findComponents,
  ownFiles,
  packagedFiles,
} from './declared/find.ts'
import { Markers } from './declared/markers.ts'
import { reportMisplaced } from './declared/misplaced.ts'
import { Names } from './declared/names.ts'
import { Packages } from './declared/packages.ts'
import { thrownOfPackages } from './declared/thrown.ts'
import type { AnalyseOptions } from './index.ts'
import { Lint } from './lint/index.ts'
import { type Draft, Drafts, finished } from './methods/drafts.ts'
import { reachedDefinitions, referencesOf } from './methods/references.ts'
import { Fixes } from './report/fixes.ts'
import type { Reporter } from './report/report.ts'
import { checkEntry, checkSetup, checkSyntax } from './setup.ts'
import { Answers } from './types/answers.ts'
import { Codecs } from './types/codecs.ts'
import { Shapes } from './types/shape.ts'
import { makeApps, makeRewrites } from './wiring/apps.ts'
import { Chosen } from './wiring/choose.ts'
import { reportCycles } from './wiring/cycles.ts'

export class Steps {
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

  /** `lint` has looked at no file yet. */
  run(): { readonly model: AppModel; readonly lint: Lint } {
    const { root, entry } = this.#options
    const about = { view: this.#view, markers: this.#markers, reporter: this.#reporter, root }
    const files = ownFiles(this.#view, root, this.#markers)
    const setup = { ...about, entry, files }
    checkSyntax(setup)
    checkSetup(setup)
    const calls = findCalls(this.#view, this.#markers, files)
    const starts = calls.filter((call) => call.marker === 'run' || call.marker === 'startApp')
    const appFiles = new Set(starts.map(({ file }) => file.path))

    const declaring = [...files, ...packagedFiles(this.#view, this.#packages)]
    const recall = this.#recall
    const finding = { ...about, files: declaring, packages: this.#packages, recall }
    const all = findComponents(finding)
    const declared = declaredComponents(root, all, appFiles)
    this.#found = new Map(declared.components.map((found) => [found.symbol, found]))
    this.#recall?.begin(declared.components, this.#packageNames())
    this.#expect(declared.components)
    const components = this.#found
    const classes = findClasses({ ...finding, components })
    const fixes = new Fixes({ view: this.#view, root, classes })
    this.#reporter.fixes = fixes
    reportComponentNames(declared, { reporter: this.#reporter, fixes, appFiles })

    const drafting = new Drafts({ ...about, shapes: this.#shapes, answers: this.#answers, fixes, recall })
    const drafts = declared.components.map((found) => drafting.read(found))
    reportMisplaced({ ...about, fixes, components, classes, recall })
    const { implementations = {} } = this.#options
    const shapes = this.#shapes
    const chosen = new Chosen({
      ...about,
      shapes,
      fixes,
      components,
      classes,
      calls,
      appFiles,
      implementations,
      recall,
    })
    const roots = chosen.roots(starts)
    drafting.settle(drafts, [...chosen.wired(), ...roots.values()])
    markBroken(drafts, chosen)
    reportCycles(drafts, chosen, this.#reporter)

    const byName = new Map(drafts.map((draft) => [draft.found.name, finished(draft, chosen)]))
    const references = referencesOf([...byName.values()], shapes.definitions)
    const found = declared.components
    const apps = makeApps({ ...about, fixes, references, starts, roots, components: byName, found, chosen })
    checkEntry(setup, starts)
    const errors = this.#errorClasses(classes, files, drafts.length > 0)
    this.#answers.report(this.#reporter)
    const rewrites = makeRewrites({ ...about, components, calls, roots })
    const provided = new Set(declared.components.filter(({ name }) => chosen.isProvided(name)))
    const { diagnostics = {} } = this.#options
    const lint = new Lint({
      ...about,
      files,
      components,
      classes,
      provided,
      recall,
      isOff: (code) => isOff(diagnostics, code),
    })
    chosen.remember()
    this.#remember(drafts)
    const model = { components: [...byName.values()], apps, codecs: this.#codecs.used(), errors, rewrites }
    const implementing = apps.map((app) => app.root?.implementation)
    const definitions = reachedDefinitions(model.components, implementing, shapes.definitions)
    return { model: { ...model, definitions }, lint }
  }

  #expect(components: readonly FoundComponent[]): void {
    const of = Map.groupBy(components, (found) => (this.#recall?.methods(found) ? 'known' : 'whole'))
    this.#view.expect?.({
      whole: (of.get('whole') ?? []).map(({ symbol }) => symbol),
      known: (of.get('known') ?? []).map(({ symbol }) => symbol),
      isKnown: (file, name) => this.#recall?.hasDefinition(file, name) === true,
    })
  }

  /** Names of what other packages of a workspace declare begin with them, and a package.json isn't part of the program. */
  #packageNames(): string[] {
    const outside = this.#view
      .files()
      .filter(({ origin, path }) => origin === 'project' && !path.startsWith(`${this.#options.root}/`))
    return [...new Set(outside.map(({ path }) => `${posix.dirname(path)}: ${this.#packages.of(path)?.name}`))]
  }

  /** Those that an application's calls may throw to others, with what their fields need. Without a component nothing crosses. */
  #errorClasses(classes: readonly FoundClass[], files: readonly SourceFile[], crossing: boolean): ErrorClass[] {
    const about = { view: this.#view, shapes: this.#shapes, reporter: this.#reporter, classes }
    const inErrors = crossing ? reportErrorMembers(about) : undefined
    const { root } = this.#options
    const thrown = crossing ? thrownOfPackages({ view: this.#view, root, files, packages: this.#packages }) : []
    const own = classes
      .filter(({ isError, test, declared }) => isError && !test && declared.exportName !== undefined)
      .map(({ name, declared, file }) => {
        const codecs = inErrors?.get(name) ?? []
        const at = { file: fromRoot(root, file.path), exportName: declared.exportName! }
        return { name, className: declared.name || 'default', ...at, ...(codecs.length > 0 && { codecs }) }
      })
    return [...own, ...thrown]
  }

  /** Leaves what was found to the next analysis. */
  #remember(drafts: readonly Draft[]): void {
    const recall = this.#recall
    if (!recall) return
    // "Did you mean" and numbers of names are about all that was met, and not all was met again.
    const open = this.#names.numbered || this.#answers.missing
    if (open && recall.usesTypes) throw new Doubt('the order in which types are met decides')
    const methods = new Map(drafts.flatMap(({ found, plain }) => (plain ? [[found.name, plain] as const] : [])))
    const { definitions, doubtful } = this.#shapes
    recall.keep(open ? undefined : { methods, definitions, doubtful, places: this.#names.places() })
  }
}

function markBroken(drafts: readonly Draft[], chosen: Chosen): void {
  for (const draft of drafts) {
    const error = chosen.of(draft.found.name)?.error ?? chosen.errorOf(draft.found.name)
    draft.broken ??= error && oneLine(error)
  }
}
