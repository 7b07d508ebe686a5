/**
 * A transformed text whose generated imports (at its end, where they hoist) stand before its first statement, for outputs in which
 * imports don't hoist. No line moves: they go onto the line of that statement, and their own lines stay empty.
 */
const GENERATED_IMPORT = /^import \* as __weave\w* from ['"][^'"]+['"];?$/gm

export function importsFirst(text: string): string {
  const imports = text.match(GENERATED_IMPORT) ?? []
  if (imports.length === 0) return text
  const rest = text.replace(GENERATED_IMPORT, '')
  const at = firstStatement(rest)
  return `${rest.slice(0, at)}${imports.map((each) => `${each.replace(/;$/, '')}; `).join('')}${rest.slice(at)}`
}

/** After a byte order mark, a hashbang, comments, and directives such as `'use strict'`. */
function firstStatement(text: string): number {
  const before =
    /^(?:\uFEFF)?(?:#![^\n]*\n)?(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/|(?:'[^'\n]*'|"[^"\n]*")[ \t]*(?:;|(?=\n)))*/
  return before.exec(text)?.[0].length ?? 0
}
