/**
 * Who analyses: the version of this package and, in a checkout of it, the state of its code, so that an entry of another analysis
 * is never taken for ours. Reads file times, no contents.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashOf } from './disk.ts'

let known: string | undefined

export function analyserIdentity(): string {
  known ??= identify()
  return known
}

/** `transformer/`, or `dist/transformer/` when it is built. */
const transformer = dirname(dirname(fileURLToPath(import.meta.url)))

/** Of this very package. */
export function ownPackage(): string {
  let folder = dirname(transformer)
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

function identify(): string {
  const folder = ownPackage()
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  // What was installed stays as it is; a checkout is edited under one version.
  if (folder.includes(`${sep}node_modules${sep}`)) return version
  return `${version} ${hashOf([transformer, join(dirname(transformer), 'runtime')].flatMap(stampsUnder).join('\n'))}`
}

function stampsUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return stampsUnder(path)
    if (!/\.[jt]s$/.test(entry.name) || entry.name.endsWith('.d.ts')) return []
    const { size, mtimeMs } = statSync(path)
    return `${path}:${size}:${mtimeMs}`
  })
}
