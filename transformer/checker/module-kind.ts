/**
 * Whether what a compiler makes of a file may await at its top level; by the numbers that both compilers have for `module` and for the format
 * which a package.json gives a file.
 */

const COMMONJS = 1
const ESNEXT = 99
/** `node16` to `nodenext`: each file by its name and its package.json. */
const NODE = { first: 100, last: 199 }
/** System, ES2022, ESNext, Preserve. Unset, it is ESNext. */
const AWAITING: ReadonlySet<number> = new Set([4, 7, ESNEXT, 200])

export function mayAwaitAtTop(path: string, module: number = ESNEXT, format: number | undefined): boolean {
  if (/\.cts$/.test(path)) return false
  if (module >= NODE.first && module <= NODE.last) return format !== COMMONJS
  return AWAITING.has(module)
}
