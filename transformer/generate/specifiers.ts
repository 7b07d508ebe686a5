/**
 * How a project writes its relative imports, so that the generated file writes its own in the same way and whatever compiles or runs
 * the project understands both. In goes the text of entries; out comes the style of the first import that shows one.
 */

/** `./cart.ts`, `./cart.js`, `./cart`. */
export type WrittenStyle = 'source' | 'output' | 'bare'

export function specifierStyle(texts: readonly string[]): WrittenStyle {
  for (const text of texts) {
    for (const [, specifier] of text.matchAll(/\bfrom\s*['"](\.{1,2}\/[^'"]*)['"]/g)) {
      if (/\.[cm]?tsx?$/.test(specifier!)) return 'source'
      if (/\.[cm]?js$/.test(specifier!)) return 'output'
      if (!/\.\w+$/.test(specifier!)) return 'bare'
    }
  }
  return 'source'
}
