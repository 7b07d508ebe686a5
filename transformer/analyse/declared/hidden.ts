/**
 * Classes that implement a component where nobody looks for them: in an expression, a function or a namespace. In go the texts of the
 * project; out comes where the first such class is written. Asked only when a component lacks an implementation, so it may scan text.
 */
import type { Place } from '../../checker/view.ts'
import { SourceTokens } from '../../diagnostics/fixes/tokens.ts'

export function findHiddenClass(
  sources: Iterable<readonly [path: string, text: string]>,
  interfaceName: string,
  isTest: (path: string) => boolean,
): Place | undefined {
  const named = new RegExp(`\\bimplements\\b[^{]*(?<![\\w$])${interfaceName.replaceAll('$', '\\$')}(?![\\w$])`)
  for (const [path, text] of sources) {
    if (!named.test(text) || isTest(path)) continue
    const { tokens } = new SourceTokens(text)
    for (const [at, { kind, text: word, start, end }] of tokens.entries()) {
      if (kind !== 'word' || word !== 'class' || tokens[at - 1]?.text === '.') continue
      const body = tokens.findIndex((each, index) => index > at && each.text === '{')
      const clause = tokens.slice(at, body).map((each) => each.text)
      const from = clause.indexOf('implements')
      if (from !== -1 && clause.includes(interfaceName, from)) return { file: path, start, end }
    }
  }
  return undefined
}
