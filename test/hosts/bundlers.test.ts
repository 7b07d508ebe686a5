/** What the esbuild and vite plugins say when something is wrong, and that a change of a type alone is enough to build anew. */
import { rmSync, statSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import * as esbuild from 'esbuild'
import { build, type Plugin as VitePlugin } from 'vite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { generateProject } from '../../bench/compile/generate.ts'
import { weave as esbuildWeave } from '../../transformer/hosts/esbuild.ts'
import { weave as viteWeave } from '../../transformer/hosts/vite.ts'
import { expectOk, Project, REGISTER } from './project.ts'

let project: Project
beforeEach(() => {
  project = new Project('hello')
})
afterEach(() => project.remove())

function options(plugins: esbuild.Plugin[]): esbuild.BuildOptions {
  return {
    absWorkingDir: project.folder,
    entryPoints: ['src/main.ts'],
    outfile: 'out/main.js',
    bundle: true,
    write: false,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    plugins,
  }
}

const failure = (promise: Promise<unknown>): Promise<esbuild.BuildFailure & { message: string }> =>
  promise.then(
    () => Promise.reject(new Error('it was built')),
    (error) => error,
  )

function breakVisit(): void {
  project.edit('src/guests.ts', '  at: Date', '  at: Date\n  done?: () => void')
}

describe('esbuild', () => {
  test('a boundary error has a place, a reason and a fix', async () => {
    breakVisit()
    const { errors } = await failure(esbuild.build(options([esbuildWeave()])))
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({
      detail: { code: 'WV2004', path: 'sign(visit).done' },
      pluginName: 'weave',
      text: expect.stringMatching(/^WV2004 .*function/),
      location: { file: 'src/guests.ts', lineText: '  sign(visit: Visit): Promise<bigint>' },
    })
    expect(errors[0]!.notes.map((note) => note.text)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^why {2}/), expect.stringMatching(/^fix {2}/)]),
    )
  })

  test('a plugin that takes the entry first is an error, not a program that fails later', async () => {
    const other: esbuild.Plugin = {
      name: 'other',
      setup({ onLoad }) {
        onLoad({ filter: /main\.ts$/ }, () => ({ contents: 'console.log(1)', loader: 'ts' }))
      },
    }
    const { errors } = await failure(esbuild.build(options([other, esbuildWeave()])))
    expect(errors.map((each) => each.text)).toEqual([
      "WV9005 Another plugin loaded 'src/main.ts' before weave could add its code.",
    ])
    expect((await esbuild.build(options([esbuildWeave(), other]))).errors).toEqual([])
  })

  test('most of what is generated is a module of its own, of which other plugins take no notice', async () => {
    const other: esbuild.Plugin = {
      name: 'other',
      setup(build) {
        build.onResolve({ filter: /^[^.]/ }, ({ path, kind }) =>
          kind === 'entry-point' ? undefined : { path, external: true },
        )
        build.onLoad({ filter: /main\.ts$/ }, () => undefined)
        build.onLoad({ filter: /ts$/ }, ({ path }) => {
          if (!path.startsWith(project.folder)) throw new Error(path)
          return undefined
        })
      },
    }
    const { metafile } = await esbuild.build({ ...options([other, esbuildWeave()]), write: true })
    expect(Object.keys(metafile!.inputs)).toContain('weave-generated:src/main')
    expectOk(await project.node(['out/main.js']))
  })

  test('what is generated for a large application is several modules, and makes the same program', async () => {
    const { folder } = generateProject({ folder: join(project.folder, 'large'), files: 120, components: 24, seed: 3 })
    // Of the application that is started here otherwise.
    project.write('weave.config.ts', 'export default {}\n')
    const { packages: _, ...usual } = options([esbuildWeave()])
    const large = { ...usual, absWorkingDir: folder, external: ['weavets', 'weavets/*'], write: true, sourcemap: true }
    for (const _ of ['analysed', 'from the cache']) {
      const { metafile } = await esbuild.build(large)
      const inputs = Object.keys(metafile!.inputs).filter((input) => input.startsWith('weave-generated:src/main'))
      expect(inputs.length).toBeGreaterThan(2)
      const [bundled, sources] = await Promise.all([
        project.node(['large/out/main.js']),
        project.node(['--import', REGISTER, 'large/src/main.ts']),
      ])
      expectOk(bundled)
      expect(bundled.stdout).not.toBe('')
      expect(bundled.stdout).toBe(sources.stdout)
      // A process keeps the map in memory: of what nobody wrote it only says that.
      const map = new SourceMap(JSON.parse(project.read('large/out/main.js.map')))
      const lines = project.read('large/out/main.js').split('\n')
      const placeOf = (text: string) => {
        const entry = map.findEntry(
          lines.findIndex((line) => line.includes(text)),
          2,
        )
        return 'originalSource' in entry ? entry.originalSource : undefined
      }
      expect(placeOf('function __weave_boundary_')).toBe('weave-generated')
      expect(placeOf('await run(')).toBe('../src/main.ts')
      expect(map.payload.sourcesContent.join('')).not.toContain('function __weave_boundary_')
    }
  })

  test('a manifest that is there is not written again, and one that was changed or taken away is', async () => {
    const path = 'out/weave.manifest.json'
    const build = () => esbuild.build({ ...options([esbuildWeave()]), write: true })
    await build()
    const text = project.read(path)
    for (let round = 0; round < 3; round++) {
      const { ino, mtimeMs } = statSync(join(project.folder, path))
      await build()
      expect(statSync(join(project.folder, path))).toMatchObject({ ino, mtimeMs })
    }
    project.write(path, text.replace('"version"', '"vision"'))
    await build()
    expect(project.read(path)).toBe(text)
    rmSync(join(project.folder, path))
    await build()
    expect(project.read(path)).toBe(text)
    await esbuild.build({ ...options([esbuildWeave()]), outfile: 'out/other.js', write: true })
    expect(project.read(path)).toBe(text.replace('"entry": "main.js"', '"entry": "other.js"'))
  })

  test('but not where it names an error of the very file that starts the application', async () => {
    project.write('src/main.ts', `${project.read('src/main.ts')}\nexport class Odd extends Error {}\n`)
    const { metafile } = await esbuild.build({ ...options([esbuildWeave()]), write: true })
    expect(Object.keys(metafile!.inputs).filter((input) => input.startsWith('weave'))).toEqual([])
    expectOk(await project.node(['out/main.js']))
  })

  test('nor where nothing is bundled, and an import would stay one', async () => {
    const { packages: _, ...usual } = options([esbuildWeave()])
    const { outputFiles } = await esbuild.build({ ...usual, bundle: false })
    expect(outputFiles![0]!.text).toContain('function __weave_boundary_Greeter')
    expect(outputFiles![0]!.text).not.toContain('weave-generated')
  })

  test('a config that can not be loaded is an error without a stack', async () => {
    project.write('weave.config.ts', 'export default await 1\n')
    const { errors } = await failure(esbuild.build(options([esbuildWeave()])))
    expect(errors[0]!.text).toMatch(/^WV9012 weave\.config\.ts could not be loaded: it uses top-level await/)
  })

  test('a type alone that changes is in the next build, and is watched', async () => {
    const context = await esbuild.context(options([esbuildWeave()]))
    const text = async () => (await context.rebuild()).outputFiles!.find((file) => file.path.endsWith('main.js'))!.text
    try {
      expect(await text()).not.toContain('weather')
      project.edit('src/guests.ts', '  at: Date', '  at: Date\n  weather?: string')
      expect(await text()).toContain('weather')
      breakVisit()
      await failure(context.rebuild())
      project.edit('src/guests.ts', '\n  done?: () => void', '')
      expect(await text()).toContain('weather')
    } finally {
      await context.dispose()
    }
  })

  test('esbuild’s own watch mode sees it too', async () => {
    const builds: string[] = []
    let built = Promise.withResolvers<void>()
    const seen: esbuild.Plugin = {
      name: 'seen',
      setup({ onEnd }) {
        onEnd((result) => {
          builds.push(result.outputFiles?.map((file) => file.text).join() ?? '')
          built.resolve()
        })
      },
    }
    const context = await esbuild.context(options([esbuildWeave(), seen]))
    try {
      await context.watch()
      await built.promise
      built = Promise.withResolvers()
      project.edit('src/guests.ts', '  at: Date', '  at: Date\n  weather?: string')
      await built.promise
      expect(builds.map((text) => text.includes('weather'))).toEqual([false, true])
    } finally {
      await context.dispose()
    }
  })
})

describe('vite', () => {
  const run = (plugins: VitePlugin[]) =>
    build({
      root: project.folder,
      configFile: false,
      logLevel: 'silent',
      plugins,
      build: { ssr: 'src/main.ts', write: false },
    })

  test('a boundary error has its code, its place and a code frame', async () => {
    breakVisit()
    const { message } = await failure(run([viteWeave()]))
    expect(message).toMatch(/src\/guests\.ts:\d+:\d+ WV2004 .*function/)
    expect(message).toContain('sign(visit: Visit): Promise<bigint>')
    expect(message).toMatch(/\n {2}fix {2}/)
  })

  test('a plugin that changes the entry first is an error', async () => {
    const transform = (code: string, id: string) => (id.endsWith('main.ts') ? `${code}\n// changed` : undefined)
    const other: VitePlugin = { name: 'other', enforce: 'pre', transform }
    expect((await failure(run([other, viteWeave()]))).message).toContain(
      'WV9005 Another plugin changed \'src/main.ts\' before weave could add its code.\n  fix  put weave() first in "plugins"',
    )
    await run([viteWeave(), other])
  })
})
