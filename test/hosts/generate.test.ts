/**
 * `weave generate`: one plain source instead of a transform. The same program is compiled by things that know nothing of us (Node's own
 * stripping, tsc 6 and 7, swc to ES modules and to CommonJS) and prints what it prints everywhere; and it can't be run stale.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { transpile } from './builds.ts'
import { HELLO_PRINTS } from './fixtures.ts'
import { expectOk, Project } from './project.ts'

const PRINTED = { code: 0, stdout: HELLO_PRINTS, stderr: '' }
const ISOLATED = JSON.stringify({
  application: 'hello',
  isolated: true,
  config: { GuestBook: { seats: 5 }, Greeter: { greeting: 'Good evening' } },
  listeners: {},
})

function hello(): Project {
  const project = new Project('hello')
  project.remove('test')
  project.edit('src/main.ts', 'import { run }', "import './weave.gen.ts'\nimport { run }")
  return project
}

describe('the generated program prints the same', () => {
  let project: Project
  beforeAll(async () => {
    project = hello()
    expectOk(await project.weave('generate'))
  })
  afterAll(() => project.remove())

  async function expectPrints(entry: string): Promise<void> {
    expect(await project.node([entry])).toEqual(PRINTED)
    expect(await project.node([entry], { WEAVE_RUN: ISOLATED })).toEqual(PRINTED)
  }

  test('stripped by Node', () => expectPrints('src/main.ts'))

  for (const [name, compile] of [
    ['tsc 6', (...args: string[]) => project.tsc6(...args)],
    ['tsc 7', (...args: string[]) => project.tsc(...args)],
  ] as const) {
    test(`compiled by ${name}, which finds no type error in it`, async () => {
      const folder = name.replace(' ', '')
      expectOk(await compile('-p', '.', '--outDir', folder))
      await expectPrints(`${folder}/src/main.js`)
    })
  }

  test('compiled by swc, one process a component', async () => {
    await transpile(project, ['src'], 'swc')
    await expectPrints('swc/main.js')
    expectOk(await project.weave('generate', '--manifest', 'swc/main.js'))
    const deployed = await project.deploy('--placement', 'apart', '--build', 'swc')
    expect(deployed).toMatchObject({ code: 0, stdout: HELLO_PRINTS })
  })

  test('twice, it is the same file', async () => {
    const before = project.read('src/weave.gen.ts')
    expect((await project.weave('generate')).stdout).toMatch(/^src\/weave\.gen\.ts is up to date: 2 components/)
    expect(project.read('src/weave.gen.ts')).toBe(before)
  })
})

describe('stale output', () => {
  let project: Project
  beforeEach(async () => {
    project = hello()
    expectOk(await project.weave('generate'))
  })
  afterEach(() => project.remove())

  test('does not start, whether the source or its output is run', async () => {
    await transpile(project, ['src'], 'dist')
    project.edit('src/guests.ts', '  at: Date', '  at: Date\n  weather?: string')
    const sentence =
      'src/guests.ts was changed after src/weave.gen.ts was generated, so its codecs may not fit; run "weave generate", then build again.'
    for (const entry of ['src/main.ts', 'dist/main.js']) {
      const { code, stderr } = await project.node([entry])
      expect(stderr, entry).toContain(sentence)
      expect(code, entry).toBe(1)
    }
    expectOk(await project.weave('generate'))
    expect(await project.node(['src/main.ts'])).toEqual(PRINTED)
    expect(project.read('src/weave.gen.ts')).toContain('weather')
  })

  test('is what --check finds', async () => {
    expect(await project.weave('generate', '--check')).toMatchObject({
      code: 0,
      stdout: 'src/weave.gen.ts is up to date\n',
    })
    project.edit('src/guests.ts', '  at: Date', '  at: Date\n  weather?: string')
    const before = project.read('src/weave.gen.ts')
    const { code, stderr } = await project.weave('generate', '--check')
    expect(stderr).toBe(
      'error src/weave.gen.ts is older than src/guests.ts.\n  next  Run "weave generate" and commit what it writes, or run it before each build.\n',
    )
    expect(code).toBe(1)
    expect(project.read('src/weave.gen.ts')).toBe(before)
  })

  test('is not what a changed lock file makes', async () => {
    project.write('package-lock.json', '{ "lockfileVersion": 3 }')
    expect(await project.weave('generate', '--check')).toMatchObject({
      code: 0,
      stdout:
        'src/weave.gen.ts is up to date; the lock file has changed since, and the next "weave generate" renews its version\n',
    })
    project.edit('src/weave.gen.ts', 'load: ', 'load:  ')
    expect((await project.weave('generate', '--check')).stderr).toContain(
      'error src/weave.gen.ts was written by another version of weavets, or by hand.\n',
    )
  })

  test('where the sources are not deployed with it, the output runs', async () => {
    await transpile(project, ['src'], 'dist')
    project.remove('src')
    expect(await project.node(['dist/main.js'])).toEqual(PRINTED)
  })

  test('a boundary error leaves the file as it is', async () => {
    const before = project.read('src/weave.gen.ts')
    project.edit('src/guests.ts', '  at: Date', '  at: Date\n  done?: () => void')
    const { code, stdout } = await project.weave('generate')
    expect(stdout).toMatch(/WV2004[\s\S]*1 error; nothing was written/)
    expect(code).toBe(1)
    expect(project.read('src/weave.gen.ts')).toBe(before)
  })
})

describe('components by name', () => {
  const MAIN = `import './weave.gen.ts'
import { get, provide, run } from 'weavets'
import { Root } from './root.ts'

provide('Pool', () => ({ size: async () => 7 }))
await run(Root)
`
  const FILES = {
    'package.json': '{ "name": "named", "type": "module" }',
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2024',
        strict: true,
        types: ['node'],
        noEmit: true,
        skipLibCheck: true,
        allowImportingTsExtensions: true,
      },
      include: ['src'],
    }),
    'src/clock.ts': `import type { Component } from 'weavets'
export interface Clock extends Component { now(): Promise<number> }
export class FixedClock implements Clock { async now() { return 5 } }
`,
    'src/pool.ts': `import type { Component } from 'weavets'
export interface Pool extends Component { size(): Promise<number> }
`,
    'src/root.ts': `import { get, type Main } from 'weavets'
export class Root implements Main {
  async main() {
    const size: number = await get('Pool').size()
    console.log(size, await get('src/clock.Clock').now())
  }
}
`,
    'src/main.ts': MAIN,
  }
  let project: Project
  beforeAll(() => {
    project = new Project()
    for (const [path, text] of Object.entries(FILES)) project.write(path, text)
    project.link()
  })
  afterAll(() => project.remove())

  test('are typed, and found', async () => {
    expectOk(await project.weave('generate'))
    expect(await project.node(['src/main.ts'])).toEqual({ code: 0, stdout: '7 5\n', stderr: '' })
    for (const tsc of [project.tsc('-p', '.'), project.tsc6('-p', '.')]) expect(await tsc).toMatchObject({ code: 0 })
    project.edit('src/root.ts', "get('Pool')", "get('Pol')")
    expect((await project.tsc('-p', '.')).stdout).toContain(`Argument of type '"Pol"' is not assignable`)
    project.edit('src/root.ts', "get('Pol')", "get('Pool')")
  })

  test('a type argument alone is refused, with what to write', async () => {
    project.edit('src/root.ts', "get('Pool')", "get<import('./pool.ts').Pool>()")
    const { code, stdout } = await project.weave('generate')
    expect(stdout).toMatch(/src\/root\.ts:4:32 WV9017 'get' says its component by a type argument alone\./)
    expect(stdout).toContain("fix  name it: get('Pool')")
    expect(code).toBe(1)
    project.edit('src/root.ts', "get<import('./pool.ts').Pool>()", "get('Pool')")
  })

  test('an implementation in the file that calls run is refused', async () => {
    project.write(
      'src/main.ts',
      `${FILES['src/clock.ts'].replace('./', './')}${MAIN.replace("import './weave", "import './weave")}`,
    )
    project.remove('src/clock.ts')
    project.edit('src/root.ts', 'src/clock.Clock', 'src/main.Clock')
    const { stdout } = await project.weave('generate')
    expect(stdout).toMatch(/WV9017 'FixedClock' implements 'Clock' in the file that calls 'run'\./)
  })
})
