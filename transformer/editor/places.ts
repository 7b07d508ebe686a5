/**
 * Where an editor shows a diagnostic. Those of the set-up belong to no source file: what concerns weave.config.ts goes to the name
 * that it is about, the tsconfig's to that file, and what is left to the entry, so that nothing is lost.
 */
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isCode } from '../diagnostics/catalogue.ts'
import { createDiagnostic } from '../diagnostics/create.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Plan } from '../plan.ts'
import type { EditorConfig } from './config-source.ts'
import { type ConfigNode, configPlaceOf } from './config-text.ts'

export interface Setup {
  /** Absolute; it may not exist. */
  readonly entry: string
  /** Absolute; undefined where nothing can be shown in it. */
  readonly tsconfig: string | undefined
  readonly config: EditorConfig
}

/** What comes of an import that wasn't found: left out where TypeScript says so itself. */
export const UNRESOLVED = 'WV2002'
/** Errors of syntax, which every editor shows by itself. */
const SYNTAX = 'WV9015'

/** Absolute path → what is shown in it, by position. */
export function diagnosticsByFile(
  plan: Plan,
  diagnostics: readonly Diagnostic[],
  setup: Setup,
): Map<string, Diagnostic[]> {
  const byFile = new Map<string, Diagnostic[]>()
  for (const each of diagnostics) {
    if (each.code === SYNTAX) continue
    const shown = each.file === undefined ? located(plan, each, setup) : each
    const path = join(plan.root, shown.file ?? '')
    const of = byFile.get(path) ?? []
    of.push(shown)
    byFile.set(path, of)
  }
  for (const of of byFile.values()) of.sort((a, b) => a.start - b.start)
  return byFile
}

const OF_TSCONFIG = ['WV9001', 'WV9013']

function located(plan: Plan, each: Diagnostic, { entry, tsconfig, config }: Setup): Diagnostic {
  const from = (path: string): string => relative(plan.root, path).replaceAll('\\', '/')
  if (config.file !== undefined && (each.message.includes('weave.config') || each.code === 'WV9010')) {
    const place = config.tree && placeInConfig(config.tree, each)
    const { code } = each
    if (place === undefined || !isCode(code)) return { ...each, file: config.file }
    const moved = createDiagnostic(code, { file: config.file, text: config.text, ...place }, each)
    return { ...each, ...place, file: config.file, line: moved.line, column: moved.column }
  }
  if (OF_TSCONFIG.includes(each.code) && tsconfig !== undefined) return { ...each, file: from(tsconfig) }
  const first = plan.analysis.dependencies.find((path) => !from(path).startsWith('..'))
  const file = existsSync(entry) ? entry : (first ?? tsconfig ?? entry)
  return { ...each, file: from(file) }
}

/** By the path that the diagnostic has, or by the name that it quotes. */
function placeInConfig(
  tree: ConfigNode,
  { code, path, message }: Diagnostic,
): { start: number; end: number } | undefined {
  const byPath = configPlaceOf(tree, code === 'WV9010' ? 'entry' : path)
  if (byPath !== undefined) return byPath
  const [, setting, quoted] = /: (\w+): [^']*'([^']*)'/.exec(message) ?? []
  const entries = tree.kind === 'object' ? tree.entries : []
  const inner = entries.find(({ key }) => key === setting)?.value
  for (const { key, keyStart, keyEnd, value } of inner?.kind === 'object' ? inner.entries : []) {
    if (key === quoted) return { start: keyStart, end: keyEnd }
    if (value?.kind === 'string' && value.value === quoted) return { start: value.start, end: value.end }
  }
  return undefined
}
