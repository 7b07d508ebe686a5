/** Our plain values as tsserver's: diagnostics with their chain and related places, edits as changes of text. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type * as TS from 'typescript'
import { CATALOGUE, isCode } from '../../diagnostics/catalogue.ts'
import type { Diagnostic, Edit } from '../../diagnostics/diagnostic.ts'
import type { Planned } from './plans.ts'

/** TypeScript's numbers end below 100 000 and no plugin we know goes near this: `WV2006` is 852006. */
const CODE_BASE = 850_000

export const codeNumber = (code: string): number => CODE_BASE + Number(code.slice(2))

let codes: string[] | undefined
/** An editor asks for fixes only of codes that it was told of. */
export function ownCodes(): string[] {
  codes ??= Object.keys(CATALOGUE).map((code) => String(codeNumber(code)))
  return codes
}

export function convertDiagnostic(
  ts: typeof TS,
  { plan, program }: Planned,
  path: string,
  each: Diagnostic,
): TS.Diagnostic {
  const { Error: error, Warning, Message } = ts.DiagnosticCategory
  const category = each.severity === 'error' ? error : Warning
  const code = codeNumber(each.code)
  const note = (messageText: string): TS.DiagnosticMessageChain => ({ messageText, category: Message, code })
  const name = isCode(each.code) ? ` weave(${CATALOGUE[each.code].name})` : ''
  const next = [
    ...(each.why === '' ? [] : [note(`why: ${each.why}`)]),
    ...(each.fix === '' ? [] : [note(`fix: ${each.fix}`)]),
    // tsserver has no place for a link.
    note(`weave explain ${each.code}`),
  ]
  const file = program.getSourceFile(path)
  const length = Math.max(each.end - each.start, 1)
  return {
    source: 'weave',
    category,
    code,
    file,
    start: Math.min(each.start, Math.max(0, (file?.text.length ?? 0) - 1)),
    length: Math.min(length, Math.max(0, (file?.text.length ?? 0) - each.start)),
    messageText: { messageText: `${each.code} ${each.message}${name}`, category, code, next },
    relatedInformation: each.related.map((related) => {
      const source = program.getSourceFile(join(plan.root, related.file))
      const start = source && offsetOf(source, related.line - 1, related.column - 1)
      return { category: Message, code, file: source, start, length: 1, messageText: related.message }
    }),
  }
}

/** `getPositionOfLineAndCharacter` throws where the text has become shorter. */
function offsetOf(source: TS.SourceFile, line: number, character: number): number {
  const starts = source.getLineStarts()
  return Math.min((starts[line] ?? 0) + character, Math.max(0, source.text.length - 1))
}

export function changesOf(root: string, edits: readonly Edit[]): TS.FileTextChanges[] {
  const byFile = new Map<string, Edit[]>()
  for (const edit of edits) byFile.set(edit.file, [...(byFile.get(edit.file) ?? []), edit])
  return [...byFile].map(([file, own]) => ({
    fileName: join(root, file),
    // A file that doesn't exist yet is made: its only edit is all of it.
    ...(own.every(({ start, end }) => start === 0 && end === 0) &&
      own.length === 1 &&
      !existsSync(join(root, file)) && { isNewFile: true }),
    textChanges: own.map(({ start, end, text }) => ({ span: { start, length: end - start }, newText: text })),
  }))
}
