/**
 * Projects compiled by TypeScript 7.1 for `weave tsc`: in go tsconfigs in their order, out come files, printed errors and tsc's exit
 * code, as often as a watcher asks. Owns the compilers that it starts.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { loadConfigFile } from '../../runtime/config/config-file.ts'
import type { EmittedFile } from '../checker/emit7.ts'
import { findProjectRoot, loadProject } from '../checker/load.ts'
import { isProject7, type Project7 } from '../checker/program7.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { formatDiagnostics } from '../diagnostics/format.ts'
import { MANIFEST_FILE, openPlan, type Plan, type Planner, setupProblem } from '../plan.ts'
import { importsFirst } from './imports-first.ts'
import { ofTypeScript, ofWeave, type PrintedError, printErrors, summaryText } from './tsc-format.ts'
import { EXIT, type Tsc7 } from './tsc7.ts'

interface CompilationOptions extends Tsc7 {
  readonly configs: readonly string[]
  readonly compilerOptions: Readonly<Record<string, unknown>>
  readonly stop: boolean
}

/** Projects that stay open, so that a watcher can compile again. Owns their compilers: `close` ends them. */
export class Compilation7 {
  readonly #options: CompilationOptions
  readonly #projects = new Map<string, OpenedProject>()

  constructor(options: CompilationOptions) {
    this.#options = options
  }

