/**
 * What the plugin adds to an editor's question after an edit: `node bench/compile/editor.ts [FILES…]` after a build of the package (`WEAVE_DIST`
 * names another `dist`). Two servers of TypeScript 6 are driven over stdio, one with the plugin and one without, on the same generated
 * project with the same edits, in turns. Prints, for each kind of edit, medians of `semanticDiagnosticsSync` and what the plugin adds: as
 * the editor waits, and in CPU time where /proc tells, which other work on the machine disturbs less.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { Frames } from '../../test/editor/frames.ts'
import { type Generated, generateProject } from './generate.ts'
import { installWeavets, repository } from './install.ts'

/** Of each kind; the first few are still being optimised by V8, so medians are of the rest. */
const EDITS = Number(process.env.WEAVE_ROUNDS ?? 16)
const EDITS_LEFT_OUT = Math.min(6, EDITS - 1)

interface Edit {
  readonly what: string
  readonly file: string
  /** What is typed behind the first place that this matches; `at` makes each time another text of it. */
  readonly behind: string
  typed(at: number): string
}

/** In which Linux counts a process's time: single figures are coarse, sums over a kind of edit are not. */
const TICK_MS = 10

interface Measured {
  readonly ms: number
  readonly cpuMs: number
}

/** An editor's side of tsserver. */
class Server {
  readonly #child: ChildProcess
  readonly #frames: Frames
  readonly #folder: string
  readonly #texts = new Map<string, string>()
  #sequence = 0
  #cpuBeforeMs = 0

  constructor(folder: string, flags: readonly string[]) {
    this.#folder = folder
    const tsserver = join(repository, 'node_modules/typescript/lib/tsserver.js')
    this.#child = spawn(process.execPath, [tsserver, '--disableAutomaticTypingAcquisition', ...flags], { cwd: folder })
    this.#frames = new Frames(this.#child)
  }

  #send(command: string, args: object): number {
    this.#sequence++
    this.#frames.write(`${JSON.stringify({ seq: this.#sequence, type: 'request', command, arguments: args })}\n`)
    return this.#sequence
  }

  open(name: string): void {
    const file = join(this.#folder, name)
    const fileContent = readFileSync(file, 'utf8')
    this.#texts.set(name, fileContent)
    this.#send('updateOpen', { openFiles: [{ file, fileContent, projectRootPath: this.#folder }] })
  }

  /** Replaces what was typed before behind `behind`. */
  edit({ file, behind, typed }: Edit, at: number): void {
    const text = this.#texts.get(file) as string
    const start = text.indexOf(behind) + behind.length
    const before = at === 0 ? '' : typed(at - 1)
    if (start < behind.length || !text.startsWith(before, start)) throw new Error(`${file} has no "${behind}"`)
    const change = { start: placeOf(text, start), end: placeOf(text, start + before.length), newText: typed(at) }
    this.#texts.set(file, text.slice(0, start) + typed(at) + text.slice(start + before.length))
    this.#cpuBeforeMs = this.#cpuMs()
    this.#send('updateOpen', { changedFiles: [{ fileName: join(this.#folder, file), textChanges: [change] }] })
  }

  async diagnostics(name: string): Promise<Measured> {
    const started = performance.now()
    const sequence = this.#send('semanticDiagnosticsSync', { file: join(this.#folder, name) })
    type Answer = { request_seq: number; success: boolean; message?: string; body: unknown[] }
    const from = this.#frames.messages.length
    const pick = (message: object) => ((message as Answer).request_seq === sequence ? (message as Answer) : undefined)
    const answer = await this.#frames.find(pick, name, from)
    if (!answer.success) throw new Error(answer.message)
    return { ms: performance.now() - started, cpuMs: this.#cpuMs() - this.#cpuBeforeMs }
  }

  /** Of all threads of the process since it began. */
  #cpuMs(): number {
    try {
      const [, user, system] =
        /\) (?:\S+ ){11}(\d+) (\d+)/.exec(readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8')) ?? []
      return (Number(user) + Number(system)) * TICK_MS
    } catch {
      return Number.NaN
    }
  }

  async end(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve))
    this.#send('exit', {})
    await closed
  }
}

function placeOf(text: string, at: number): { line: number; offset: number } {
  const lines = text.slice(0, at).split('\n')
  return { line: lines.length, offset: (lines.at(-1) as string).length + 1 }
}

