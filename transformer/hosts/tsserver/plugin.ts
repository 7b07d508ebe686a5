/**
 * The plugin of TypeScript's own language server (tsserver, TypeScript 6 and before). It takes the language service that an editor
 * talks to and gives one back that also knows boundaries: diagnostics as you type, quick fixes, hover, completion. Everything else
 * passes through. An error of ours is logged, and the editor gets the answer that it would have had without us.
 *
 * Bundled into one CommonJS file (scripts/language-service.js): tsserver `require`s a plugin, in whatever Node the editor brings.
 */
import { relative } from 'node:path'
import type * as TS from 'typescript'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { type Action, actionsAt, fixAll } from '../../editor/actions.ts'
import { type Completion, completionsAt } from '../../editor/completion.ts'
import { hoverAt } from '../../editor/hover.ts'
import { UNRESOLVED } from '../../editor/places.ts'
import { changesOf, codeNumber, convertDiagnostic, ownCodes } from './convert.ts'
import { type ConfigProblems, PlanSource } from './plans.ts'

export interface PluginOptions {
  /** What is wrong in weave.config.ts; given by who knows the deployer's rules. */
  configProblems?: ConfigProblems
}

type Service = TS.LanguageService

/** As tsserver calls what a plugin exports. */
export type PluginFactory = (host: { typescript: typeof TS }) => TS.server.PluginModule

export function languageServicePlugin(options: PluginOptions = {}): PluginFactory {
  return ({ typescript: ts }) => ({
    create: (info) => new Plugin(ts, info, options).service(),
  })
}

const FIX_NAME = 'weave'

/** A type that isn't known, where TypeScript says why: one mistake, one error. */
function isFollowUp({ code, start, end }: Diagnostic, theirs: readonly TS.Diagnostic[]): boolean {
  if (code !== UNRESOLVED) return false
  return theirs.some(
    (each) => each.start !== undefined && each.start <= end && start <= each.start + (each.length ?? 0),
  )
}

class Plugin {
  readonly #ts: typeof TS
  readonly #info: TS.server.PluginCreateInfo
  readonly #plans: PlanSource
  /** What was offered last, for the question about its details that follows. */
  #offered: { path: string; completion: Completion } | undefined

  constructor(ts: typeof TS, info: TS.server.PluginCreateInfo, options: PluginOptions) {
    this.#ts = ts
    this.#info = info
    const readFile = (path: string): string | undefined => {
      // Any buffer that is open, also one of another project.
      const open = info.project.projectService.getScriptInfo(path)
      const snapshot = open?.getSnapshot() ?? info.languageServiceHost.getScriptSnapshot(path)
      return snapshot?.getText(0, snapshot.getLength()) ?? ts.sys.readFile(path)
    }
    const log = (text: string): void => info.project.projectService.logger.info(`weave: ${text}`)
    this.#plans = new PlanSource({ ts, readFile, log, configProblems: options.configProblems })
  }

  /** The one below, with our methods in place of its own. */
  service(): Service {
    const below = this.#info.languageService
    const wrapped = Object.create(null) as Record<string, unknown>
    for (const [name, method] of Object.entries(below))
      wrapped[name] = typeof method === 'function' ? method.bind(below) : method
    const own: Partial<Service> = {
      getSemanticDiagnostics: (path) => this.#diagnostics(path),
      getCodeFixesAtPosition: (...args) => this.#codeFixes(...args),
      getCombinedCodeFix: (...args) => this.#combinedFix(...args),
      getSupportedCodeFixes: (path) => [...below.getSupportedCodeFixes(path), ...ownCodes()],
      getQuickInfoAtPosition: (...args) => this.#quickInfo(...args),
      getCompletionsAtPosition: (...args) => this.#completions(...args),
      getCompletionEntryDetails: (...args) => this.#completionDetails(...args),
    }
    return Object.assign(wrapped, own) as unknown as Service
  }

