/**
 * `weave check`: every boundary error of the project, with its place, its reason and its fix. Prints them, or with `--json`
 * one array on stdout; the exit code is 1 when there is an error. Types are TypeScript's to check (`tsc --noEmit`).
 */
import { relative } from 'node:path'
import { Command } from 'commander'
import pc from 'picocolors'
import type { Diagnostic } from '../transformer/diagnostics/diagnostic.ts'
import type { Plan } from '../transformer/plan.ts'
import { EXIT } from './errors.ts'

interface Flags {
  json?: boolean
  project?: string
}

export function checkCommand(): Command {
  return new Command('check')
    .option('--json', 'print [{ code, file, line, column, message, why, fix, path }]')
    .option('-p, --project <tsconfig>', 'the tsconfig to check (default: tsconfig.json in the project)')
    .action(check)
}

async function check({ json, project }: Flags): Promise<void> {
  const started = performance.now()
  const { plan, diagnostics } = await checkProject({ from: process.cwd(), tsconfig: project })
  const errors = diagnostics.filter((each) => each.severity === 'error').length
  if (errors > 0) process.exitCode = EXIT.failed
  if (json === true) {
    const { toJson } = await import('../transformer/diagnostics/json.ts')
    process.stdout.write(`${JSON.stringify(toJson(diagnostics, plan), null, 2)}\n`)
    return
  }
  const { formatDiagnostics } = await import('../transformer/diagnostics/format.ts')
  const paint = { error: pc.red, warning: pc.yellow, place: pc.bold, dim: pc.dim }
  const { root, readFile } = plan
  if (diagnostics.length > 0) process.stdout.write(`${formatDiagnostics(diagnostics, { root, readFile, paint })}\n`)
  if (errors === 0) process.stdout.write(`${summary(plan)}, ${Math.round(performance.now() - started)} ms\n`)
  else process.stdout.write(`${count(errors, 'error')}. Correct the first one and run "weave check" again.\n`)
}

/** Boundary errors and those of `weave.config.ts` together. */
async function checkProject(options: { from: string; tsconfig?: string | undefined }): Promise<{
  plan: Plan
  diagnostics: Diagnostic[]
}> {
  const { openPlan } = await import('../transformer/plan.ts')
  const { configDiagnostics } = await import('./config.ts')
  const plan = openPlan(options).refresh()
  return { plan, diagnostics: [...plan.analysis.diagnostics, ...configDiagnostics(plan)] }
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
