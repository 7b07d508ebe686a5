/**
 * Generated text in two, for hosts in which a module of its own is cheaper: esbuild parses modules side by side. In goes generated
 * text; out come what must be in the application's file, since it names classes of that file, and the rest: most of it. A leaf.
 */

/** The only import of generated text, near its top. */
export const INTERNAL_IMPORT = `import * as __weave from 'weavets/internal'`

/** Begins the line behind which nothing names anything of the application's file; on it is what is used before it. */
export const APART = '// Of what follows is used above: '

export interface Apart {
  readonly inFile: Uint8Array
  /** It may be megabytes, and what is in the file is wanted first. */
  apart(): Uint8Array
}

/** Undefined when all of it belongs into the application's file. `specifier`: how that file imports the other part. */
export function splitApart(generated: Uint8Array, specifier: string): Apart | undefined {
  const bytes = Buffer.from(generated.buffer, generated.byteOffset, generated.byteLength)
  const at = bytes.indexOf(`\n${APART}`) + 1
  if (at === 0) return undefined
  const end = bytes.indexOf('\n', at)
  const names = bytes.toString('utf8', at + APART.length, end)
  return {
    inFile: Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from(`import { ${names} } from ${JSON.stringify(specifier)}\n`),
    ]),
    apart: () =>
      Buffer.concat([Buffer.from(`${INTERNAL_IMPORT}\n`), bytes.subarray(end), Buffer.from(`\nexport { ${names} }\n`)]),
  }
}