  /** `prior` is what the editor gets when we have nothing to add, or fail. */
  #adding<T>(what: string, prior: T, add: (prior: T) => T): T {
    try {
      return add(prior)
    } catch (error) {
      this.#plans.log(`${what}: ${error instanceof Error ? error.stack : String(error)}`)
      return prior
    }
  }

  #diagnostics(path: string): TS.Diagnostic[] {
    const below = this.#info.languageService
    return this.#adding('diagnostics', below.getSemanticDiagnostics(path), (prior) => {
      const planned = this.#plans.of(below.getProgram())
      const own = planned?.diagnosticsOf(path) ?? []
      if (planned === undefined || own.length === 0) return prior
      const shown = own.filter((each) => !isFollowUp(each, prior))
      return [...prior, ...shown.map((each) => convertDiagnostic(this.#ts, planned, path, each))]
    })
  }

  #codeFixes(...[path, start, end, codes, format, preferences]: Parameters<Service['getCodeFixesAtPosition']>) {
    const below = this.#info.languageService
    // A code that TypeScript doesn't know makes it fail.
    const theirs = codes.filter((code) => !ownCodes().includes(String(code)))
    const prior =
      theirs.length > 0 || codes.length === 0
        ? below.getCodeFixesAtPosition(path, start, end, theirs, format, preferences)
        : []
    return this.#adding('code fixes', prior, () => {
      const planned = theirs.length < codes.length ? this.#plans.of(below.getProgram()) : undefined
      if (planned === undefined) return prior
      const { plan } = planned
      const file = relative(plan.root, path).replaceAll('\\', '/')
      const found = actionsAt(plan, file, start, end)
      const wanted = found.filter(({ diagnostic }) => codes.includes(codeNumber(diagnostic.code)))
      const all = plan.diagnosticsOf(file).flatMap((each) => each.fixes?.map((fix) => fix.id) ?? [])
      return [...wanted.map((each) => this.#fixAction(each, all.filter((id) => id === each.id).length > 1)), ...prior]
    })
  }

  #fixAction({ title, id, edits }: Action, several: boolean): TS.CodeFixAction {
    const { plan } = this.#plans.last!
    return {
      fixName: FIX_NAME,
      description: title,
      changes: changesOf(plan.root, edits),
      ...(several && { fixId: `${FIX_NAME}:${id}`, fixAllDescription: `${title} (and all like it)` }),
    }
  }

  #combinedFix(...args: Parameters<Service['getCombinedCodeFix']>): TS.CombinedCodeActions {
    const [scope, fixId] = args
    const own =
      typeof fixId === 'string' && fixId.startsWith(`${FIX_NAME}:`) ? fixId.slice(FIX_NAME.length + 1) : undefined
    const below = this.#info.languageService
    if (own === undefined) return below.getCombinedCodeFix(...args)
    return this.#adding('fix all', { changes: [] }, (prior: TS.CombinedCodeActions) => {
      const planned = this.#plans.of(below.getProgram())
      if (planned === undefined) return prior
      const { root } = planned.plan
      const file = relative(root, scope.fileName).replaceAll('\\', '/')
      return { changes: changesOf(root, fixAll(planned.plan, own, file)) }
    })
  }

  #quickInfo(...args: Parameters<Service['getQuickInfoAtPosition']>): TS.QuickInfo | undefined {
    const below = this.#info.languageService
    const [path, position] = args
    return this.#adding('hover', below.getQuickInfoAtPosition(...args), (prior) => {
      const planned = this.#plans.of(below.getProgram())
      const hover = planned && hoverAt(planned.plan, path, position)
      if (hover === undefined) return prior
      const { unknown } = this.#ts.ScriptElementKind
      const textSpan = { start: hover.start, length: hover.end - hover.start }
      const before = prior ?? { kind: unknown, kindModifiers: '', textSpan }
      const documentation = before.documentation ?? []
      const gap = documentation.length > 0 ? '\n\n' : ''
      return { ...before, documentation: [...documentation, { kind: 'text', text: gap + hover.markdown }] }
    })
  }

  #completions(
    ...args: Parameters<Service['getCompletionsAtPosition']>
  ): TS.WithMetadata<TS.CompletionInfo> | undefined {
    const below = this.#info.languageService
    const [path, position] = args
    this.#offered = undefined
    return this.#adding('completion', below.getCompletionsAtPosition(...args), (prior) => {
      // What is typed is no program yet: the last plan knows the names.
      const planned = this.#plans.last ?? this.#plans.of(below.getProgram())
      const completion = planned && completionsAt(planned.plan, path, this.#plans.readFile(path) ?? '', position)
      if (completion === undefined) return prior
      this.#offered = { path, completion }
      const { constElement, jsxAttribute } = this.#ts.ScriptElementKind
      const entries = completion.items.map(({ label, insert }): TS.CompletionEntry => {
        const kind = completion.kind === 'tag' ? jsxAttribute : constElement
        const replacementSpan = { start: completion.start, length: completion.end - completion.start }
        return { name: label, kind, kindModifiers: '', sortText: '0', insertText: insert, replacementSpan }
      })
      const none = { isGlobalCompletion: false, isMemberCompletion: false, isNewIdentifierLocation: false, entries: [] }
      const before = prior ?? none
      return { ...before, entries: [...entries, ...before.entries] }
    })
  }

  #completionDetails(...args: Parameters<Service['getCompletionEntryDetails']>): TS.CompletionEntryDetails | undefined {
    const [path, , name] = args
    const offered = this.#offered?.path === path ? this.#offered.completion : undefined
    const item = offered?.items.find((each) => each.label === name)
    if (item === undefined) return this.#info.languageService.getCompletionEntryDetails(...args)
    return {
      name,
      kind: this.#ts.ScriptElementKind.constElement,
      kindModifiers: '',
      displayParts: [{ kind: 'text', text: item.detail }],
      documentation: [{ kind: 'text', text: item.documentation }],
    }
  }
}
