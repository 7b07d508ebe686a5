/** Where a project begins: a leaf, for those who need no compiler. */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const CONFIG_FILE = /^weave\.config\.(ts|mts|js|mjs)$/

/**
 * The folder that names of components are relative to: that of `weave.config.ts` or of package.json, whichever is nearest to
 * `start` (the folder of a tsconfig, of a source) or above it; else `start`.
 */
export function findProjectRoot(start: string): string {
  const first = resolve(start)
  for (let folder = first; ; folder = dirname(folder)) {
    const names = existsSync(folder) ? readdirSync(folder) : []
    if (names.some((name) => CONFIG_FILE.test(name) || name === 'package.json')) return folder
    if (dirname(folder) === folder) return first
  }
}
