/**
 * `weave check --fix`: applies fixes, analyses again, and goes on until there is nothing left to apply. Files are written whole (a new
 * file takes the old one's place), never over an edit that was made meanwhile. A fix after which a file no longer parses, or after
 * which its report is still there, is taken back, and none is applied twice at one place. Out comes the list of what was changed.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pc from 'picocolors'
import type { Diagnostic, Edit, Fix } from '../../transformer/diagnostics/diagnostic.ts'
import { type AppliedFix, applyFixes, unquestionedFix } from '../../transformer/diagnostics/fixes/apply.ts'
import type { Plan } from '../../transformer/plan.ts'
import { count, type OpenedProject } from '../check.ts'

/** One mends what another has left. Where a file broke, its fixes are tried one a round; more than these wait for the next run. */
const ROUNDS_MAX = 64

export interface Fixed {
  /** For people. */
  readonly report: string
  /** weave.config.ts was changed, which a process reads once. */
  readonly config: boolean
}

export function fixProject({ planner, diagnose }: OpenedProject, unsafe: boolean): Fixed {
  const done: AppliedFix[] = []
  const left = new Map<AppliedFix, string>()
  const tried = new TriedFixes()
  /** Files that several fixes together have broken: which of them did, shows when they are made one at a time. */
  const careful = new Set<string>()
  let plan = planner.refresh()
  let diagnostics = diagnose(plan)
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const busy = new Set<string>()
    const choose = (diagnostic: Diagnostic): Fix | undefined => {
      const fix = unquestionedFix(diagnostic)
      if (!fix || !(fix.safe || unsafe) || tried.has(diagnostic, fix)) return undefined
      const files = fix.edits.map((edit) => edit.file).filter((file) => careful.has(file))
      if (files.some((file) => busy.has(file))) return undefined
      for (const file of files) busy.add(file)
      return fix
    }
    const { texts, applied } = applyFixes(diagnostics, { choose, read: (file) => textOf(plan, file) })
    if (applied.length === 0) break
    const before = new Map([...texts.keys()].map((file) => [file, onDisk(join(plan.root, file))]))
    for (const [file, text] of texts) write(join(plan.root, file), text)
    const broken = unparsable(plan)
    plan = planner.refresh()
    diagnostics = diagnose(plan)
    const worse = [...unparsable(plan)].filter((file) => texts.has(file) && !broken.has(file))
    const bad = worse.length > 0 ? breaking(applied, worse) : useless(applied, diagnostics)
    if (worse.length === 0 && bad.length === 0) {
      done.push(...applied)
      tried.add(applied)
      continue
    }
    if (worse.length > 0 && bad.length > 1) for (const file of worse) careful.add(file)
    else {
      const why = worse.length > 0 ? 'the file would not parse any more' : 'it would be reported all the same'
      for (const each of bad) left.set(each, why)
      tried.refuse(bad)
    }
    // Fixes of several files belong together, so all of the round is taken back and the others come again in the next.
    for (const [file, text] of before) restore(join(plan.root, file), text)
    plan = planner.refresh()
    diagnostics = diagnose(plan)
  }
  return { report: report(done, left), config: done.some(changesConfig) }
}

const breaking = (applied: readonly AppliedFix[], worse: readonly string[]): AppliedFix[] =>
  applied.filter(({ fix }) => fix.edits.some((edit) => worse.includes(edit.file)))

const changesConfig = ({ fix }: AppliedFix): boolean => fix.edits.some((edit) => /^weave\.config\.\w+$/.test(edit.file))

/** Those whose reports are there again, where the edits have moved their places to. What weave.config.ts says now, only another process sees. */
function useless(applied: readonly AppliedFix[], found: readonly Diagnostic[]): AppliedFix[] {
  return applied.filter((each) => {
    if (changesConfig(each)) return false
    const { code, file, message, start } = each.diagnostic
    const [from, to] = moved({ file, range: [start, start] }, applied)
    return found.some(
      (other) =>
        other.code === code &&
        other.file === file &&
        other.message === message &&
        from <= other.start &&
        other.start <= to,
    )
  })
}

type Range = readonly [from: number, to: number]

