/**
 * Loads `weave.config.{ts,mts,js,mjs}` of a folder, synchronously, by Node's own `require` of ES modules and type stripping.
 * A leaf (errors and configuration only): the runtime, the deployer, the CLI and the transformer read the file through it,
 * so that there is one way to read it. Whether it fits the application is checked by whoever knows the application.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { WeaveError } from '../errors.ts'
import type { WeaveConfig } from './configuration.ts'

export const CONFIG_FILES = ['weave.config.ts', 'weave.config.mts', 'weave.config.js', 'weave.config.mjs'] as const

/** Forms in which other tools have theirs. */
const UNREAD = ['json', 'jsonc', 'json5', 'cjs', 'cts', 'yaml', 'yml', 'toml'].map((end) => `weave.config.${end}`)

/** Undefined when `root` has none. Throws `WV_CONFIG` that says which file and why. */
export function loadConfigFile(root: string): WeaveConfig | undefined {
  const files = CONFIG_FILES.filter((name) => existsSync(join(root, name)))
  const name = files[0]
  if (name === undefined) {
    const unread = UNREAD.find((each) => existsSync(join(root, each)))
    if (unread === undefined) return undefined
    throw new WeaveError(
      `${unread} is not read; put what it says into weave.config.ts, as "export default defineConfig({ … })".`,
      { code: 'WV_CONFIG' },
    )
  }
  if (files.length > 1) {
    throw new WeaveError(`There are ${files.length} config files (${files.join(', ')}) in ${root}; keep one.`, {
      code: 'WV_CONFIG',
    })
  }
  const file = join(root, name)
  let loaded: unknown
  try {
    loaded = createRequire(file)(file)
  } catch (error) {
    const text = `${name} could not be loaded: ${reason(error)}${placeIn(file, name, error)}`
    throw new WeaveError(text, { code: 'WV_CONFIG', cause: error })
  }
  const config = (loaded as { default?: unknown } | null | undefined)?.default
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new WeaveError(
      `${name} must have a default export that is an object: "export default defineConfig({ … })".`,
      { code: 'WV_CONFIG' },
    )
  }
  return config as WeaveConfig
}

/** ` (weave.config.ts:3)`, as far as the error's stack knows: a syntax error has its line above it, a thrown one a frame. */
function placeIn(file: string, name: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const at = [pathToFileURL(file).href, file]
    .map((path) => stack.split(`${path}:`)[1])
    .find((rest) => rest !== undefined)
  const place = /^\d+(?::\d+)?/.exec(at ?? '')
  return place === null ? '' : ` (${name}:${place[0]})`
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if ((error as NodeJS.ErrnoException).code === 'ERR_REQUIRE_ASYNC_MODULE') {
    return 'it uses top-level await; the file is loaded synchronously, so compute such values before.'
  }
  if ((error as NodeJS.ErrnoException).code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return `${error.message} (Node only strips types here: write no enums, namespaces or parameter properties.)`
  }
  return error.message
}