/** How many boundary interfaces see each file through imports, at any distance. */
function seenBy({ folder, files }: Generated): Map<string, number> {
  const imports = new Map(
    files.map((file) => {
      const found = readFileSync(join(folder, file), 'utf8').matchAll(/from '(\.[^']*)'/g)
      return [file, [...found].map(([, specifier]) => posix.join(posix.dirname(file), specifier as string))]
    }),
  )
  const counts = new Map<string, number>()
  for (const interfaces of files.filter((file) => /\/part\d+\.ts$/.test(file))) {
    const reached = new Set([interfaces])
    for (const file of reached) for (const each of imports.get(file) ?? []) reached.add(each)
    for (const file of reached) counts.set(file, (counts.get(file) ?? 0) + 1)
  }
  return counts
}

function editsOf(project: Generated): Edit[] {
  const seen = seenBy(project)
  const types = project.files.filter((file) => /\/types\d+\.ts$/.test(file) && (seen.get(file) ?? 0) > 0)
  types.sort((a, b) => (seen.get(a) as number) - (seen.get(b) as number))
  const [few, half] = [types[0] as string, types.at(-1) as string]
  const member = { behind: '  note?: string', typed: (at: number) => `\n  extra${at}?: number` }
  const times = (file: string) => {
    const count = seen.get(file) as number
    return `${count} component${count === 1 ? '' : 's'}`
  }
  return [
    {
      what: 'the body of an implementation',
      file: 'src/parts/part1-here.ts',
      behind: 'if (order === undefined) return 0\n',
      typed: (at) => `    if (changes.length === ${at}) return ${at}\n`,
    },
    {
      what: 'a boundary interface',
      file: 'src/parts/part1.ts',
      behind: 'extends Component {\n',
      typed: (at) => `  extra${at}(value: number): Promise<void>\n`,
    },
    { what: `a type that ${times(few)} see${(seen.get(few) as number) === 1 ? 's' : ''}`, file: few, ...member },
    { what: `a type that ${times(half)} see`, file: half, ...member },
    {
      what: 'a helper that no boundary knows',
      file: project.helper,
      behind: '> 0 ? count : 0\n}\n',
      typed: (at) => `\nexport const extra${at} = ${at}\n`,
    },
  ]
}

async function benchSize(folder: string, files: number): Promise<void> {
  const project = generateProject({ folder, files, components: files / 10, seed: 7, weavets: undefined })
  const plugin = ['--globalPlugins', 'weavets/language-service', '--pluginProbeLocations', join(folder, '..')]
  const servers = { without: new Server(folder, []), with: new Server(folder, plugin) }
  const edits = editsOf(project)
  console.log(`\n### ${files} files: an editor's question after an edit, TypeScript 6\n`)
  console.log('| edited | tsserver, ms | with the plugin | added | spread (min–max) | added, CPU ms |')
  console.log('| --- | ---: | ---: | ---: | --- | ---: |')
  for (const edit of edits) {
    for (const server of Object.values(servers)) {
      server.open(edit.file)
      await server.diagnostics(edit.file)
    }
    const times = { without: [] as Measured[], with: [] as Measured[] }
    for (let at = 0; at < EDITS; at++) {
      for (const name of at % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const)) {
        servers[name].edit(edit, at)
        times[name].push(await servers[name].diagnostics(edit.file))
      }
    }
    const [without, having] = [times.without.slice(EDITS_LEFT_OUT), times.with.slice(EDITS_LEFT_OUT)]
    const added = having.map(({ ms }, at) => ms - (without[at] as Measured).ms)
    const cpuMs = (all: readonly Measured[]) => all.reduce((sum, each) => sum + each.cpuMs, 0) / all.length
    const spread = `${Math.min(...added).toFixed(0)}–${Math.max(...added).toFixed(0)}`
    const cells = [median(without.map(({ ms }) => ms)), median(having.map(({ ms }) => ms)), median(added)]
    const figures = [...cells.map((each) => each.toFixed(0)), spread, (cpuMs(having) - cpuMs(without)).toFixed(0)]
    console.log(`| ${edit.what} | ${figures.join(' | ')} |`)
  }
  await Promise.all(Object.values(servers).map((server) => server.end()))
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'weave-bench-editor-'))
try {
  mkdirSync(folder, { recursive: true })
  installWeavets(folder)
  const sizes = process.argv.slice(2).map(Number)
  for (const files of sizes.length > 0 ? sizes : [300, 1_200]) await benchSize(join(folder, `files${files}`), files)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
