/**
 * What the generated `import(…)` of a file says for a module: a relative path inside a package, the package's public name across
 * packages, and between projects of `tsc -b` the way from output to output. All paths are the model's, from the project's root.
 */
import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { Packages, type PublicName } from '../analyse/declared/packages.ts'
import type { SpecifierStyle } from '../plan.ts'
import { outputName, outputsOf, relativeSpecifier } from './outputs.ts'

export interface Imports {
  specifier(file: string): string
  publicName(file: string, exportName: string): PublicName | undefined
}

export interface ImportsInput {
  readonly root: string
  /** The file in which the import stands. */
  readonly from: string
  readonly style: SpecifierStyle
  /** Absolute; its references say where outputs are. */
  readonly tsconfig: string | undefined
}

export function importsOf({ root, from, style, tsconfig }: ImportsInput): Imports {
  const packages = new Packages(root)
  const path = posix.join(root, from)
  const own = packages.of(path)
  const outputs = style === 'source' ? undefined : outputsOf(tsconfig ?? posix.join(root, 'tsconfig.json'))
  return {
    specifier(file) {
      const target = posix.join(root, file)
      const between = outputs?.between(path, target)
      if (between !== undefined) return between
      const specifier = relativeSpecifier(from, file)
      return style === 'source' && !/\.d\.[cm]?ts$/.test(file) ? specifier : outputName(specifier)
    },
    publicName(file, exportName) {
      const target = posix.join(root, file)
      const other = packages.of(target)
      if (other === undefined || other.folder === own?.folder) return undefined
      return isInstalled(other.name, posix.dirname(path)) ? packages.publicName(target, exportName) : undefined
    },
  }
}

/** Where Node would find it. */
function isInstalled(name: string, folder: string): boolean {
  if (existsSync(posix.join(folder, 'node_modules', name))) return true
  const above = posix.dirname(folder)
  return above !== folder && isInstalled(name, above)
}
