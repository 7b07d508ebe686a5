/**
 * What can't be served without a transform, as diagnostics with a fix each: a call that says its component by a type argument alone, and
 * a component that is implemented in the file which calls `run`.
 */
import { join } from 'node:path'
import { isTestFile } from '../analyse/declared/find.ts'
import { createDiagnostic } from '../diagnostics/create.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { App, Rewrite } from '../model.ts'
import type { Plan } from '../plan.ts'

export function refusals(plan: Plan, running: readonly App[]): Diagnostic[] {
  const { model } = plan.analysis
  const calls = model.rewrites.flatMap((each) => (each.kind === 'argument' ? byTypeArgument(plan, each) : []))
  const entries = new Set(running.map((app) => app.file))
  const placed = model.components.flatMap(({ implementation, shortName }) => {
    if (implementation === undefined || !entries.has(implementation.file)) return []
    const { file, start, end } = implementation.declaration
    if (isTestFile(plan.root, join(plan.root, file))) return []
    return [
      createDiagnostic(
        'WV9017',
        { file, text: textOf(plan, file), start, end },
        {
          message: `'${implementation.className}' implements '${shortName}' in the file that calls 'run'.`,
          why: 'weave.gen.ts imports implementations, and that file is not done before the application is',
          fix: 'move the class to a file of its own',
        },
      ),
    ]
  })
  return [...calls, ...placed]
}

type Added = Extract<Rewrite, { kind: 'argument' }>

const CALL = /^([\s\S]*?\b)(\w+)\s*<[\s\S]*?>\s*\(/

function byTypeArgument(plan: Plan, { file, start, end, text }: Added): Diagnostic[] {
  // `startApp` finds the application by itself, and a test may have a runner that does transform.
  if (!text.startsWith('"') || isTestFile(plan.root, join(plan.root, file))) return []
  const source = textOf(plan, file)
  const written = source.slice(start, end)
  const [head, , called] = CALL.exec(written) ?? []
  if (head === undefined || called === undefined) return []
  const component = plan.analysis.model.components.find(({ name }) => JSON.stringify(name) === text)
  const same = plan.analysis.model.components.filter(({ shortName }) => shortName === component?.shortName)
  const name = component === undefined ? text : same.length === 1 ? `'${component.shortName}'` : `'${component.name}'`
  const rest = written.slice(head.length)
  const replaced = `${head.replace(/\s*<[\s\S]*$/, '')}(${name}${rest.trim() === ')' ? '' : ', '}${rest}`
  return [
    createDiagnostic(
      'WV9017',
      { file, text: source, start, end: start + head.length - 1 },
      {
        message: `'${called}' says its component by a type argument alone.`,
        why: 'types are gone when the program runs, and nothing rewrites the call without a transform',
        fix: `name it: ${replaced.split('\n')[0]}`,
        fixes: [
          {
            id: 'name-component',
            title: `Name the component: ${name}`,
            safe: true,
            edits: [{ file, start, end, text: replaced }],
          },
        ],
      },
    ),
  ]
}

function textOf(plan: Plan, file: string): string {
  return plan.readFile(join(plan.root, file)) ?? ''
}
