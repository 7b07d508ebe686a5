/**
 * A user's project in a folder of its own: a fixture's files, a package.json, and node_modules that point at this
 * repository's. Commands run as a user's would, by this Node, without what vitest puts into the environment.
 */
import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { withoutComments } from '../../transformer/plan/jsonc.ts'

export const repository = join(import.meta.dirname, '..', '..')
export const weave = join(repository, 'bin', 'weave.js')

/** The boutique's. */
const FASTIFY_PLUGINS = ['@fastify/cookie', '@fastify/formbody', '@fastify/static']

/** As a user writes it; found from the project's folder. */
export const REGISTER = 'weavets/register'

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** For steps that must work before the one that is tested. */
export function expectOk({ code, stdout, stderr }: Outcome): void {
  if (code !== 0) throw new Error(`exit code ${code}\n${stdout}${stderr}`)
}

export class Project {
  readonly folder: string

  constructor(fixture?: string) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'weave-project-')))
    if (fixture === undefined) return
    const from = join(repository, 'fixtures', fixture)
    cpSync(from, this.folder, { recursive: true, filter: (path) => !/\/(\.weave|dist|node_modules)$/.test(path) })
    if (!existsSync(join(from, 'package.json'))) {
      this.write('package.json', JSON.stringify({ name: fixture, private: true, type: 'module' }))
    }
    this.link()
  }

  /** A package of the project, in whose folder commands run. */
  inside(path: string): Project {
    return Object.assign(Object.create(Project.prototype) as Project, { folder: join(this.folder, path) })
  }

  symlink(path: string, to: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    symlinkSync(relative(dirname(join(this.folder, path)), join(this.folder, to)), join(this.folder, path))
  }

  /** As after `npm install`. */
  link(): void {
    mkdirSync(join(this.folder, 'node_modules', '@types'), { recursive: true })
    symlinkSync(repository, join(this.folder, 'node_modules', 'weavets'))
    for (const name of ['typescript', 'ts-patch', 'esbuild', 'vite', 'vitest', 'tsx', '@types/node', 'fastify']) {
      const installed = join(repository, 'node_modules', name)
      if (existsSync(installed)) symlinkSync(installed, join(this.folder, 'node_modules', name))
    }
    for (const name of FASTIFY_PLUGINS) {
      mkdirSync(join(this.folder, 'node_modules', '@fastify'), { recursive: true })
      symlinkSync(join(repository, 'node_modules', name), join(this.folder, 'node_modules', name))
    }
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  json<T>(path: string): T {
    return JSON.parse(withoutComments(this.read(path))) as T
  }

  exists(path: string): boolean {
    return existsSync(join(this.folder, path))
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), text)
  }

  edit(path: string, from: string, to: string): void {
    const text = this.read(path)
    if (!text.includes(from)) throw new Error(`${path} has no "${from}" to replace`)
    this.write(path, text.replace(from, to))
  }

  isLink(path: string): boolean {
    return lstatSync(join(this.folder, path), { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  }

  remove(path = '.'): void {
    rmSync(join(this.folder, path), { recursive: true, force: true })
  }

  node(args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
    return new Promise((resolve) => {
      const options = { cwd: this.folder, env: { ...cleanEnvironment(), ...environment }, maxBuffer: 1 << 24 }
      execFile(process.execPath, args, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        resolve({ code, stdout, stderr })
      })
    })
  }

  weave(...args: string[]): Promise<Outcome> {
    return this.node([weave, ...args])
  }

  /** To its end, with a state of its own: several may run at once. */
  async deploy(...args: string[]): Promise<Outcome> {
    const state = mkdtempSync(join(tmpdir(), 'weave-state-'))
    try {
      return await this.node([weave, 'deploy', '--raw', ...args], { WEAVE_STATE: state })
    } finally {
      rmSync(state, { recursive: true, force: true })
    }
  }

  /** TypeScript 7's, without us. */
  tsc(...args: string[]): Promise<Outcome> {
    return this.node([join(repository, 'node_modules', 'typescript-7', 'bin', 'tsc'), ...args])
  }

  tsc6(...args: string[]): Promise<Outcome> {
    return this.node([join(repository, 'node_modules', 'typescript', 'bin', 'tsc'), ...args])
  }

  tspc(...args: string[]): Promise<Outcome> {
    return this.node([join(repository, 'node_modules', 'ts-patch', 'bin', 'tspc.js'), ...args])
  }
}

export function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|VITE_|WEAVE_(?!STATE$)|NODE_OPTIONS|NODE_ENV|TEST$|FORCE_COLOR)/.test(name),
  )
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`
  return { ...(Object.fromEntries(kept) as Record<string, string>), PATH: path, NO_COLOR: '1' }
}