  /** Compiles everything, prints what is wrong, gives tsc's exit code. */
  run(): number {
    let code: number = EXIT.ok
    const found: PrintedError[] = []
    for (const config of this.#options.configs) {
      let project = this.#projects.get(config)
      if (project === undefined) {
        project = new OpenedProject(config, this.#options)
        this.#projects.set(config, project)
      }
      const outcome = project.compile()
      found.push(...outcome.errors)
      code = Math.max(code, outcome.code)
      if (outcome.code !== EXIT.ok && this.#options.stop) break
    }
    // A boundary's error is one of each project that refers to it.
    const errors = unique(found)
    const { write, folder, pretty } = this.#options
    write(printErrors(errors, { folder, pretty, readFile: read }))
    this.errors = errors.length
    if (pretty) write(summaryText(errors))
    return code
  }

  /** Of the last run. */
  errors = 0

  /** What a watcher has to look at. */
  get folders(): readonly string[] {
    return [...new Set([...this.#projects.values()].flatMap((each) => each.folders))]
  }

  close(): void {
    for (const project of this.#projects.values()) project.close()
    this.#projects.clear()
  }
}

class OpenedProject {
  readonly #config: string
  readonly #options: CompilationOptions
  readonly #root: string
  readonly #project: Project7
  #planner: Planner | undefined
  #written = new Map<string, string>()
  folders: readonly string[] = []

  constructor(config: string, options: CompilationOptions) {
    this.#config = config
    this.#options = options
    this.#root = findProjectRoot(dirname(config))
    const { compilerOptions, ts7 } = options
    const project = loadProject({
      root: this.#root,
      tsconfig: config,
      files: [],
      typescript: ts7.path,
      compilerOptions,
    })
    if (!isProject7(project)) throw new Error(`${ts7.path} is not TypeScript 7; this is a bug of weavets.`)
    this.#project = project
    this.#project.start()
  }

  compile(): { code: number; errors: readonly PrintedError[] } {
    const plan = this.#plan()
    const diagnostics = 'code' in plan ? [plan] : plan.analysis.diagnostics
    const errors = diagnostics.filter((each) => each.severity === 'error')
    this.#warn(diagnostics, plan)
    this.folders = [...new Set([dirname(this.#config), ...('code' in plan ? [] : plan.folders)])]
    // The compiler checks and emits what is as it is while code is generated.
    this.#project.beginEmit('code' in plan ? [] : plan.files.keys())
    const files = 'code' in plan ? [] : [...plan.files].map(([path, file]) => [path, file.apply('output')] as const)
    const emitted = this.#project.emit({ overlays: new Map(files) })
    const found = unique([
      ...this.#configErrors(),
      ...emitted.typeErrors.map(ofTypeScript),
      ...errors.map((each) => ofWeave(this.#root, each)),
    ])
    const { noEmit, noEmitOnError } = this.#effective()
    if (noEmit) return { code: found.length > 0 ? EXIT.written : EXIT.ok, errors: found }
    if (noEmitOnError && found.length > 0) return { code: EXIT.nothingWritten, errors: found }
    this.#write(this.#hoisted(emitted.files, new Map(files)), plan)
    return { code: found.length > 0 ? EXIT.written : EXIT.ok, errors: found }
  }

  close(): void {
    this.#planner?.close()
    this.#project.close()
  }

  /** A plan, or why there is none. */
  #plan(): Plan | Diagnostic {
    const { ts7 } = this.#options
    try {
      const files = this.#project.refresh().files()
      // What a project refers to is part of its application, and the plan needs its sources; without references both are the same.
      const whole = this.#project.references.length > 0 ? { typescript: ts7.path } : { project: this.#project }
      this.#planner ??= openPlan({
        from: dirname(this.#config),
        tsconfig: this.#config,
        part: this.#isPart(files),
        ...whole,
      })
      return this.#planner.refresh()
    } catch (error) {
      const problem = setupProblem(error)
      if (problem === undefined) throw error
      return problem
    }
  }

  /** A project of `--build` that the application's entry isn't in. */
  #isPart(files: readonly { readonly path: string }[]): boolean {
    if (this.#config === join(this.#root, 'tsconfig.json')) return false
    const entry = resolve(this.#root, loadConfigFile(this.#root)?.entry ?? 'src/main.ts')
    return !files.some(({ path }) => path === entry)
  }

  #configErrors(): PrintedError[] {
    return this.#project.configErrors.map((message) => ({
      code: 'TS5083',
      message,
      file: undefined,
      start: 0,
      end: 0,
    }))
  }

  #effective(): { noEmit: boolean; noEmitOnError: boolean; outDir: string | undefined } {
    const { noEmit, noEmitOnError, outDir } = this.#project.options as Record<string, unknown>
    return { noEmit: noEmit === true, noEmitOnError: noEmitOnError === true, outDir: outDir as string | undefined }
  }

  /** Warnings are printed as weave prints them; tsc has none, and they change no exit code. */
  #warn(diagnostics: readonly Diagnostic[], plan: Plan | Diagnostic): void {
    const warnings = diagnostics.filter((each) => each.severity === 'warning')
    if (warnings.length === 0 || 'code' in plan) return
    this.#options.warn(formatDiagnostics(warnings, plan))
  }

  /**
   * In CommonJS output an import becomes a statement where it stands, and generated ones stand at the end: then what is generated
   * is emitted again with its imports before the first statement.
   */
  #hoisted(files: readonly EmittedFile[], overlays: ReadonlyMap<string, string>): readonly EmittedFile[] {
    const late = new Map<string, string>()
    for (const { source, text } of files) {
      const overlay = source === undefined ? undefined : overlays.get(source)
      if (overlay !== undefined && /= (?:__importStar\()?require\("weavets\/internal"\)/.test(text)) {
        late.set(source!, importsFirst(overlay))
      }
    }
    if (late.size === 0) return files
    const again = this.#project.emit({ overlays: late, files: [...late.keys()] }).files
    const byPath = new Map(again.map((file) => [file.path, file]))
    return files.map((file) => byPath.get(file.path) ?? file)
  }

  #write(files: readonly EmittedFile[], plan: Plan | Diagnostic): void {
    const texts = new Map(files.map(({ path, text }) => [path, text]))
    if (!('code' in plan)) {
      const output = files.find(({ source, path }) => source === plan.entry && /\.[cm]?js$/.test(path))
      if (output !== undefined) {
        const folder = this.#effective().outDir ?? dirname(output.path)
        const manifest = plan.manifestText(relative(folder, output.path).replaceAll('\\', '/'))
        if (manifest !== undefined) texts.set(join(folder, MANIFEST_FILE), manifest)
      }
    }
    for (const [path, text] of texts) {
      // A watcher of the outputs isn't told of what stayed the same.
      if (this.#written.get(path) === text && existsSync(path)) continue
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    this.#written = texts
  }
}

/** What is wrong with options is said of the program and of its globals. */
function unique(errors: readonly PrintedError[]): PrintedError[] {
  const byText = new Map(errors.map((error) => [JSON.stringify(error), error]))
  return [...byText.values()]
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
