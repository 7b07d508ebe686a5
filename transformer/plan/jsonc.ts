/** JSON as tsconfig.json has it → JSON. A leaf: hosts that must load little read their settings with it. */

/** Comments and trailing commas, which tsconfig.json may have, and strings, which may look like them. */
const COMMENTS = /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
const TRAILING = /("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g

export function withoutComments(text: string): string {
  const keep = (_: string, string: string | undefined) => string ?? ''
  return text
    .replace(/^\uFEFF/, '')
    .replace(COMMENTS, keep)
    .replace(TRAILING, keep)
}
