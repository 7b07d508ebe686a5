/**
 * `weave graph`: the component graph of a built application as Mermaid text, from its manifest alone (mermaid.ts
 * says how). Loads no compiler.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { CONFIG_FILES } from '../runtime/config-file.ts'
import { type Manifest, parseManifest } from '../runtime/manifest.ts'
import { Failure } from './errors.ts'
import { drawGraph } from './mermaid.ts'

const MANIFEST = '.weave/build/weave.manifest.json'

export function graphCommand(): Command {
  return new Command('graph')
    .argument('[manifest]', `a weave.manifest.json (default: ${MANIFEST} of the project)`)
    .action((path: string | undefined) => {
      process.stdout.write(drawGraph(readManifest(path === undefined ? defaultManifest() : resolve(path))))
    })
}

function defaultManifest(): string {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const built = join(folder, MANIFEST)
    if (existsSync(built)) return built
    const ends = ['package.json', ...CONFIG_FILES].some((name) => existsSync(join(folder, name)))
    if (ends || dirname(folder) === folder) {
      throw new Failure(`there is no ${MANIFEST} in ${process.cwd()}.`, {
        next: 'Run "weave build" first, or name a manifest: weave graph dist/weave.manifest.json',
      })
    }
  }
}

function readManifest(path: string): Manifest {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Failure(`${path} can't be read.`, { next: 'Run "weave build", which writes it.', cause })
  }
  return parseManifest(text, path)
}
