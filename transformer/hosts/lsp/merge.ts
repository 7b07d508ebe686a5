/** TypeScript's answers with ours added. */
import type { CompletionItem, CompletionList, Diagnostic, Hover, MarkupContent, Position } from 'vscode-languageserver'
import { UNRESOLVED } from '../../editor/places.ts'

/** Without ours that say what TypeScript says at the same place. */
export function mergeDiagnostics(theirs: readonly Diagnostic[], ours: readonly Diagnostic[]): Diagnostic[] {
  const isFollowUp = ({ code, range }: Diagnostic): boolean =>
    code === UNRESOLVED &&
    theirs.some((each) => !isBefore(each.range.end, range.start) && !isBefore(range.end, each.range.start))
  return [...theirs, ...ours.filter((each) => !isFollowUp(each))]
}

const isBefore = (a: Position, b: Position): boolean =>
  a.line < b.line || (a.line === b.line && a.character < b.character)

export function mergeHover(theirs: Hover | null | undefined, ours: Hover | undefined): Hover | null {
  if (ours === undefined) return theirs ?? null
  if (!theirs) return ours
  const own = (ours.contents as MarkupContent).value
  const { contents } = theirs
  if (typeof contents === 'object' && 'kind' in contents) {
    const gap = contents.kind === 'markdown' ? '\n\n---\n\n' : '\n\n'
    return { ...theirs, contents: { kind: contents.kind, value: `${contents.value}${gap}${own}` } }
  }
  return { ...theirs, contents: [...(Array.isArray(contents) ? contents : [contents]), own] }
}

export function mergeCompletion(
  theirs: CompletionList | CompletionItem[] | null | undefined,
  ours: readonly CompletionItem[],
): CompletionList | CompletionItem[] | null {
  if (ours.length === 0) return theirs ?? null
  if (!theirs || Array.isArray(theirs)) return { isIncomplete: false, items: [...ours, ...(theirs ?? [])] }
  return { ...theirs, items: [...ours, ...theirs.items] }
}

/** Ours carry a mark, since `resolve` says no more than the item. */
export function isOwnItem(item: { data?: unknown }): boolean {
  const { data } = item
  return typeof data === 'object' && data !== null && 'weave' in data
}
