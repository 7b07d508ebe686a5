/**
 * Where `tsc -b` puts the outputs of the projects that a tsconfig refers to. In goes a tsconfig; out comes the way from one file's
 * output to another's. Undefined for two files of one project: their outputs lie to each other as they do.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { withoutComments } from './jsonc.ts'

export interface Outputs {
  between(from: string, to: string): string | undefined
}

interface Project {
  readonly folder: string
  readonly rootDir: string
  readonly outDir: string | undefined
}

interface Raw {
  extends?: string | string[]
  compilerOptions?: { rootDir?: string; outDir?: string }
  references?: { path: string }[]
}

export function outputsOf(tsconfig: string): Outputs | undefined {
  const projects = new Map<string, Project>()
  collect(tsconfig, projects)
  if (projects.size < 2) return undefined
  // The deepest first: a project may lie in another's folder.
  const sorted = [...projects.values()].sort((a, b) => b.rootDir.length - a.rootDir.length)
  const of = (file: string) => sorted.find(({ rootDir }) => file.startsWith(`${rootDir}/`))
  const outputIn = ({ rootDir, outDir }: Project, file: string) =>
    outputName(outDir === undefined ? file : posix.join(outDir, posix.relative(rootDir, file)))
  return {
    between(from, to) {
      const [source, target] = [of(from), of(to)]
      if (source === undefined || target === undefined || source === target) return undefined
      return relativeSpecifier(outputIn(source, from), outputIn(target, to))
    },
  }
}

function collect(path: string, into: Map<string, Project>): void {
  const file = existsSync(path) && statSync(path).isDirectory() ? posix.join(path, 'tsconfig.json') : path
  const raw = read(file)
  if (raw === undefined || into.has(file)) return
  const folder = posix.dirname(file)
  const { rootDir, outDir } = optionsOf(file, raw)
  // `composite` makes the tsconfig's folder the default.
  into.set(file, { folder, rootDir: rootDir ?? folder, outDir })
  for (const { path: reference } of raw.references ?? []) collect(posix.resolve(folder, reference), into)
}

function optionsOf(file: string, raw: Raw): { rootDir?: string; outDir?: string } {
  const folder = posix.dirname(file)
  const found: { rootDir?: string; outDir?: string } = {}
  for (const base of [raw.extends ?? []].flat()) {
    if (!base.startsWith('.')) continue
    const path = posix.resolve(folder, base.endsWith('.json') ? base : `${base}.json`)
    const above = read(path)
    if (above !== undefined) Object.assign(found, optionsOf(path, above))
  }
  const { rootDir, outDir } = raw.compilerOptions ?? {}
  if (rootDir !== undefined) found.rootDir = posix.resolve(folder, rootDir)
  if (outDir !== undefined) found.outDir = posix.resolve(folder, outDir)
  return found
}

function read(file: string): Raw | undefined {
  try {
    return JSON.parse(withoutComments(readFileSync(file, 'utf8'))) as Raw
  } catch {
    return undefined
  }
}

export function relativeSpecifier(from: string, file: string): string {
  const path = posix.relative(posix.dirname(from), file)
  return path.startsWith('../') ? path : `./${path}`
}

export function outputName(file: string): string {
  return file.replace(/(?:\.d)?\.([cm]?)tsx?$/, '.$1js')
}
