/**
 * `weave check --fix`: applies fixes, analyses again, and goes on until there is nothing left to apply. Files are written whole (a new
 * file takes the old one's place), never over an edit that was made meanwhile, and a round after which a file no longer parses is
 * taken back. Out comes the list of what was changed.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pc from 'picocolors'
import type { Diagnostic } from '../transformer/diagnostics/diagnostic.ts'
import { type AppliedFix, applyFixes } from '../transformer/diagnostics/fixes/apply.ts'
import type { Plan } from '../transformer/plan.ts'
import { count, type OpenedProject } from './check.ts'

/** One mends what another has left; more rounds than a file has nested mistakes are two fixes that undo each other. */
const ROUNDS_MAX = 12

export interface Fixed {
  /** For people. */
  readonly report: string
  /** weave.config.ts was changed, which a process reads once. */
  readonly config: boolean
}

export function fixProject({ planner, diagnose }: OpenedProject, unsafe: boolean): Fixed {
  const done: AppliedFix[] = []
  const refused = new Set<string>()
  let plan = planner.refresh()
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const diagnostics = diagnose(plan).filter((each) => !refused.has(keyOf(each)))
    const { texts, applied } = applyFixes(diagnostics, { unsafe, read: (file) => textOf(plan, file) })
    if (applied.length === 0) break
    const before = new Map([...texts.keys()].map((file) => [file, onDisk(join(plan.root, file))]))
    for (const [file, text] of texts) write(join(plan.root, file), text)
    const broken = unparsable(plan)
    plan = planner.refresh()
    const worse = [...unparsable(plan)].filter((file) => texts.has(file) && !broken.has(file))
    if (worse.length === 0) {
      done.push(...applied)
      continue
    }
    for (const { diagnostic, fix } of applied) {
      if (fix.edits.some((edit) => worse.includes(edit.file))) refused.add(keyOf(diagnostic))
    }
    // Fixes of several files belong together, so all of the round is taken back and the others come again in the next.
    for (const [file, text] of before) restore(join(plan.root, file), text)
    plan = planner.refresh()
  }
  const config = done.some(({ fix }) => fix.edits.some((edit) => /^weave\.config\.\w+$/.test(edit.file)))
  return { report: report(done), config }
}

const keyOf = ({ code, file, message }: Diagnostic): string => `${code} ${file} ${message}`

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

function report(done: readonly AppliedFix[]): string {
  if (done.length === 0) return 'Nothing could be mended.\n'
  const lines = done.map(({ diagnostic: { file, line, column, code }, fix }) => {
    const place = file === undefined ? '' : `${pc.bold(`${file}:${line}:${column}`)} `
    const others = [...new Set(fix.edits.map((edit) => edit.file))].filter(
      (each) => each !== file && !fix.title.includes(each),
    )
    return `${pc.green('fixed')} ${place}${code} ${fix.title}${others.length > 0 ? pc.dim(` (also ${others.join(', ')})`) : ''}\n`
  })
  const files = new Set(done.flatMap(({ fix }) => fix.edits.map((edit) => edit.file)))
  return `${lines.join('')}${count(done.length, 'fix').replace(/fixs$/, 'fixes')} in ${count(files.size, 'file')}\n\n`
}
