/**
 * Boundary diagnostics as TypeScript's own, for hosts where a compiler reports them. Errors only: a warning among a
 * program's diagnostics makes `tsc` fail, so warnings are printed on stderr instead.
 */
import { join } from 'node:path'
import type * as TS from 'typescript'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { formatDiagnostics } from '../diagnostics/format.ts'

/** TypeScript's numbers end below 100 000 and no plugin we know goes near this: `WV2006` is TS852006. */
export const CODE_BASE = 850_000

/** What TypeScript prints of such an error, `error TS852006: WV2006 …`, as `error WV2006: …`; colours may stand between. */
export function withPublicCodes(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such characters
  return text.replace(/TS85(\d{4}): ((?:\u001b\[\d*m)*)WV\1 /g, 'WV$1: $2')
}

export function convertDiagnostics(
  ts: typeof TS,
  program: TS.Program,
  root: string,
  diagnostics: readonly Diagnostic[],
): TS.Diagnostic[] {
  const readFile = (path: string) => sourceFile(ts, program, path)?.text
  const warnings = diagnostics.filter((each) => each.severity === 'warning')
  if (warnings.length > 0) process.stderr.write(formatDiagnostics(warnings, { root, readFile }))
  return diagnostics.filter((each) => each.severity === 'error').map((each) => convert(ts, program, root, each))
}

function convert(ts: typeof TS, program: TS.Program, root: string, each: Diagnostic): TS.Diagnostic {
  const category = ts.DiagnosticCategory.Error
  const code = CODE_BASE + Number(each.code.slice(2))
  const note = (messageText: string): TS.DiagnosticMessageChain => ({ messageText, category, code })
  const next = [each.why === '' ? [] : note(each.why), each.fix === '' ? [] : note(each.fix)].flat()
  const found = each.file === undefined ? undefined : sourceFile(ts, program, join(root, each.file))
  // Set-up errors belong to no file; a builder asks file by file, so they are shown at the start of the first one.
  const file = found ?? program.getSourceFile(program.getRootFileNames()[0] ?? '')
  return {
    source: 'weave',
    category,
    code,
    file,
    start: found === undefined ? 0 : each.start,
    length: found === undefined ? 0 : Math.max(each.end - each.start, 1),
    messageText: { messageText: `${each.code} ${each.message}`, category, code, next },
    relatedInformation: each.related.map((related) => {
      const source = sourceFile(ts, program, join(root, related.file))
      const start = source && ts.getPositionOfLineAndCharacter(source, related.line - 1, related.column - 1)
      return {
        category: ts.DiagnosticCategory.Message,
        code,
        file: source,
        start,
        length: 1,
        messageText: related.message,
      }
    }),
  }
}

/** Of a project that is referred to the program has the declarations alone, while errors are in its sources. */
function sourceFile(ts: typeof TS, program: TS.Program, path: string): TS.SourceFile | undefined {
  const own = program.getSourceFile(path)
  if (own !== undefined) return own
  const text = ts.sys.readFile(path)
  return text === undefined ? undefined : ts.createSourceFile(path, text, ts.ScriptTarget.Latest)
}
