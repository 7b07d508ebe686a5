/** The version of this package, from its package.json. */
import { readFileSync } from 'node:fs'

export function packageVersion(): string {
  // From `dist/cli/project` as from `cli/project`: whichever of the two is there is the package's root.
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string }).version
    } catch {}
  }
  return '0.0.0'
}
