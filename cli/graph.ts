/**
 * `weave graph`: the component graph of the sources as they are now, as Mermaid text (mermaid.ts says how); or of a manifest that is
 * named. A plan that the cache knows loads no compiler.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { type Manifest, parseManifest } from '../runtime/manifest.ts'
import { count, shown } from './check.ts'
import { Failure } from './errors.ts'
import { drawGraph } from './mermaid.ts'

export function graphCommand(): Command {
  return new Command('graph')
    .argument('[manifest]', 'a weave.manifest.json (default: the sources of the project)')
    .action(async (path: string | undefined) => {
      process.stdout.write(drawGraph(path === undefined ? await ofSources() : readManifest(resolve(path))))
    })
}

async function ofSources(): Promise<Manifest> {
  const { openPlan } = await import('../transformer/plan.ts')
  const planner = openPlan({ from: process.cwd() })
  try {
    if (!existsSync(planner.entry)) {
      throw new Failure(`there is no ${shown(planner.entry)}, and so nothing to draw.`, {
        next: 'Set "entry" in weave.config.ts to the file that calls run, or name a manifest: weave graph dist/weave.manifest.json',
      })
    }
    const plan = planner.refresh()
    const errors = plan.analysis.diagnostics.filter(({ severity }) => severity === 'error')
    const manifest = plan.manifest('')
    if (manifest !== undefined && errors.length === 0) return manifest
    throw new Failure(`the sources have ${count(errors.length, 'boundary error')}.`, {
      next: 'Run "weave check", which shows them.',
    })
  } finally {
    planner.close()
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
