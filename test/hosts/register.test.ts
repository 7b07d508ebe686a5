/**
 * `node --import weavets/register`: what Node alone would not run, who inherits the loader, where a stack points, and what is said without
 * it. That it prints what every other host does is in the matrix.
 */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Project, REGISTER } from './project.ts'

let project: Project
beforeEach(() => {
  project = new Project()
  project.write('package.json', '{ "name": "loaded", "type": "module" }')
  project.write(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: { module: 'nodenext', strict: true, types: ['node'] } }),
  )
  project.write('src/clock.ts', CLOCK)
  project.link()
})
afterEach(() => project.remove())

/** With an enum and a parameter property, which Node's own stripping refuses, and lines that tell where they are. */
const CLOCK = `import type { Component } from 'weavets'

export enum Zone {
  Utc = 'utc',
}

export interface Clock extends Component {
  now(zone: Zone): Promise<number>
}

export class FixedClock implements Clock {
  constructor(private readonly time: number = 5) {}

  async now(zone: Zone) {
    if (zone !== Zone.Utc) throw new Error('never')
    return this.time
  }
}

export function place() {
  return new Error('here').stack!.split('\\n')[1]!.replace(/^.*\\/(?=src)/, '').replace(')', '')
}
`

const rooted = (body: string) => `import { get, type Main, run } from 'weavets'
import { fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { type Clock, place, Zone } from './clock.js'

export class Root implements Main {
  constructor(private readonly clock: Clock) {}

  async main() {
    ${body}
  }
}

await run(Root)
`

const start = (...flags: string[]) => project.node([...flags, 'src/main.ts'])

test('enums, parameter properties and .js specifiers; stack lines are those of the sources', async () => {
  project.write(
    'src/main.ts',
    rooted(
      "console.log(await this.clock.now(Zone.Utc), await get<Clock>().now(Zone.Utc), place(), new Error('x').stack!.match(/main.ts:\\d+/)![0])",
    ),
  )
  expect(await start('--import', REGISTER)).toEqual({
    code: 0,
    stdout: '5 5 src/clock.ts:21:10 main.ts:10\n',
    stderr: '',
  })
})

test('plain sources stay where they are to the column, and get no source map', async () => {
  project.write(
    'src/main.ts',
    "import { type Main, run } from 'weavets'\nexport class Root implements Main {\n  async main() { console.log(new Error('x').stack!.match(/main.ts:\\d+:\\d+/)![0], process.sourceMapsEnabled) }\n}\nawait run(Root)\n",
  )
  expect(await start('--import', REGISTER)).toEqual({ code: 0, stdout: 'main.ts:3:30 false\n', stderr: '' })
})

test('workers and forked processes inherit it, also by NODE_OPTIONS', async () => {
  project.write(
    'src/other.ts',
    "import { Zone } from './clock.js'\nconsole.log(process.argv[2] ?? 'worker', Zone.Utc)\n",
  )
  project.write(
    'src/main.ts',
    rooted(`const other = new URL('./other.ts', import.meta.url)
    await new Promise((resolve) => new Worker(other).on('exit', resolve))
    await new Promise((resolve) => fork(other, ['forked']).on('exit', resolve))`),
  )
  const printed = { code: 0, stdout: 'worker utc\nforked utc\n', stderr: '' }
  expect(await start('--import', REGISTER)).toEqual(printed)
  expect(await project.node(['src/main.ts'], { NODE_OPTIONS: `--import ${REGISTER}` })).toEqual(printed)
})

test("a test of node:test outside the tsconfig's files starts the application's components", async () => {
  project.write('src/main.ts', rooted(''))
  project.write(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: { module: 'nodenext', strict: true, types: ['node'] }, include: ['src'] }),
  )
  for (const name of ['one', 'two']) {
    project.write(
      `test/${name}.test.ts`,
      `import { test } from 'node:test'
import { startApp } from 'weavets/testing'
import { type Clock, Zone } from '../src/clock.ts'
test('${name}', async () => {
  await using app = await startApp()
  if ((await app.get<Clock>().now(Zone.Utc)) !== 5) throw new Error('wrong')
})
`,
    )
  }
  const { code, stdout } = await project.node(['--import', REGISTER, '--test', 'test/one.test.ts', 'test/two.test.ts'])
  expect(stdout).toMatch(/pass 2/)
  expect(code).toBe(0)
})

test('without it, one sentence says what to add', async () => {
  project.write('src/main.ts', rooted(''))
  const { code, stderr } = await start('--import', 'tsx')
  expect(stderr).toMatch(
    /src\/main\.ts calls run\(Root\) and was not transformed by weavets: add "--import weavets\/register"/,
  )
  expect(code).toBe(1)
})
