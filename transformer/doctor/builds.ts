/**
 * The project's own builds: whether each config of a bundler names weave's plugin, and first; and whether outputs that lie about are of
 * the sources that are there. In go the project's root and the plan of its sources; out come findings.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { SourceTokens } from '../diagnostics/fixes/tokens.ts'
import { bad, type Finding, ok } from './finding.ts'

const CONFIG = /^(vite|vitest|rollup|rolldown|esbuild|build)(\.config)?\.[cm]?[jt]s$/
/** Of each tool, the plugin's module. */
const MODULE: Readonly<Record<string, string>> = {
  vite: 'weavets/vite',
  vitest: 'weavets/vite',
  rollup: 'weavets/rollup',
  rolldown: 'weavets/rollup',
  esbuild: 'weavets/esbuild',
}

export function buildFindings(root: string): Finding[] {
  return readdirSync(root)
    .sort()
    .flatMap((name) => {
      const tool = CONFIG.exec(name)?.[1]
      const text = tool === undefined ? '' : readFileSync(join(root, name), 'utf8')
      // A script of any name counts when it calls esbuild.
      const used = tool === 'build' ? (/['"]esbuild['"]/.test(text) ? 'esbuild' : undefined) : tool
      return used === undefined ? [] : [configFinding(name, used, text)]
    })
}

function configFinding(name: string, tool: string, text: string): Finding {
  const module = MODULE[tool]!
  const local = /import\s*\{[^}]*?\b(\w+)(?:\s+as\s+(\w+))?\s*\}\s*from\s*['"]weavets\/\w+['"]/.exec(text)
  if (!/['"]weavets\/\w+['"]/.test(text)) {
    return bad('build', 'problem', {
      code: 'WV9002',
      message: `${name} does not use ${module}, so what ${tool} loads reaches the runtime untransformed.`,
      fix: `import { weave } from '${module}', and put weave() first in "plugins"`,
    })
  }
  const first = firstPlugin(text)
  const called = local?.[2] ?? local?.[1]
  if (first !== undefined && called !== undefined && first !== called) {
    return bad('build', 'warning', {
      code: 'WV9005',
      message: `${name} has '${first}' before ${called}() in "plugins"; a plugin that answers for a file keeps it from the others.`,
      fix: `put ${called}() first in "plugins"`,
    })
  }
  return ok('build', `${name} uses ${module}`)
}

/** The name that the first element of the last-but-outermost `plugins: [` begins with. */
function firstPlugin(text: string): string | undefined {
  const { tokens } = new SourceTokens(text)
  const at = tokens.findIndex(
    (each, index) => each.text === 'plugins' && tokens[index + 1]?.text === ':' && tokens[index + 2]?.text === '[',
  )
  const first = at === -1 ? undefined : tokens[at + 3]
  return first?.kind === 'word' ? first.text : undefined
}

export interface Outputs {
  readonly root: string
  /** Of the sources as they are. */
  readonly version: string
}

const MANIFEST_FILE = 'weave.manifest.json'
/** Folders that builds are written to, by `weave build` and by custom. */
const OUTPUT_FOLDERS = ['.weave/build', 'dist', 'build', 'out', 'lib']

export function outputFindings({ root, version }: Outputs): Finding[] {
  return OUTPUT_FOLDERS.flatMap((folder) => manifestsIn(join(root, folder), 2)).map((file) => {
    const name = relative(root, file)
    const built = versionIn(file)
    if (built === version) return ok('outputs', `${name} is of the sources as they are`)
    return bad('outputs', 'warning', {
      code: 'WV9006',
      message: `${name} is of version ${built ?? 'unknown'}, and the sources are ${version}.`,
      fix: 'build again',
    })
  })
}

function manifestsIn(folder: string, depth: number): string[] {
  // A script may be called "build", a log "out".
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  const own = existsSync(join(folder, MANIFEST_FILE)) ? [join(folder, MANIFEST_FILE)] : []
  if (depth === 0) return own
  const inner = readdirSync(folder, { withFileTypes: true }).filter(
    (each) => each.isDirectory() && each.name !== 'node_modules',
  )
  return [...own, ...inner.flatMap((each) => manifestsIn(join(folder, each.name), depth - 1))]
}

function versionIn(file: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown }
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}
