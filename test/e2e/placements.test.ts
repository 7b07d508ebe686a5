/**
 * One program, whatever runs it: what it prints, in which order, and how it ends must not depend on its placement. Its components call
 * each other in a circle, which `get` closes; both sides print.
 */
import { execFile } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cleanEnvironment, Project, weave } from '../hosts/project.ts'

/** More than a pipe holds unread, so that the order is also that of processes which had to wait. */
const LINES = 2_000

const FILES = {
  'src/a.ts': `import type { Component } from 'weavets'
import type { B } from './b.ts'

export interface A extends Component {
  a(n: number): Promise<number>
}

export class RealA implements A {
  readonly #b: B
  constructor(b: B) {
    this.#b = b
  }
  async a(n: number): Promise<number> {
    return n === 0 ? 0 : (await this.#b.b(n - 1)) + 1
  }
  async stop(): Promise<void> {
    if (process.argv[2] !== 'late') return
    const begun = performance.now()
    const outcome = await this.#b.b(0).then(String, (error) => error.code + ' executed ' + error.executed)
    console.log('A.stop', outcome, performance.now() - begun < 5000)
  }
}
`,
  'src/b.ts': `import { type Component, get } from 'weavets'
import type { A } from './a.ts'

export interface B extends Component {
  b(n: number): Promise<number>
  print(line: number): Promise<void>
}

export class RealB implements B {
  async b(n: number): Promise<number> {
    return n === 0 ? 0 : (await get<A>().a(n - 1)) + 1
  }
  async print(line: number): Promise<void> {
    console.log('line', line)
  }
}
`,
  'src/main.ts': `import { type Main, run } from 'weavets'
import type { A } from './a.ts'
import type { B } from './b.ts'

class Root implements Main {
  readonly #a: A
  readonly #b: B
  constructor(a: A, b: B) {
    this.#a = a
    this.#b = b
  }
  async main(): Promise<void> {
    console.log('circle', await this.#a.a(10))
    for (let line = 0; line < ${LINES}; line += 2) {
      console.log('line', line)
      await this.#b.print(line + 1)
    }
    if (process.argv[2] === 'exit 3') process.exitCode = 3
    if (process.argv[2] === 'exit now') process.exit(5)
  }
}

await run(Root)
console.log('after run')
if (process.argv[2] === 'exit 4') process.exitCode = 4
`,
  'src/none.ts': 'console.log(1)\n',
}

let project: Project
beforeAll(() => {
  project = new Project('hello')
  project.remove('src')
  project.remove('test')
  project.remove('weave.config.ts')
  for (const [name, text] of Object.entries(FILES)) project.write(name, text)
})
afterAll(() => project.remove())

function bash(line: string): Promise<{ stdout: string; code: number }> {
  return new Promise((resolve) => {
    execFile('bash', ['-c', line], { cwd: project.folder, env: cleanEnvironment() }, (error, stdout) =>
      resolve({ stdout, code: error === null ? 0 : Number(error.code) }),
    )
  })
}

const WAYS = [
  ['run'],
  ['run', '--isolated'],
  ['deploy', '--raw', '--placement', 'together'],
  ['deploy', '--raw', '--placement', 'apart'],
  ['deploy', '--raw', '--placement', 'apart', '--transport', 'tcp'],
  ['deploy', '--raw', '--placement', 'apart', '--transport', 'tls'],
  ['deploy', '--raw', '--placement', 'apart', '--transport', 'grpc'],
  // The root runs once, and what it calls is replicated.
  ['deploy', '--raw', '--placement', 'apart', '--replicas', '2'],
]
for (const way of WAYS) {
  test(`${way.join(' ')}: the same lines in the same order, and code after run`, async () => {
    const { stdout, stderr, code } = await project.weave(...way)
    const lines = Array.from({ length: LINES }, (_, line) => `line ${line}`)
    expect(stdout.split('\n'), stderr).toEqual(['circle 10', ...lines, 'after run', ''])
    expect(code).toBe(0)
  })

  test(`${way.join(' ')}: process.exitCode counts, also after run`, async () => {
    expect((await project.weave(...way, '--', 'exit 3')).code).toBe(3)
    expect((await project.weave(...way, '--', 'exit 4')).code).toBe(4)
  })

  test(`${way.join(' ')}: process.exit in main ends the application with its code`, async () => {
    const { stdout, code } = await project.weave(...way, '--', 'exit now')
    expect(stdout.match(/circle/g)).toHaveLength(1)
    expect(stdout).not.toContain('after run')
    expect(code).toBe(5)
  })
}

test('apart, a stop that calls who has gone fails at once', async () => {
  const { stdout, code } = await project.deploy('--placement', 'apart', '--', 'late')
  expect(stdout).toContain('A.stop WV_STOPPING executed no true\n')
  expect(code).toBe(0)
})

test('--raw: a reader that goes away stops the application', async () => {
  const line = `"${process.execPath}" "${weave}" deploy --raw --placement apart | head -n 3; exit \${PIPESTATUS[0]}`
  const { stdout, code } = await bash(line)
  expect(stdout).toBe('circle 10\nline 0\nline 1\n')
  expect(code).toBe(0)
})

test('an entry that never calls run says so', async () => {
  project.write('weave.config.ts', "export default { entry: 'src/none.ts' }\n")
  try {
    for (const command of ['build', 'run', 'deploy']) {
      const { code, stderr } = await project.weave(command)
      expect(stderr).toContain("The entry 'src/none.ts' does not call 'run'.")
      expect(stderr).not.toContain('bug in weave')
      expect(code).toBe(1)
    }
  } finally {
    project.remove('weave.config.ts')
  }
})

test('a start that fails is printed once', async () => {
  project.edit(
    'src/b.ts',
    'async b(',
    "async start(): Promise<void> {\n    throw new Error('no database')\n  }\n  async b(",
  )
  const { code, stdout, stderr } = await project.weave('deploy', '--placement', 'apart')
  expect(stderr.match(/no database/g)).toHaveLength(3)
  expect(stdout.match(/down b-1 .*, again;? ?/g)).toHaveLength(2)
  expect(stderr).toMatch(
    /error Process "b-1" \(B\) crashed 3 times in a row before the application was ready; the last time it failed: WV_START src\/b\.B could not be started: no database\.\n {2}next/,
  )
  expect(code).toBe(1)
})
