/**
 * What a tsconfig says, read by TypeScript 6's own reader: the files that it includes, compiler options, every config file that
 * had a say (for watching) and what is wrong with them. Without a tsconfig: all sources under a folder, strict.
 * Refuses nothing; an unreadable tsconfig counts as none, with its error.
 */
import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Ast, Ts } from './view6-types.ts'

export interface Setup {
  readonly fileNames: readonly string[]
  readonly options: Ast.CompilerOptions
  readonly references: readonly Ast.ProjectReference[]
  /** The tsconfig and what it extends. */
  readonly configFiles: readonly string[]
  readonly errors: readonly string[]
}

export function readConfig(ts: Ts, path: string, depth = 0): Setup {
  const diagnostics: Ast.Diagnostic[] = []
  const parsed = ts.getParsedCommandLineOfConfigFile(
    slashes(path),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => diagnostics.push(diagnostic),
    },
  )
  const errors = [...diagnostics, ...(parsed?.errors ?? [])].map(
    (each) => `${basename(path)}: ${ts.flattenDiagnosticMessageText(each.messageText, ' ')}`,
  )
  if (!parsed) return { ...withoutConfig(ts, dirname(path)), configFiles: [path], errors }
  const raw = parsed.options.configFile as { extendedSourceFiles?: readonly string[] } | undefined
  const configFiles = [path, ...(raw?.extendedSourceFiles ?? [])]
  const options = { ...parsed.options, noEmit: true, skipLibCheck: true, incremental: false, composite: false }
  const references = parsed.projectReferences ?? []
  if (references.length === 0 || depth > REFERENCES_MAX) {
    return { fileNames: parsed.fileNames, options, references, configFiles, errors }
  }
  // What it refers to is part of the application, its sources and not its outputs. A "solution" has no files of its own.
  const projects = references.map((each) => readConfig(ts, ts.resolveProjectReferencePath(each), depth + 1))
  const first = projects.find((each) => each.fileNames.length > 0) ?? projects[0]
  return {
    fileNames: [...new Set([...parsed.fileNames, ...projects.flatMap((each) => each.fileNames)])],
    options: parsed.fileNames.length > 0 || first === undefined ? options : first.options,
    references,
    configFiles: [...new Set([...configFiles, ...projects.flatMap((each) => each.configFiles)])],
    errors: [...errors, ...projects.flatMap((each) => each.errors)].filter((error) => !NO_FILES.test(error)),
  }
}

/** Projects that refer to each other in a circle are TypeScript's to refuse. */
export const REFERENCES_MAX = 20
/** A solution without `files: []`. */
export const NO_FILES = /No inputs were found in config file/

export function withoutConfig(ts: Ts, folder: string): Setup {
  const options: Ast.CompilerOptions = {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    jsx: ts.JsxEmit.Preserve,
    // TypeScript 6 takes no `@types` by itself; the application runs on Node.
    types: ['node'],
  }
  return { fileNames: sourcesUnder(folder), options, references: [], configFiles: [], errors: [] }
}

export function sourcesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        return entry.name.startsWith('.') || entry.name === 'node_modules' || entry.name === 'dist'
          ? []
          : sourcesUnder(path)
      }
      return /\.(ts|tsx|mts)$/.test(entry.name) ? [slashes(path)] : []
    })
}

export const slashes = (path: string): string => path.replaceAll('\\', '/')
