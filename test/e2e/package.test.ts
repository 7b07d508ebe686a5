/**
 * The newcomer's way: the packed tarball in an empty folder, the README's program, built by each host and run together and
 * apart. One folder for all, installed once; every way must print the same.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { repository } from './deployment.ts'
import { README_OUTPUT, snippet, writeReadmeProgram } from './readme.ts'

const execute = promisify(execFile)
let folder: string

// The Node that runs this test runs the user's commands too, whatever `node` the machine has.
const environment = {
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
  NODE_OPTIONS: '',
}
for (const name of Object.keys(environment))
  if (/^(npm_|VITEST|WEAVE_)/.test(name)) delete (environment as NodeJS.ProcessEnv)[name]

async function shell(command: string, cwd = folder): Promise<string> {
  const { stdout } = await execute('/bin/sh', ['-c', command], { cwd, env: environment, maxBuffer: 1 << 24 })
  return stdout
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weave-newcomer-'))
  await shell(`npm pack --silent --pack-destination ${folder}`, repository)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!
  const plugins = JSON.parse(snippet('json', 'weavets/transform')).compilerOptions.plugins
  writeReadmeProgram(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'newcomer', private: true, type: 'module' }))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        module: 'nodenext',
        strict: true,
        types: ['node'],
        rootDir: 'src',
        outDir: 'dist-tsc',
        rewriteRelativeImportExtensions: true,
        skipLibCheck: true,
        plugins,
      },
      include: ['src'],
    }),
  )
  writeFileSync(join(folder, 'build.mjs'), snippet('js', 'weavets/esbuild'))
  writeFileSync(join(folder, 'vitest.config.ts'), snippet('ts', 'weavets/vite'))
  const tools = ['typescript@6', 'ts-patch@4', 'esbuild', 'vitest@5', 'vite@8', '@types/node@24']
  await shell(
    `npm install --no-fund --no-audit --prefer-offline ./${tarball} && npm install -D --no-fund --no-audit --prefer-offline ${tools.join(' ')}`,
  )
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("the README's program, from the tarball", () => {
  test('built by tspc', async () => {
    await shell('npx tspc -p .')
    expect(await shell('node dist-tsc/main.js')).toBe(README_OUTPUT)
  })

  test('built by tspc, deployed apart', async () => {
    expect(await shell('npx weave deploy --build dist-tsc --placement apart --raw')).toBe(README_OUTPUT)
  })

  test('built by esbuild with the plugin', async () => {
    await shell('node build.mjs')
    expect(await shell('node dist/main.js')).toBe(README_OUTPUT)
  })

  test('run by vitest', async () => {
    writeFileSync(
      join(folder, 'test', 'main.test.ts'),
      `import { expect, test, vi } from 'vitest'
test('main', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await import('../src/main.ts')
  expect(log.mock.calls.map(([line]) => line + '\\n').join('')).toBe(${JSON.stringify(README_OUTPUT)})
})
`,
    )
    expect(await shell('npx vitest run 2>&1')).toMatch(/Tests .*2 passed/)
  })

  for (const command of [
    'weave run',
    'weave run --isolated',
    'weave deploy --raw --placement together',
    'weave deploy --raw --placement apart',
  ])
    test(command, async () => {
      expect(await shell(`npx ${command}`)).toBe(README_OUTPUT)
    })

  test('weave check finds nothing, and finds what is broken on purpose', async () => {
    expect(await shell('npx weave check')).toContain('1 component')
    const broken =
      "import type { Component } from 'weavets'\nexport interface Broken extends Component {\n  watch(onChange: () => void): Promise<void>\n}\n"
    writeFileSync(join(folder, 'src', 'broken.ts'), broken)
    const failure = await shell('npx weave check --json').then(
      () => undefined,
      (error: { code: number; stdout: string }) => error,
    )
    rmSync(join(folder, 'src', 'broken.ts'))
    expect(failure?.code).toBe(1)
    expect(JSON.parse(failure!.stdout)).toMatchObject([
      {
        code: 'WV2004',
        file: 'src/broken.ts',
        line: 3,
        path: 'watch(onChange)',
        message: expect.stringContaining('function'),
      },
    ])
  })
})
