/**
 * Every way to build a project that we support, one entry a host: takes a project folder, leaves something that Node can run, and
 * says how. Bundlers run in this process, so that TypeScript is loaded once; what a user starts by a command is started by it.
 */
import { existsSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { transform as swc } from '@swc/core'
import * as esbuild from 'esbuild'
import { rolldown } from 'rolldown'
import { rollup } from 'rollup'
import { build as viteBuild } from 'vite'
import { weave as esbuildWeave } from '../../transformer/hosts/esbuild.ts'
import { weave as rollupWeave } from '../../transformer/hosts/rollup.ts'
import { weave as viteWeave } from '../../transformer/hosts/vite.ts'
import { expectOk, type Project, REGISTER, repository } from './project.ts'

export interface Runnable {
  /** Arguments for node, from the project's folder. */
  readonly args: readonly string[]
  /** Folder with the manifest, when it can be deployed. */
  readonly deployable?: string
}

/** `entry`: the file that calls `run`, from the project's folder. */
export type Host = (project: Project, entry: string) => Promise<Runnable>

/** What a bundler leaves to Node, as a server's build does. */
const external = (id: string) => /^(weavets|fastify|@fastify)(\/|$)|^node:/.test(id)

export const HOSTS: Record<string, Host> = {
  'node --import weavets/register': async (_, entry) => ({ args: ['--import', REGISTER, entry] }),
  ...(existsSync(join(repository, 'node_modules', 'tsx')) ? withTsx() : {}),
  tspc: async (project, entry) => {
    const { files, references } = project.json<{ files?: string[]; references?: unknown[] }>('tsconfig.json')
    expectOk(await project.tspc(files?.length === 0 || references !== undefined ? '-b' : '-p', '.'))
    const built = emitted(project, 'dist', entry)
    return { args: [built], deployable: manifestFolder(project, built) }
  },
  esbuild: async (project, entry) => {
    await esbuild.build({
      absWorkingDir: project.folder,
      entryPoints: [entry],
      outdir: 'dist-esbuild',
      bundle: true,
      splitting: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      logLevel: 'silent',
      plugins: [esbuildWeave()],
    })
    return { args: [emitted(project, 'dist-esbuild', entry)], deployable: 'dist-esbuild' }
  },
  'weave build': async (project) => {
    expectOk(await project.weave('build'))
    return { args: ['.weave/build/main.mjs'], deployable: '.weave/build' }
  },
  vite: async (project, entry) => {
    await viteBuild({
      root: project.folder,
      configFile: false,
      logLevel: 'error',
      plugins: [viteWeave()],
      resolve: { tsconfigPaths: true },
      oxc: { jsx: { development: false } },
      build: {
        ssr: entry,
        outDir: 'dist-vite',
        rollupOptions: { output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' } },
      },
    })
    return { args: [emitted(project, 'dist-vite', entry)], deployable: 'dist-vite' }
  },
  rollup: async (project, entry) => {
    const strip = {
      name: 'strip',
      transform: (code: string, id: string) =>
        /\.[cm]?tsx?$/.test(id)
          ? esbuild.transform(code, { loader: id.endsWith('x') ? 'tsx' : 'ts', jsxFactory: 'h', sourcemap: true })
          : null,
    }
    const bundle = await rollup({
      input: join(project.folder, entry),
      external,
      plugins: [rollupWeave({ root: project.folder }), strip],
    })
    await bundle.write({
      dir: join(project.folder, 'dist-rollup'),
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name]-[hash].mjs',
    })
    await bundle.close()
    return { args: [emitted(project, 'dist-rollup', entry)], deployable: 'dist-rollup' }
  },
  rolldown: async (project, entry) => {
    const bundle = await rolldown({
      cwd: project.folder,
      input: join(project.folder, entry),
      platform: 'node',
      external,
      tsconfig: true,
      plugins: [rollupWeave({ root: project.folder })],
    })
    await bundle.write({
      dir: join(project.folder, 'dist-rolldown'),
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name]-[hash].mjs',
    })
    await bundle.close()
    return { args: [emitted(project, 'dist-rolldown', entry)], deployable: 'dist-rolldown' }
  },
  vitest: async (project, entry) => {
    const files = {
      'vitest-silent.mjs': 'export default class {}\n',
      'vitest-program.mjs': `test('runs', () => import('./${entry}'))\n`,
      'vitest-config.mjs': `import { weave } from 'weavets/vite'
export default {
  plugins: [weave()],
  resolve: { tsconfigPaths: true },
  oxc: { jsx: { development: false } },
  test: {
    include: ['vitest-program.mjs'],
    globals: true,
    // The program, its analysis included, on a machine that is busy.
    testTimeout: 60_000,
    // What the program prints, and nothing else.
    reporters: ['./vitest-silent.mjs'],
    disableConsoleIntercept: true,
  },
}
`,
    }
    for (const [path, text] of Object.entries(files)) project.write(path, text)
    const vitest = join(repository, 'node_modules', 'vitest', 'vitest.mjs')
    return { args: [vitest, 'run', '--config', 'vitest-config.mjs'] }
  },
}

