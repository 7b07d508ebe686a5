/**
 * `weave check`: every boundary error of the project, with its place, its reason and its fix. Prints them in one of four forms, mends
 * what it can with `--fix`, compares with a deployed version with `--against`; the exit code is 1 when there is an error, or more
 * warnings than allowed. Types are TypeScript's to check (`tsc --noEmit`, or `--types`).
 */
import { spawnSync } from 'node:child_process'
import { relative } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import pc from 'picocolors'
import type { Comparison } from '../transformer/compare/index.ts'
import type { Diagnostic } from '../transformer/diagnostics/diagnostic.ts'
import { unquestionedFix } from '../transformer/diagnostics/fixes/apply.ts'
import type { Plan, Planner } from '../transformer/plan.ts'
import { EXIT } from './errors.ts'
import { configOf, entryOption } from './project/entry.ts'
import { packageVersion } from './project/version.ts'

const FORMATS = ['text', 'json', 'github', 'sarif'] as const

interface Flags {
  json?: boolean
  format: (typeof FORMATS)[number]
  project?: string
  entry?: string
  fix?: boolean
  unsafe?: boolean
  maxWarnings?: number
  types?: boolean
  against?: string
  copies?: boolean
}

export function checkCommand(): Command {
  return new Command('check')
    .option('--json', 'the same as --format json: [{ code, file, line, column, message, why, fix, path, fixes }]')
    .addOption(
      new Option('--format <form>', 'text, json, github (annotations) or sarif').choices(FORMATS).default('text'),
    )
    .option('--fix', 'mend what can be mended without changing what the program does')
    .option('--unsafe', 'with --fix: apply the fixes too that may change it')
    .option('--max-warnings <number>', 'fail when there are more warnings than that', wholeNumber)
    .option('--types', "report TypeScript's own errors too")
    .option('--against <manifest>', 'name what breaks callers of the version that this weave.manifest.json is of')
    .option('--copies', 'list what co-located calls copy, why, and what would spare it')
    .addOption(entryOption())
    .option('-p, --project <tsconfig>', 'the tsconfig to check (default: tsconfig.json in the project)')
    .action(check)
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number, 0 or more.')
  return Number(text)
}

async function check(flags: Flags): Promise<void> {
  const started = performance.now()
  const opened = await openProject(flags)
  try {
    if (flags.fix === true || flags.unsafe === true) {
      const { fixProject } = await import('./check/fix.ts')
      const fixed = fixProject(opened, flags.unsafe === true)
      // The report that follows is for a program where that is asked for; what was changed is for people.
      process.stderr.write(fixed.report)
      if (fixed.config) return checkAnew()
    }
    const checked = await checkProject(opened, flags)
    if (failed(checked.diagnostics, flags)) process.exitCode = EXIT.failed
    await print(checked, flags, started)
  } finally {
    opened.planner.close()
  }
}

/** Node keeps a module that it has loaded: only another process sees the config as it is now. */
function checkAnew(): void {
  const rest = process.argv.slice(2).filter((each) => each !== '--fix' && each !== '--unsafe')
  const { status } = spawnSync(process.execPath, [...process.execArgv, process.argv[1]!, ...rest], { stdio: 'inherit' })
  process.exitCode = status ?? EXIT.failed
}

function failed(diagnostics: readonly Diagnostic[], { maxWarnings }: Flags): boolean {
  const errors = diagnostics.filter((each) => each.severity === 'error').length
  const warnings = diagnostics.length - errors
  return errors > 0 || (maxWarnings !== undefined && warnings > maxWarnings)
}

export interface OpenedProject {
  readonly planner: Planner
  /** A file of a plan as it is now, with what is wrong in weave.config.ts. */
  diagnose(plan: Plan): Diagnostic[]
}

export async function openProject({ project, entry }: Pick<Flags, 'project' | 'entry'>): Promise<OpenedProject> {
  const { openPlan } = await import('../transformer/plan.ts')
  const { configDiagnostics } = await import('./project/config.ts')
  const { lostMetadata } = await import('../transformer/hosts/metadata.ts')
  const { whyNoApp } = await import('./project/no-app.ts')
  const planner = openPlan({ from: process.cwd(), tsconfig: project, config: await configOf(entry) })
  return {
    planner,
    diagnose: (plan) => [
      ...plan.analysis.diagnostics,
      ...lostMetadata(plan),
      ...whyNoApp(plan, planner.entry),
      ...configDiagnostics(plan),
    ],
  }
}

interface Checked {
  readonly plan: Plan
  readonly diagnostics: readonly Diagnostic[]
  readonly comparison: Comparison | undefined
}

