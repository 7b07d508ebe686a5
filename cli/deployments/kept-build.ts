/**
 * Builds of detached deployments: `.weave/deploy/v-VERSION` of the project. They stay while something may be started from them, so whoever sees the end of the
 * application removes them. A folder that the user gave with `--build` is never one.
 */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** In the project; builds of deployments in the foreground are here too, each under its deployer's pid. */
export const DEPLOY_FOLDER = join('.weave', 'deploy')

/** Moves a build to where it may stay. One of the same version that is there is as good. */
export function keepBuild(directory: string, version: string): string {
  const kept = join(dirname(directory), `v-${version}`)
  if (!existsSync(kept)) renameSync(directory, kept)
  return kept
}

export function removeKeptBuild(directory: string): void {
  const ours = basename(directory).startsWith('v-') && dirname(directory).endsWith(DEPLOY_FOLDER)
  if (ours) rmSync(directory, { recursive: true, force: true })
}