/** Plain sources, built by what knows nothing of us. It changes the entry, so the project is its own. */
export const GENERATE_HOSTS: Record<string, Host> = {
  'weave generate, then esbuild': async (project, entry) => {
    project.write(entry, `import './weave.gen.ts'\n${project.read(entry)}`)
    expectOk(await project.weave('generate'))
    await esbuild.build({
      absWorkingDir: project.folder,
      entryPoints: [entry],
      outdir: 'dist-generate',
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      logLevel: 'silent',
    })
    return { args: [emitted(project, 'dist-generate', entry)] }
  },
}

/** `weave tsc` takes the project's TypeScript; the others must find their way with it. */
export const TYPESCRIPT_7_HOSTS: Record<string, Host> = {
  'node --import weavets/register': HOSTS['node --import weavets/register']!,
  'weave build': HOSTS['weave build']!,
  'weave tsc': weaveTsc,
}

export const TYPESCRIPT_6_HOSTS: Record<string, Host> = { 'weave tsc': weaveTsc }

export function useTypeScript7(project: Project): void {
  const folder = [project.folder, join(project.folder, '..', '..')].find((each) =>
    existsSync(join(each, 'node_modules', 'typescript')),
  )!
  rmSync(join(folder, 'node_modules', 'typescript'))
  symlinkSync(join(repository, 'node_modules', 'typescript-7'), join(folder, 'node_modules', 'typescript'))
}

async function weaveTsc(project: Project, entry: string): Promise<Runnable> {
  const { files, references } = project.json<{ files?: string[]; references?: unknown[] }>('tsconfig.json')
  expectOk(await project.weave('tsc', files?.length === 0 || references !== undefined ? '-b' : '-p', '.'))
  const built = emitted(project, 'dist', entry)
  return { args: [built], deployable: manifestFolder(project, built) }
}

function withTsx(): Record<string, Host> {
  return {
    'register, then tsx': async (_, entry) => ({ args: ['--import', REGISTER, '--import', 'tsx', entry] }),
    'tsx, then register': async (_, entry) => ({ args: ['--import', 'tsx', '--import', REGISTER, entry] }),
  }
}

/** Where a compiler that keeps folders, or one that doesn't, put the entry. */
function emitted(project: Project, folder: string, entry: string): string {
  const stem = entry.replace(/\.[cm]?tsx?$/, '')
  const tried = [stem, stem.replace(/^src\//, ''), stem.split('/').at(-1)!]
  const files = tried.flatMap((each) => ['.js', '.mjs', '.cjs'].map((end) => `${folder}/${each}${end}`))
  const found = files.find((each) => existsSync(join(project.folder, each)))
  if (found === undefined) throw new Error(`${folder} has no entry: ${readdirSync(join(project.folder, folder))}`)
  return found
}

function manifestFolder(project: Project, built: string): string {
  let folder = dirname(built)
  while (folder !== '.' && !existsSync(join(project.folder, folder, 'weave.manifest.json'))) folder = dirname(folder)
  return folder
}

/** Each source by itself, as swc, Bun and Jest do it: no types, no plugin of ours. */
export async function transpile(project: Project, folders: readonly string[], outdir: string): Promise<void> {
  for (const folder of folders) {
    for (const file of readdirSync(join(project.folder, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.[cm]?tsx?$/.test(file)) continue
      const path = join(folder, file)
      const { code } = await swc(project.read(path), {
        filename: join(project.folder, path),
        configFile: false,
        swcrc: false,
        jsc: { parser: { syntax: 'typescript', tsx: path.endsWith('x') }, target: 'es2024' },
      })
      const output = relative('src', path).replace(/\.([cm]?)tsx?$/, '.$1js')
      project.write(
        join(outdir, output),
        code.replace(/(from\s*|import\s*\(?\s*)(['"])(\.[^'"]*)\.tsx?\2/g, '$1$2$3.js$2'),
      )
    }
  }
}
