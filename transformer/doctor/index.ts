/**
 * `weave doctor`: what is used, why, and what is wrong with it. In go a folder of a project; out come findings, the sound ones too.
 * Reads only: nothing is written, not even the cache. A check that fails itself is a finding.
 */
import { loadConfigFile } from '../../runtime/config/config-file.ts'
import { findProjectRoot } from '../checker/load.ts'
import { lostMetadata } from '../hosts/metadata.ts'
import { openPlan, type Plan, setupProblem } from '../plan.ts'
import { buildFindings, outputFindings } from './builds.ts'
import { compilerFindings, tsconfigFindings } from './compiler.ts'
import { bad, count, type Finding, ok } from './finding.ts'
import { layoutFindings, nodeFinding, type Own, weavetsFindings } from './packages.ts'

export type { Finding } from './finding.ts'

export function examine(from: string, own: Own): Finding[] {
  const root = findProjectRoot(from)
  return [
    ok('project', root),
    ...guarded('node', () => [nodeFinding(own)]),
    ...guarded('weavets', () => weavetsFindings(root, own)),
    ...guarded('packages', () => layoutFindings(root)),
    ...guarded('typescript', () => compilerFindings(root)),
    ...guarded('tsconfig', () => tsconfigFindings(root)),
    ...guarded('build', () => buildFindings(root)),
    ...guarded('application', () => applicationFindings(root)),
  ]
}

function applicationFindings(root: string): Finding[] {
  try {
    loadConfigFile(root)
  } catch (error) {
    const problem = setupProblem(error)
    if (!problem) throw error
    return [bad('config', 'problem', { code: 'WV9012', message: problem.message, fix: problem.fix })]
  }
  const planner = openPlan({ from: root, cache: false })
  try {
    const plan = planner.refresh()
    const { model, diagnostics } = plan.analysis
    const errors = diagnostics.filter((each) => each.severity === 'error').length
    const what = `${count(model.components.length, 'component')}${plan.app?.root ? `, started by ${plan.app.file}` : ', and no file that calls run'}`
    const state =
      errors > 0
        ? bad('application', 'problem', { message: `${what}; ${count(errors, 'boundary error')}.`, fix: 'weave check' })
        : ok('application', what)
    return [state, ...metadataFindings(plan), ...outputFindings({ root, version: plan.version })]
  } finally {
    planner.close()
  }
}

function metadataFindings(plan: Plan): Finding[] {
  return lostMetadata(plan).map(({ message, fix }) => bad('build', 'warning', { code: 'WV9018', message, fix }))
}

function guarded(check: string, findings: () => Finding[]): Finding[] {
  try {
    return findings()
  } catch (error) {
    const message = `It could not be looked at: ${error instanceof Error ? error.message : String(error)}`
    return [bad(check, 'problem', { message, fix: 'correct that first' })]
  }
}