/** Where a place may be after the edits: what was put in there, or in place of it, stands before it or behind it. */
function moved(
  { file, range: [from, to] }: { file: string | undefined; range: Range },
  by: readonly AppliedFix[],
): Range {
  const all = by.flatMap(({ fix }) => fix.edits).filter((edit) => edit.file === file)
  const edits = [...new Map(all.map((edit) => [JSON.stringify(edit), edit])).values()]
  const grown = (some: readonly Edit[]): number =>
    some.reduce((sum, edit) => sum + edit.text.length - (edit.end - edit.start), 0)
  const touched = edits.filter((edit) => edit.start <= to && (edit.end > from || edit.start === from))
  const before = grown(edits.filter((edit) => edit.end <= from && !touched.includes(edit)))
  const start = Math.min(from, ...touched.map((edit) => edit.start))
  const end = Math.max(to, ...touched.map((edit) => edit.end))
  return [start + before, end + before + grown(touched)]
}

/** Fixes that were made once, by where their reports are now: none is made again, whether it was kept or taken back. */
class TriedFixes {
  #entries: { readonly applied: AppliedFix; readonly range: Range }[] = []

  has({ code, file, start }: Diagnostic, { id }: Fix): boolean {
    return this.#entries.some(
      ({ applied: { diagnostic, fix }, range: [from, to] }) =>
        diagnostic.code === code && diagnostic.file === file && fix.id === id && from <= start && start <= to,
    )
  }

  /** They were kept, so everything has moved by them. */
  add(applied: readonly AppliedFix[]): void {
    this.refuse(applied)
    this.#entries = this.#entries.map((entry) => {
      const { file } = entry.applied.diagnostic
      return { ...entry, range: moved({ file, range: entry.range }, applied) }
    })
  }

  /** They were taken back, and everything is where it was. */
  refuse(applied: readonly AppliedFix[]): void {
    for (const each of applied) {
      const { start } = each.diagnostic
      this.#entries.push({ applied: each, range: [start, start] })
    }
  }
}

/** What was analysed; a file that has changed on disk since isn't touched, since the edits are not for it. */
function textOf(plan: Plan, file: string): string | undefined {
  const path = join(plan.root, file)
  const disk = onDisk(path)
  if (disk === undefined) return undefined
  return !plan.includes(path) || plan.readFile(path) === disk ? disk : ''
}

const onDisk = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

function unparsable(plan: Plan): Set<string> {
  return new Set(
    plan.analysis.diagnostics.flatMap(({ code, file }) => (code === 'WV9015' && file !== undefined ? [file] : [])),
  )
}

/** Beside the old one first, so that a full disk or a kill leaves one of the two whole. */
function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  const target = existsSync(path) ? realpathSync(path) : path
  const mode = statSync(target, { throwIfNoEntry: false })?.mode
  const temporary = `${target}.${randomUUID()}.tmp`
  writeFileSync(temporary, text, mode === undefined ? {} : { mode })
  renameSync(temporary, target)
}

function restore(path: string, text: string | undefined): void {
  if (text === undefined) rmSync(path, { force: true })
  else write(path, text)
}

function report(done: readonly AppliedFix[], left: ReadonlyMap<AppliedFix, string>): string {
  const kept = [...left].map(
    ([{ diagnostic, fix }, why]) => `${pc.yellow('left')} ${placed(diagnostic)}${fix.title}${pc.dim(` (${why})`)}\n`,
  )
  if (done.length === 0) return `${kept.join('')}Nothing could be mended.\n`
  const lines = done.map(({ diagnostic, fix }) => {
    const others = [...new Set(fix.edits.map((edit) => edit.file))].filter(
      (each) => each !== diagnostic.file && !fix.title.includes(each),
    )
    return `${pc.green('fixed')} ${placed(diagnostic)}${fix.title}${others.length > 0 ? pc.dim(` (also ${others.join(', ')})`) : ''}\n`
  })
  const files = new Set(done.flatMap(({ fix }) => fix.edits.map((edit) => edit.file)))
  return `${lines.join('')}${kept.join('')}${count(done.length, 'fix').replace(/fixs$/, 'fixes')} in ${count(files.size, 'file')}\n\n`
}

const placed = ({ file, line, column, code }: Diagnostic): string =>
  `${file === undefined ? '' : `${pc.bold(`${file}:${line}:${column}`)} `}${code} `
