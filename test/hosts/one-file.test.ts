/**
 * An application in one file, with everything that is rewritten in place: `run`, `get`, `provide`, with comments, a shebang, a
 * directive and a trailing comma around them. Text hosts and the tree host must agree, and no line may move.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Project } from './project.ts'

const MAIN = `#!/usr/bin/env node
'use strict'
// A comment that belongs to the import below.
import { type Component, get, type Main, provide, run } from 'weavets'

export interface Clock extends Component {
  now(zone?: string): Promise<number>
}
export interface Pool extends Component {
  size(): Promise<number>
}
export class SystemClock implements Clock {
  async now(zone = 'utc') {
    return zone.length
  }
}
export class Root implements Main {
  readonly #clock: Clock
  constructor(clock: Clock) {
    this.#clock = clock
  }
  async main() {
    console.log(await this.#clock.now(), await get<Pool>().size(), await helper())
    try {
      fail()
    } catch (error) {
      console.log((error as Error).stack?.split('\\n')[1]?.replace(/^.*\\/(?=src)/, '').replace(')', ''))
    }
  }
}
async function helper() {
  return (await get<Clock>(/* the one above */).now('x'))
}
function fail() {
  throw new Error('at line 35')
}
provide<Pool>(
  () => ({ size: async () => 7 }),
)
await run(Root)
`

let project: Project
beforeAll(() => {
  project = new Project()
  project.write('package.json', JSON.stringify({ name: 'one', type: 'module' }))
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    types: ['node'],
    outDir: 'dist',
    rootDir: 'src',
    sourceMap: true,
    plugins: [{ transform: 'weavets/transform', transformProgram: true }],
  }
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['src'] }))
  project.write('src/main.ts', MAIN)
  project.link()
})
afterAll(() => project.remove())

const PRINTED = { code: 0, stdout: '3 7 1\nsrc/main.ts:35:9\n', stderr: '' }

test('weave run', async () => {
  expect(await project.weave('run')).toEqual(PRINTED)
  expect(await project.weave('run', '--isolated')).toEqual(PRINTED)
})

test('tspc', async () => {
  expect(await project.tspc('-p', '.')).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(await project.node(['--enable-source-maps', 'dist/main.js'])).toEqual(PRINTED)
  const output = project.read('dist/main.js')
  expect(output.split('\n').slice(0, 2)).toEqual(['#!/usr/bin/env node', "'use strict';"])
  expect(output).toContain('get("src/main.Clock").now(\'x\')')
  expect(output).toContain('await run(__weave_app);')
})
