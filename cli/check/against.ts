/** `weave check --against`: reads the old manifest, a file or the folder of a build, and compares. A file that is none is an error. */
import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Manifest, parseManifest } from '../../runtime/manifest.ts'
import { type Comparison, compareWithManifest } from '../../transformer/compare/index.ts'
import { MANIFEST_FILE, type Plan } from '../../transformer/plan.ts'
import { shown } from '../check.ts'
import { Failure } from '../errors.ts'

export function compareWithFile(given: string, plan: Plan): Comparison {
  const old = readManifest(given)
  const { model } = plan.analysis
  return compareWithManifest({ old, model, app: plan.app, read: (file) => plan.readFile(join(plan.root, file)) })
}

function readManifest(given: string): Manifest {
  const path = resolve(given)
  const stat = statSync(path, { throwIfNoEntry: false })
  const file = stat?.isDirectory() ? join(path, MANIFEST_FILE) : path
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Failure(`there is no ${shown(file)} to compare with.`, {
      next: `Give the ${MANIFEST_FILE} of the deployed version; "weave build" writes it beside the built entry.`,
      cause,
    })
  }
  try {
    return parseManifest(text, shown(file))
  } catch (cause) {
    // Building again would make the manifest of today's version, not of the one that is compared with.
    const message = (cause as Error).message.replace(/; build the application again with `weave build`\.$/, '.')
    throw new Failure(message, {
      next: `Give the ${MANIFEST_FILE} of the deployed version, as that build wrote it.`,
      cause,
    })
  }
}
