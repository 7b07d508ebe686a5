/**
 * Where a change is written today. In go the innermost named type and the member's name; out comes the member's name in the
 * source text, or else the method's, or the component's. Names of types say which file declares them, so text is all it needs.
 */
import { SourceTokens, type Token } from '../diagnostics/fixes/tokens.ts'
import type { Component, Method, SourceSpan } from '../model.ts'
import type { Site } from './change.ts'

/** Text of a file from the project's root, if there is one. */
export type Read = (file: string) => string | undefined

export function locate(site: Site, component: Component, method: Method | undefined, read: Read): SourceSpan {
  const fallback = method?.declaration ?? component.declaration
  return inDefinition(site, read) ?? inSignature(site, method, read) ?? fallback
}

/** Of a name of ours, `src/list.Node<string>~2`: the declaration `Node` in `src/list`. */
function inDefinition({ definition, inner, member }: Site, read: Read): SourceSpan | undefined {
  const [, module, name] = /^(.*?)\.([\p{ID_Start}$_][\p{ID_Continue}$]*)(?:[<~].*)?$/u.exec(definition ?? '') ?? []
  if (module === undefined || name === undefined) return undefined
  for (const extension of ['.ts', '.tsx', '.mts', '.cts']) {
    const file = module + extension
    const text = read(file)
    if (text === undefined) continue
    const source = new SourceTokens(text)
    const at = source.tokens.findIndex(
      (each, index) => each.text === name && ['interface', 'type'].includes(source.tokens[index - 1]?.text ?? ''),
    )
    const own = source.tokens[at]
    if (!own) return undefined
    const found =
      inner !== '' && member !== undefined ? memberIn(source, at, endOfDeclaration(source, at), member) : undefined
    const { start, end } = found ?? own
    return { file, start, end }
  }
  return undefined
}

function inSignature({ definition, member }: Site, method: Method | undefined, read: Read): SourceSpan | undefined {
  const declared = method?.declaration
  const text = declared && definition === undefined && member !== undefined ? read(declared.file) : undefined
  if (!declared || text === undefined) return undefined
  const source = new SourceTokens(text)
  const at = source.indexAt(declared.start)
  const found = memberIn(source, at, endOfSignature(source, at), member!)
  return found && { file: declared.file, start: found.start, end: found.end }
}

/** `name:` or `name?:` between two tokens, the outermost first. */
function memberIn({ tokens }: SourceTokens, from: number, to: number, name: string): Token | undefined {
  let best: { readonly token: Token; readonly depth: number } | undefined
  let depth = 0
  for (let at = from; at <= to && at < tokens.length; at++) {
    const token = tokens[at]!
    if ('([{'.includes(token.text)) depth++
    else if (')]}'.includes(token.text)) depth--
    const bare = token.kind === 'string' ? token.text.slice(1, -1) : token.text
    const next = tokens[at + 1]?.text
    const declares = bare === name && (next === ':' || (next === '?' && tokens[at + 2]?.text === ':'))
    if (declares && (!best || depth < best.depth)) best = { token, depth }
  }
  return best?.token
}

/** An interface ends with its braces, an alias where the next statement begins. */
function endOfDeclaration(source: SourceTokens, at: number): number {
  const { tokens } = source
  for (let next = at; next < tokens.length; next++) {
    const { text } = tokens[next]!
    if (text === '{' && tokens[at - 1]!.text === 'interface') return source.closing(next) ?? tokens.length
    if (['(', '[', '{'].includes(text)) next = source.closing(next) ?? tokens.length
    else if (text === ';' || (next > at && ['export', 'interface', 'class', 'function', 'const'].includes(text)))
      return next
  }
  return tokens.length
}

/** Behind the parameters, to the `;` or to the `(` of the next method. */
function endOfSignature(source: SourceTokens, at: number): number {
  const { tokens } = source
  const open = tokens.findIndex((each, index) => index >= at && each.text === '(')
  let end = (open === -1 ? undefined : source.closing(open)) ?? at
  for (let next = end + 1; next < tokens.length; next++) {
    const { text } = tokens[next]!
    if ([';', '}', '('].includes(text)) break
    if (['[', '{'].includes(text)) next = source.closing(next) ?? tokens.length
    end = next
  }
  return end
}
