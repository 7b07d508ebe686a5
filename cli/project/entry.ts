/** `--entry`: which application of a project with several is meant. In goes the flag; out comes the config that says so. */
import { relative, resolve } from 'node:path'
import { Option } from 'commander'
import { loadConfigFile } from '../../runtime/config/config-file.ts'
import type { WeaveConfig } from '../../runtime/config/configuration.ts'

export const entryOption = (): Option =>
  new Option('--entry <file>', 'the file that calls run (default: that in weave.config.ts, or src/main.ts)')

/** Undefined, for what weave.config.ts says, where no entry was given; it is named from the folder that the command is run in. */
export async function configOf(entry: string | undefined): Promise<WeaveConfig | undefined> {
  if (entry === undefined) return undefined
  const { findProjectRoot } = await import('../../transformer/checker/root.ts')
  const root = findProjectRoot(process.cwd())
  return { ...loadConfigFile(root), entry: relative(root, resolve(entry)).replaceAll('\\', '/') }
}
