/**
 * Sources → the version of a build: a hash over paths and contents. The same sources give the same version in any folder, on
 * any machine: paths are relative with forward slashes, their order is ours, line ends are LF and a byte order mark doesn't count.
 */
import { createHash } from 'node:crypto'

/** `files`: path from the project's root → text. */
export function contentVersion(files: Iterable<readonly [path: string, text: string]>): string {
  const hash = createHash('sha256')
  const sorted = [...files].map(([path, text]) => [path.replaceAll('\\', '/'), text] as const)
  sorted.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  for (const [path, text] of sorted) {
    const content = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
    // Lengths keep apart what would otherwise read the same: a path that ends like a text begins.
    hash.update(`${Buffer.byteLength(path)}:${path}\n${Buffer.byteLength(content)}:${content}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}