/** Boundary errors, those of `weave.config.ts`, and what else was asked for, in one order. */
async function checkProject({ planner, diagnose }: OpenedProject, flags: Flags): Promise<Checked> {
  const { sortDiagnostics } = await import('../transformer/diagnostics/create.ts')
  const plan = planner.refresh()
  const diagnostics = diagnose(plan)
  if (flags.types === true) {
    const { typeDiagnostics } = await import('./check/types.ts')
    diagnostics.push(...typeDiagnostics(planner, plan))
  }
  let comparison: Comparison | undefined
  if (flags.against !== undefined) {
    const { compareWithFile } = await import('./check/against.ts')
    comparison = compareWithFile(flags.against, plan)
    diagnostics.push(...comparison.diagnostics)
  }
  return { plan, diagnostics: sortDiagnostics(diagnostics), comparison }
}

async function print({ plan, diagnostics, comparison }: Checked, flags: Flags, started: number): Promise<void> {
  const { root, readFile } = plan
  const form = flags.json === true ? 'json' : flags.format
  if (form === 'json') {
    const { toJson } = await import('../transformer/diagnostics/json.ts')
    const found = toJson(diagnostics, plan)
    // With --against or --copies there is more to say than a list of problems.
    const { copiesOf } = await import('./check/copies.ts')
    const copies = flags.copies ? { copies: copiesOf(plan) } : undefined
    const value =
      comparison || copies
        ? { diagnostics: found, ...(comparison && { compatible: comparison.compatible }), ...copies }
        : found
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
  } else if (form === 'sarif') {
    const { toSarif } = await import('../transformer/diagnostics/sarif.ts')
    const report = toSarif(diagnostics, { root, readFile, version: packageVersion() })
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  } else if (form === 'github') {
    const { toGithub } = await import('../transformer/diagnostics/sarif.ts')
    process.stdout.write(toGithub(diagnostics, { root, readFile, version: packageVersion() }))
  } else {
    const { formatDiagnostics } = await import('../transformer/diagnostics/format.ts')
    const paint = { error: pc.red, warning: pc.yellow, place: pc.bold, dim: pc.dim }
    if (diagnostics.length > 0) process.stdout.write(`${formatDiagnostics(diagnostics, { root, readFile, paint })}\n`)
    if (flags.copies) {
      const { copiesText } = await import('./check/copies.ts')
      process.stdout.write(`${copiesText(plan)}\n`)
    }
    process.stdout.write(`${lastLines(plan, diagnostics, flags, Math.round(performance.now() - started))}\n`)
  }
}

/** What to do next, or what is there when nothing has to be done. */
function lastLines(plan: Plan, diagnostics: readonly Diagnostic[], flags: Flags, ms: number): string {
  const errors = diagnostics.filter((each) => each.severity === 'error').length
  const warnings = diagnostics.length - errors
  const fixable = (safe: boolean) => diagnostics.filter((each) => unquestionedFix(each)?.safe === safe).length
  const lines: string[] = []
  if (fixable(true) > 0) lines.push(`${fixable(true)} of them can be mended by "weave check --fix".`)
  if (fixable(false) > 0) {
    lines.push(
      `${fixable(false)}${fixable(true) > 0 ? ' more' : ' of them'} by "weave check --fix --unsafe", which may change what the program does.`,
    )
  }
  if (errors > 0) lines.push(`${count(errors, 'error')}. Correct the first one and run "weave check" again.`)
  else if (flags.maxWarnings !== undefined && warnings > flags.maxWarnings) {
    lines.push(`${count(warnings, 'warning')}, and at most ${flags.maxWarnings} are allowed.`)
  } else
    lines.push(
      `${warnings > 0 ? `${count(warnings, 'warning')}; ` : ''}${summary(plan)}${plan.app === undefined ? '; no file calls run' : ''}, ${ms} ms`,
    )
  return lines.join('\n')
}

/** `3 components, 7 methods, 4 edges`: an edge is a component that another one (or the root) takes or gets. */
export function summary(plan: Plan): string {
  const { components } = plan.analysis.model
  const methods = components.reduce((sum, component) => sum + component.methods.length, 0)
  const users = [...components.map((each) => each.implementation), plan.app?.root?.implementation]
  const edges = users.reduce((sum, user) => {
    if (user === undefined) return sum
    const taken = user.dependencies.flatMap((each) => (each.kind === 'component' ? [each.component] : []))
    return sum + new Set([...taken, ...user.reaches]).size
  }, 0)
  return [count(components.length, 'component'), count(methods, 'method'), count(edges, 'edge')].join(', ')
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** As a user would type it, from where they are. */
export function shown(path: string): string {
  const way = relative(process.cwd(), path)
  return way === '' ? '.' : way
}
