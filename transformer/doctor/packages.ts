/**
 * What is installed: Node.js, the copies of weavets, how the package manager lays packages out. In go the project's root; out come
 * findings. Only package.json files and folders are read; nothing is loaded.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { bad, type Finding, ok } from './finding.ts'

export interface PackageJson {
  readonly name?: string
  readonly version?: string
  readonly type?: string
  readonly engines?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly workspaces?: unknown
}

export function readPackage(folder: string): PackageJson | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson
  } catch {
    return undefined
  }
}

export interface Own {
  /** Folder of the weavets that this command belongs to. */
  readonly folder: string
  readonly nodeVersion: string
}

export function nodeFinding({ folder, nodeVersion }: Own): Finding {
  const least = readPackage(folder)?.engines?.node?.match(/>=\s*([\d.]+)/)?.[1]
  if (least === undefined || !isOlder(nodeVersion, least)) return ok('node', `Node.js ${nodeVersion}`)
  return bad('node', 'problem', {
    message: `Node.js ${nodeVersion} is older than ${least}.`,
    fix: `install Node.js ${least} or newer: https://nodejs.org/en/download`,
  })
}

function isOlder(version: string, least: string): boolean {
  const [a, b] = [version, least].map((each) => each.split('.').map(Number))
  const at = [0, 1, 2].find((place) => (a![place] ?? 0) !== (b![place] ?? 0))
  return at !== undefined && (a![at] ?? 0) < (b![at] ?? 0)
}

export function weavetsFindings(root: string, own: Own): Finding[] {
  const mine = realpathSync(own.folder)
  const version = readPackage(mine)?.version ?? 'of unknown version'
  const copies = copiesOf('weavets', root)
  const [first] = copies
  const { dependencies = {}, devDependencies = {}, peerDependencies = {}, name } = readPackage(root) ?? {}
  const findings: Finding[] = []
  if (first === undefined && name !== 'weavets') {
    findings.push(
      bad('weavets', 'problem', {
        code: 'WV9011',
        message: 'weavets is not installed in this project.',
        fix: 'npm install weavets',
      }),
    )
  } else if (first !== undefined && first !== mine) {
    findings.push(
      bad('weavets', 'warning', {
        code: 'WV9003',
        message: `This command is weavets ${version} in ${mine}, and the project has ${readPackage(first)?.version} in ${relative(root, first) || '.'}.`,
        fix: "run the project's own: npx weave",
      }),
    )
  } else findings.push(ok('weavets', `weavets ${version} in ${shownFrom(root, mine)}`))
  if (copies.length > 1) {
    findings.push(
      bad('weavets', 'problem', {
        code: 'WV9003',
        message: `There are ${copies.length} copies of weavets: ${copies.map((each) => `${shownFrom(root, each)} (${readPackage(each)?.version})`).join(', ')}.`,
        fix: 'let all packages of the project ask for one version ("npm dedupe"), and packages that share components have it in "peerDependencies"',
      }),
    )
  }
  if (
    devDependencies.weavets !== undefined &&
    dependencies.weavets === undefined &&
    peerDependencies.weavets === undefined
  ) {
    findings.push(
      bad('weavets', 'warning', {
        message: 'weavets is in "devDependencies", and the running application needs it.',
        fix: 'move it to "dependencies" in package.json',
      }),
    )
  }
  return findings
}

function shownFrom(root: string, path: string): string {
  const way = relative(root, path)
  return way.startsWith('..') ? path : way === '' ? '.' : way
}

/** Folders, real paths: what the root would load, and what its packages would. */
function copiesOf(name: string, root: string): string[] {
  const found: string[] = []
  const add = (folder: string): void => {
    if (!existsSync(join(folder, 'package.json'))) return
    const real = realpathSync(folder)
    if (!found.includes(real)) found.push(real)
  }
  for (let folder = root; ; folder = dirname(folder)) {
    add(join(folder, 'node_modules', name))
    if (found.length > 0 || dirname(folder) === folder) break
  }
  // A package may also name itself, as our own fixtures do.
  if (found.length === 0) add(selfNamed(name, root) ?? '')
  for (const installed of packagesIn(join(root, 'node_modules'))) add(join(installed, 'node_modules', name))
  return found
}

function selfNamed(name: string, root: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return readPackage(folder)?.name === name ? folder : undefined
    if (dirname(folder) === folder) return undefined
  }
}

/** The packages of one `node_modules`; a linked one (a workspace's, pnpm's) where it really is. */
function packagesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'))
  const all = names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(folder, name)).map((each) => `${name}/${each}`) : [name],
  )
  return all.flatMap((name) => {
    const path = join(folder, name)
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? [realpathSync(path)] : []
  })
}

const LOCK_FILES: Readonly<Record<string, string>> = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'Yarn',
  'bun.lock': 'Bun',
  'bun.lockb': 'Bun',
}

export function layoutFindings(root: string): Finding[] {
  const findings: Finding[] = []
  const pnp = ['.pnp.cjs', '.pnp.js'].find((name) => existsSync(join(root, name)))
  if (pnp !== undefined) {
    findings.push(
      bad('packages', 'problem', {
        message: `Yarn's Plug'n'Play (${pnp}) keeps packages in archives, where neither TypeScript's language server nor weave finds plug-ins.`,
        fix: 'set "nodeLinker: node-modules" in .yarnrc.yml and run "yarn install"',
      }),
    )
  }
  const lock = lockFileFrom(root)
  const managers = [...new Set(lock.files.map((file) => LOCK_FILES[file]!))]
  if (managers.length > 1) {
    findings.push(
      bad('packages', 'warning', {
        message: `There are lock files of ${managers.join(' and ')} (${lock.files.join(', ')}); each is part of the version that weave computes.`,
        fix: 'keep that of the package manager in use',
      }),
    )
  } else if (managers[0] !== undefined && pnp === undefined) {
    const at = lock.folder === root ? '' : ` in ${relative(root, lock.folder)}`
    const linked = existsSync(join(root, 'node_modules', '.pnpm')) ? ', packages are symbolic links' : ''
    findings.push(ok('packages', `${managers[0]} (${lock.files[0]}${at}${linked})`))
  }
  return findings
}

/** A workspace's lock file lies above. */
function lockFileFrom(root: string): { folder: string; files: string[] } {
  for (let folder = root; ; folder = dirname(folder)) {
    const files = Object.keys(LOCK_FILES).filter((name) => existsSync(join(folder, name)))
    if (files.length > 0 || dirname(folder) === folder) return { folder, files }
  }
}
