/**
 * A user's project in a folder of its own: a fixture's files, a package.json, and node_modules that point at this
 * repository's. Commands run as a user's would, by this Node, without what vitest puts into the environment.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

export const repository = join(import.meta.dirname, '..', '..')
export const weave = join(repository, 'bin', 'weave.js')

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

export class Project {
  readonly folder: string

  constructor(fixture?: string) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'weave-project-')))
    if (fixture === undefined) return
    const from = join(repository, 'fixtures', fixture)
    cpSync(from, this.folder, { recursive: true, filter: (path) => !/\/(\.weave|dist|node_modules)$/.test(path) })
    this.write('package.json', JSON.stringify({ name: fixture, private: true, type: 'module' }))
    this.link()
  }

  /** As after `npm install`. */
  link(): void {
    mkdirSync(join(this.folder, 'node_modules', '@types'), { recursive: true })
    symlinkSync(repository, join(this.folder, 'node_modules', 'weavets'))
    for (const name of ['typescript', 'ts-patch', 'esbuild', 'vite', 'vitest', '@types/node']) {
      symlinkSync(join(repository, 'node_modules', name), join(this.folder, 'node_modules', name))
    }
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  json<T>(path: string): T {
    return JSON.parse(this.read(path)) as T
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

  tspc(...args: string[]): Promise<Outcome> {
    return this.node([join(repository, 'node_modules', 'ts-patch', 'bin', 'tspc.js'), ...args])
  }
}

export function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|VITEST|VITE_|WEAVE_|NODE_OPTIONS|NODE_ENV|TEST$|FORCE_COLOR)/.test(name),
  )
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`
  return { ...(Object.fromEntries(kept) as Record<string, string>), PATH: path, NO_COLOR: '1' }
}
