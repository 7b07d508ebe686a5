/** Installs the peers of the benches, once, and gives a way to require one. No lock file: one peer names binaries of platforms that registries may lack. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const folder = import.meta.dirname

export function installPeers(): NodeJS.Require {
  if (!existsSync(join(folder, 'node_modules'))) {
    const { status } = spawnSync(
      'npm',
      ['install', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'],
      {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    if (status !== 0) throw new Error(`npm install in ${folder} ended with ${status}`)
  }
  return createRequire(join(folder, 'package.json'))
}
