/**
 * Call sites that the transformer rewrites: calls of functions whose declaration carries `@weaveMarker run`, `get`,
 * `provide`, `startApp` or `fake`, under whatever name a file knows them. Out come the calls by file; what a call means
 * (which component, which root) is for choose.ts and apps.ts to say.
 */
import type { Call, CheckerView, SourceFile } from '../../checker/view.ts'
import type { Markers } from './markers.ts'
import { matches } from './text-facts.ts'

const AS = /\bas\b/

export type CallMarker = 'run' | 'get' | 'provide' | 'startApp' | 'fake'

/** Which argument the transformer adds; `run`'s first is replaced. */
export const ADDED_ARGUMENT: Record<Exclude<CallMarker, 'run'>, number> = { get: 0, provide: 1, startApp: 1, fake: 1 }

export interface FoundCall {
  readonly marker: CallMarker
  readonly file: SourceFile
  readonly call: Call
}

export function findCalls(view: CheckerView, markers: Markers, files: readonly SourceFile[]): FoundCall[] {
  const names = callNames(view, markers, files)
  if (names.size === 0) return []
  const written = new RegExp(
    `(?<![\\w$])(?:${[...names].map((name) => name.replaceAll('$', '\\$')).join('|')})\\s*[<(]`,
  )
  const found: FoundCall[] = []
  for (const file of files) {
    if (!matches(file, written)) continue
    for (const call of view.calls(file, names)) {
      const callee = view.callee(call.handle)
      const marker = callee && markers.of(callee)
      if (isCallMarker(marker)) found.push({ marker, file, call })
    }
  }
  return found
}

const isCallMarker = (marker: string | undefined): marker is CallMarker =>
  marker === 'run' || (marker !== undefined && Object.hasOwn(ADDED_ARGUMENT, marker))

/** The functions' own names, and those that imports and re-exports give them, through any number of files. */
function callNames(view: CheckerView, markers: Markers, files: readonly SourceFile[]): Set<string> {
  const names = new Set<string>()
  for (const { marker, symbol } of markers.symbols()) if (isCallMarker(marker)) names.add(view.symbolName(symbol))
  const renames = files.filter((file) => matches(file, AS)).flatMap((file) => view.renames(file))
  for (let before = -1; names.size !== before; ) {
    before = names.size
    for (const { from, to } of renames) if (names.has(from)) names.add(to)
  }
  return names
}
