/**
 * Imported first by `weavets`: stops on a Node.js that is too old with one sentence, before anything newer than it is reached.
 * Written for old engines too: nothing here may need the version that it asks for.
 */
import { WeaveError } from './errors.ts'

const NODE_MAJOR_MIN = 22
const NODE_MINOR_MIN = 18

/** Undefined when `version` (such as `24.1.0`) will do. */
export function nodeVersionProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > NODE_MAJOR_MIN || (major === NODE_MAJOR_MIN && minor >= NODE_MINOR_MIN)) return undefined
  return `weavets needs Node.js ${NODE_MAJOR_MIN}.${NODE_MINOR_MIN} or newer; this is ${version} (${process.execPath}). Install a newer one, for example with "npx -p node@24 node …".`
}

const problem = nodeVersionProblem(process.versions.node)
if (problem !== undefined) throw new WeaveError(problem, { code: 'WV_NODE_VERSION' })
