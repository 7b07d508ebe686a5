/**
 * All that an editor has open, and our answers about it: which project a file belongs to, its diagnostics, hovers, completions and
 * actions, in the words of the protocol. Synchronous and blocking, since TypeScript is; it lives in a worker (worker.ts), so that
 * nothing which is relayed to an editor waits for it.
 */
import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type {
  CodeAction,
  CompletionItem,
  Hover,
  Diagnostic as LspDiagnostic,
  Position,
  Range,
} from 'vscode-languageserver'
import { CONFIG_FILES } from '../../../runtime/config/config-file.ts'
import { actionsAt, fixAll, fixAllSafe } from '../../editor/actions.ts'
import { completionsAt } from '../../editor/completion.ts'
import { hoverAt } from '../../editor/hover.ts'
import { Lines } from '../../editor/lines.ts'
import { convertAction, convertCompletion, convertDiagnostic, convertEdits } from './convert.ts'
import { type ConfigProblems, isBelow, Project } from './project.ts'

export interface WorkspaceInput {
  readonly typescript?: string | undefined
  readonly configProblems?: ConfigProblems | undefined
  log(text: string): void
}

export interface FileDiagnostics {
  readonly path: string
  readonly items: LspDiagnostic[]
}

export interface ActionQuestion {
  readonly path: string
  readonly range: Range
  /** Kinds that are wanted; undefined for all. */
  readonly only: readonly string[] | undefined
  /** The editor can be told to make a file. */
  readonly creates: boolean
}

/** Every fix of ours in a file that needs nobody's consent. */
export const FIX_ALL_KIND = 'source.fixAll.weave'

export class EditorWorkspace {
  readonly #input: WorkspaceInput
  readonly #buffers = new Map<string, string>()
  /** By the tsconfig's path. */
  readonly #projects = new Map<string, Project>()
  /** Folder → the tsconfig that is nearest above; forgotten when files come or go. */
  readonly #tsconfigs = new Map<string, string | undefined>()

  constructor(input: WorkspaceInput) {
    this.#input = input
  }

  /** A buffer was opened or changed; undefined when it was closed. */
  setBuffer(path: string, text: string | undefined): void {
    if (text === undefined) this.#buffers.delete(path)
    else this.#buffers.set(path, text)
    // Each project whose folder it is below, since it may belong to the program of any.
    for (const project of this.#projects.values()) if (isBelow(path, project.root)) project.touch(path)
  }

  /** Files changed on disk. */
  filesChanged(): void {
    this.#tsconfigs.clear()
    for (const [tsconfig, project] of this.#projects) {
      if (existsSync(tsconfig)) project.touch()
      else {
        project.close()
        this.#projects.delete(tsconfig)
      }
    }
  }

  /** Of all files of the projects that have an open buffer, also of those that aren't open themselves. */
  diagnostics(): FileDiagnostics[] {
    const found = new Map<string, LspDiagnostic[]>()
    const open = new Set([...this.#buffers.keys()].flatMap((path) => this.#projectOf(path) ?? []))
    for (const project of open) {
      for (const [path, items] of project.diagnostics()) {
        // A file of two programs is judged by the one that is nearest to it.
        if (!isSource(path) || this.#projectOf(path) === project) found.set(path, items)
      }
    }
    return [...found].map(([path, items]) => ({ path, items }))
  }

  hover(path: string, position: Position): Hover | undefined {
    const plan = this.#projectOf(path)?.plan()
    if (plan === undefined) return undefined
    const lines = new Lines(plan.readFile(path) ?? '')
    const hover = hoverAt(plan, path, lines.offset(position))
    return (
      hover && { contents: { kind: 'markdown', value: hover.markdown }, range: lines.range(hover.start, hover.end) }
    )
  }

  /** By the names of the last plan: what is being typed is no program. */
  completion(path: string, position: Position): CompletionItem[] {
    const text = this.#buffers.get(path)
    const plan = text === undefined ? undefined : this.#projectOf(path)?.lastPlan()
    if (text === undefined || plan === undefined) return []
    const lines = new Lines(text)
    const completion = completionsAt(plan, path, text, lines.offset(position))
    return completion === undefined ? [] : convertCompletion(completion, lines)
  }

  actions({ path, range, only, creates }: ActionQuestion): CodeAction[] {
    const project = this.#projectOf(path)
    const plan = project?.plan()
    if (project === undefined || plan === undefined) return []
    const texts = project.texts()
    const lines = texts.lines(path)
    const file = relative(plan.root, path).replaceAll('\\', '/')
    const wants = (kind: string): boolean =>
      only === undefined || only.some((each) => `${kind}.`.startsWith(`${each}.`))
    const found: CodeAction[] = []
    const actions = wants('quickfix') ? actionsAt(plan, file, lines.offset(range.start), lines.offset(range.end)) : []
    for (const action of actions) {
      const shown = convertDiagnostic(action.diagnostic, path, texts)
      const one = convertAction(action, shown, texts, creates)
      if (one !== undefined) found.push(one)
    }
    for (const id of new Set(actions.map((each) => each.id))) {
      const all = plan.diagnosticsOf(file).filter((each) => each.fixes?.some((fix) => fix.id === id))
      const edit = all.length > 1 ? convertEdits(fixAll(plan, id, file), texts, creates) : undefined
      const { title } = actions.find((each) => each.id === id)!
      if (edit !== undefined) found.push({ title: `${title} (and all like it in this file)`, kind: 'quickfix', edit })
    }
    // Only when it is asked for by name, as an editor does when a file is saved.
    if (only !== undefined && wants(FIX_ALL_KIND)) {
      const safe = fixAllSafe(plan, file)
      const edit = convertEdits(safe, texts, creates)
      if (safe.length > 0 && edit !== undefined)
        found.push({ title: 'Fix what weave can fix safely', kind: FIX_ALL_KIND, edit })
    }
    return found
  }

  close(): void {
    for (const project of this.#projects.values()) project.close()
    this.#projects.clear()
  }

  /** Undefined for a file that no tsconfig is above of, of a package, or of a project without weave. */
  #projectOf(path: string): Project | undefined {
    if (path.includes('/node_modules/')) return undefined
    const tsconfig = this.#tsconfigOf(dirname(path))
    if (tsconfig === undefined) return undefined
    const known = this.#projects.get(tsconfig)
    if (known !== undefined) return known
    if (!this.#usesWeave(dirname(tsconfig), path)) return undefined
    const { typescript, configProblems, log } = this.#input
    const project = new Project({ tsconfig, typescript, buffers: this.#buffers, configProblems, log })
    this.#projects.set(tsconfig, project)
    return project
  }

  #tsconfigOf(folder: string): string | undefined {
    if (this.#tsconfigs.has(folder)) return this.#tsconfigs.get(folder)
    const here = join(folder, 'tsconfig.json')
    const above = dirname(folder)
    const found = existsSync(here) ? here : above === folder ? undefined : this.#tsconfigOf(above)
    this.#tsconfigs.set(folder, found)
    return found
  }

  /** A program costs seconds, and most projects that an editor opens can't even import weave. */
  #usesWeave(folder: string, path: string): boolean {
    if (this.#buffers.get(path)?.includes('weavets')) return true
    for (let at = folder; ; at = dirname(at)) {
      const named = [...CONFIG_FILES, 'node_modules/weavets']
      if (named.some((name) => existsSync(join(at, name)))) return true
      if (dirname(at) === at) return false
    }
  }
}

const isSource = (path: string): boolean => /\.[cm]?tsx?$/.test(path)
