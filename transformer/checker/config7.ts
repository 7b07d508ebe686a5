/**
 * What a tsconfig says, read by TypeScript 7's own reader: the twin of config6.ts. In goes an absolute path, or a folder where
 * there is none; out come root files, compiler options, the config files that had a say, and what is wrong with them.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { NO_FILES, REFERENCES_MAX, slashes, sourcesUnder } from './config6.ts'
import { diagnosticText } from './view7.ts'
import type { Sync, Ts7 } from './view7-api.ts'

export interface Setup7 {
  readonly fileNames: readonly string[]
  readonly options: Sync.RawCompilerOptions
  readonly references: readonly Sync.ProjectReference[]
  readonly configFiles: readonly string[]
  readonly errors: readonly string[]
}

/** An application is analysed, not built: the same as under TypeScript 6. */
const OURS = { noEmit: true, skipLibCheck: true, incremental: false, composite: false } as const

/** `compile`: options in place of the tsconfig's; the project is read as a compiler reads it, for its own outputs. */
export function readConfig7(
  api: Sync.API,
  path: string,
  compile?: Readonly<Record<string, unknown>>,
  depth = 0,
): Setup7 | undefined {
  const configFiles = chain(api, path)
  let parsed: Sync.ParsedCommandLine
  try {
    parsed = api.parseConfigFile(slashes(path))
  } catch (error) {
    if (existsSync(path)) throw error
    return undefined
  }
  const errors = parsed.errors.map((error) => `${basename(path)}: ${diagnosticText(error, ' ')}`)
  const references = parsed.projectReferences ?? []
  if (compile !== undefined) {
    const { composite } = parsed.options
    // Nothing is kept from one compilation to the next, but a composite project has to be called incremental.
    const asked = {
      ...(composite && { declaration: true }),
      ...parsed.options,
      ...compile,
      incremental: composite === true,
    }
    return { fileNames: parsed.fileNames, options: asked, references, configFiles, errors }
  }
  const options = { ...parsed.options, ...OURS }
  if (references.length === 0 || depth > REFERENCES_MAX) {
    return { fileNames: parsed.fileNames, options, references, configFiles, errors }
  }
  // What it refers to is part of the application, its sources and not its outputs. A "solution" has no files of its own.
  const projects = references.flatMap((each) => readConfig7(api, referenced(each.path), undefined, depth + 1) ?? [])
  const first = projects.find((each) => each.fileNames.length > 0) ?? projects[0]
  return {
    fileNames: [...new Set([...parsed.fileNames, ...projects.flatMap((each) => each.fileNames)])],
    options: parsed.fileNames.length > 0 || first === undefined ? options : first.options,
    references,
    configFiles: [...new Set([...configFiles, ...projects.flatMap((each) => each.configFiles)])],
    errors: [...errors, ...projects.flatMap((each) => each.errors)].filter((error) => !NO_FILES.test(error)),
  }
}

const referenced = (path: string): string => (path.endsWith('.json') ? path : join(path, 'tsconfig.json'))

/** Without a tsconfig: all sources under a folder, strict, with the options of `weave init`. */
export function withoutConfig7(ts7: Ts7, folder: string): Setup7 {
  const { ModuleKind, ModuleResolutionKind, JsxEmit } = ts7.sync
  const options: Sync.RawCompilerOptions = {
    ...OURS,
    target: ts7.ast.ScriptTarget.ESNext,
    module: ModuleKind.NodeNext,
    moduleResolution: ModuleResolutionKind.NodeNext,
    strict: true,
    allowImportingTsExtensions: true,
    jsx: JsxEmit.Preserve,
    types: ['node'],
  }
  return { fileNames: sourcesUnder(folder), options, references: [], configFiles: [], errors: [] }
}

/** The tsconfig and all that it extends, however far. */
function chain(api: Sync.API, path: string, seen: Set<string> = new Set()): readonly string[] {
  if (seen.has(path) || !existsSync(path)) return [...seen]
  seen.add(path)
  const { config } = api.readConfigFile(slashes(path))
  const named = (config as { extends?: unknown } | undefined)?.extends
  for (const each of Array.isArray(named) ? named : [named]) {
    const above = typeof each === 'string' ? extended(path, each) : undefined
    if (above) chain(api, above, seen)
  }
  return [...seen]
}

function extended(from: string, name: string): string | undefined {
  if (/^(\.\.?([\\/]|$)|[\\/]|[a-zA-Z]:)/.test(name)) {
    const path = resolve(dirname(from), name)
    return [path, `${path}.json`].find((each) => existsSync(each) && each.endsWith('.json'))
  }
  const require = createRequire(from)
  for (const specifier of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      const path = require.resolve(specifier)
      if (path.endsWith('.json')) return path
    } catch {
      // Not under this form; TypeScript itself reports a name that has none.
    }
  }
  return undefined
}
