/**
 * Why a project starts no application: nothing calls `run`, or several files do and nobody said which is meant. In goes a plan and the
 * file that is expected to start it; out come diagnostics.
 */
import { relative } from 'node:path'
import { createDiagnostic } from '../../transformer/diagnostics/create.ts'
import type { Diagnostic } from '../../transformer/diagnostics/diagnostic.ts'
import type { Plan } from '../../transformer/plan.ts'

/** Without such a file either the project may be a library of components, which is no mistake. */
export function whyNoApp(plan: Plan, entry: string): Diagnostic[] {
  if (plan.app !== undefined) return []
  const files = plan.analysis.model.apps.filter((each) => each.kind === 'run').map((each) => each.file)
  if (files.length > 1) return [severalEntries(files)]
  const text = plan.readFile(entry)
  // An error may be why a call of `run` counts for nothing, and is to be corrected first.
  if (text === undefined || plan.analysis.diagnostics.some(({ severity }) => severity === 'error')) return []
  const file = relative(plan.root, entry).replaceAll('\\', '/')
  const line = text.indexOf('\n')
  return [
    createDiagnostic(
      'WV9010',
      { file, text, start: 0, end: line === -1 ? text.length : line },
      {
        message: `'${file}' does not call 'run', and no other file of the program does.`,
        why: 'an application starts where its entry calls run(Root)',
        fix: "let a class implement Main, and end the file with: await run(Shop)   (import { type Main, run } from 'weavets')",
      },
    ),
  ]
}

/** The same of a build, in which nothing that it holds starts an application. */
export function whyNotStarted(plan: Plan, entry: string): Diagnostic[] {
  if (plan.app === undefined) return whyNoApp(plan, entry)
  const [file, built] = [plan.app.file, relative(plan.root, entry).replaceAll('\\', '/')]
  return [
    createDiagnostic('WV9010', undefined, {
      message: `'${built}' does not call 'run'; '${file}' does, and '${built}' does not import it.`,
      why: 'an application starts where its entry calls run(Root)',
      fix: `set "entry" in weave.config.ts, or give --entry ${file}`,
    }),
  ]
}

/** What the config says can't be held to any. */
function severalEntries(files: readonly string[]): Diagnostic {
  const names = files.map((file) => `'${file}'`)
  return createDiagnostic('WV9016', undefined, {
    message: `${files.length} files start an application, ${names.slice(0, -1).join(', ')} and ${names.at(-1)}, and none is src/main.ts.`,
    why: 'weave.config.ts, the manifest and "weave build" belong to one of them',
    fix: `set "entry" in weave.config.ts, or give --entry ${files[0]}`,
  })
}
