/**
 * The fixture `hello` through every host: whatever builds it, it prints the same, in one process and through the codec,
 * and its version is the same.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Project } from './project.ts'

const TRANSCRIPT = `Good evening, Ada of 1815
1 came
Good evening, Ada of 1815, again
Good evening, Bob and Cyd and Dee
4 came
3 tea
1 cake
Ada at 2026-11-23T19:00:00.000Z, a map of gifts
HouseFull: 3 seats wanted, 1 free (bigint, because the house has four walls)
`

const ISOLATED = JSON.stringify({
  application: 'hello',
  isolated: true,
  config: { GuestBook: { seats: 5 }, Greeter: { greeting: 'Good evening' } },
  listeners: {},
})

interface Manifest {
  version: string
  entry: string
}

let project: Project
beforeAll(() => {
  project = new Project('hello')
})
afterAll(() => project.remove())

/** Runs a built entry both ways. */
async function expectTranscript(entry: string): Promise<void> {
  const direct = await project.node(['--enable-source-maps', entry])
  expect(direct).toEqual({ code: 0, stdout: TRANSCRIPT, stderr: '' })
  expect(await project.node([entry], { WEAVE_RUN: ISOLATED })).toEqual(direct)
}

/** Filled by each host's test; the last test compares them. */
const versions: Record<string, string> = {}
function expectManifest(host: string, folder: string): void {
  const manifest = project.json<Manifest>(`${folder}/weave.manifest.json`)
  versions[host] = manifest.version
  expect(manifest.entry).toMatch(/^(src\/)?main\.m?js$/)
}

describe('hello prints the same, built by', () => {
  test('tspc', async () => {
    expect(await project.tspc('-p', '.')).toEqual({ code: 0, stdout: '', stderr: '' })
    await expectTranscript('dist/src/main.js')
    expectManifest('tspc', 'dist')
  })

  test('tspc, as CommonJS', async () => {
    const common = new Project('hello')
    common.write('package.json', JSON.stringify({ name: 'hello', private: true, type: 'commonjs' }))
    common.edit('tsconfig.json', '"verbatimModuleSyntax": true,', '')
    common.edit('tsconfig.json', '"include": ["src", "test", "weave.config.ts"]', '"include": ["src"]')
    common.edit('tsconfig.json', '"rootDir": "."', '"rootDir": "src"')
    common.edit('src/main.ts', 'await run', 'void run')
    common.write('weave.config.mts', common.read('weave.config.ts'))
    common.remove('weave.config.ts')
    expect(await common.tspc('-p', '.')).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(common.read('dist/main.js')).toContain('require("weavets")')
    expect(await common.node(['dist/main.js'])).toEqual({ code: 0, stdout: TRANSCRIPT, stderr: '' })
    expect(common.json<Manifest>('dist/weave.manifest.json').entry).toBe('main.js')
    common.remove()
  })

  test('esbuild with the plugin', async () => {
    project.write(
      'build.mjs',
      `import { build } from 'esbuild'
import { weave } from 'weavets/esbuild'
const options = { entryPoints: ['src/main.ts'], bundle: true, packages: 'external', platform: 'node', format: 'esm', plugins: [weave()] }
await build({ ...options, outdir: 'dist-esbuild', splitting: true })
const { outputFiles } = await build({ ...options, outfile: 'never/main.js', write: false })
console.log(outputFiles.map((file) => file.path.slice(process.cwd().length + 1)).sort().join())
`,
    )
    const built = await project.node(['build.mjs'])
    expect(built).toEqual({ code: 0, stdout: 'never/main.js,never/weave.manifest.json\n', stderr: '' })
    await expectTranscript('dist-esbuild/main.js')
    expectManifest('esbuild', 'dist-esbuild')
  })

  test('vite build', async () => {
    project.write(
      'build-vite.mjs',
      `import { build } from 'vite'
await build({ logLevel: 'error', build: { ssr: 'src/main.ts', outDir: 'dist-vite' } })
`,
    )
    expect(await project.node(['build-vite.mjs'])).toEqual({ code: 0, stdout: '', stderr: '' })
    await expectTranscript('dist-vite/main.js')
    expectManifest('vite', 'dist-vite')
  })

  test('vitest', async () => {
    const run = await project.node(['node_modules/vitest/vitest.mjs', 'run', '--dir', 'test'])
    expect(run.stdout).toMatch(/Tests .*2 passed/)
    expect(run.code).toBe(0)
  })

  test('weave build', async () => {
    const built = await project.weave('build')
    expect(built).toMatchObject({ code: 0, stderr: '' })
    expect(built.stdout).toMatch(/^\.weave\/build\/main\.mjs: 2 components, 4 methods, 3 edges, version \w+, \d+ ms\n$/)
    await expectTranscript('.weave/build/main.mjs')
    expectManifest('weave build', '.weave/build')
  })

  test('weave run, and weave run --isolated', async () => {
    expect(await project.weave('run')).toEqual({ code: 0, stdout: TRANSCRIPT, stderr: '' })
    expect(await project.weave('run', '--isolated')).toEqual({ code: 0, stdout: TRANSCRIPT, stderr: '' })
  })

  test('all of them with one version, in any folder', async () => {
    const elsewhere = new Project('hello')
    await elsewhere.weave('build')
    versions.elsewhere = elsewhere.json<Manifest>('.weave/build/weave.manifest.json').version
    elsewhere.edit('src/hello.ts', 'came', 'are here')
    await elsewhere.weave('build')
    expect(Object.values(versions)).not.toContain(elsewhere.json<Manifest>('.weave/build/weave.manifest.json').version)
    elsewhere.remove()
    expect(Object.keys(versions)).toEqual(['tspc', 'esbuild', 'vite', 'weave build', 'elsewhere'])
    expect(new Set(Object.values(versions)).size).toBe(1)
  })
})

describe('a process loads only what it hosts', () => {
  test("the entry's bundle imports no implementation statically", () => {
    const main = project.read('.weave/build/main.mjs')
    expect(main).not.toContain('class PaperBook')
    expect(main).not.toContain('Hello = class')
    expect(main).toMatch(/import\("\.\/paper-book-\w+\.mjs"\)/)
  })
})
