/** An error class of a package, thrown by a component or thrown by the package and asked for by a caller, in one process and in several: `catch` sees the same. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Project } from '../hosts/project.ts'

let project: Project
beforeAll(() => {
  project = new Project('hello')
  // As NestJS's are: CommonJS, with types beside it.
  project.write(
    'node_modules/problems/package.json',
    '{ "name": "problems", "version": "1.0.0", "types": "index.d.ts" }',
  )
  project.write(
    'node_modules/problems/index.js',
    `class HttpProblem extends Error { constructor(message, status) { super(message); this.status = status } }
class NotFound extends HttpProblem { constructor(message) { super(message, 404) } getStatus() { return this.status } }
class Gone extends HttpProblem { constructor(message) { super(message, 410) } getStatus() { return this.status } }
exports.NotFound = NotFound
exports.Gone = Gone
exports.find = (name) => { throw new Gone(name) }
`,
  )
  project.write(
    'node_modules/problems/index.d.ts',
    `export declare class HttpProblem extends Error { readonly status: number; getStatus(): number }
export declare class NotFound extends HttpProblem { constructor(message: string) }
export declare class Gone extends HttpProblem { constructor(message: string) }
export declare function find(name: string): never
`,
  )
  project.edit(
    'src/warm-greeter.ts',
    'import type { Config }',
    "import { find, NotFound } from 'problems'\nimport type { Config }",
  )
  project.edit(
    'src/warm-greeter.ts',
    'const before',
    "if (guest.name === 'Bob') find(guest.name)\n    if (guest.name !== '') throw new NotFound(guest.name)\n    const before",
  )
  project.edit(
    'src/hello.ts',
    'import type { Main }',
    "import { Gone, NotFound } from 'problems'\nimport type { Main }",
  )
  project.edit(
    'src/hello.ts',
    'for (const line of await this.evening()) console.log(line)',
    `const bob: typeof ada = Object.assign({}, ada, { name: 'Bob' })
    const error = await this.#greeter.greet(ada).catch((error: unknown) => error)
    console.log(error instanceof NotFound ? \`\${error.getStatus()} \${error.message}\` : \`no class: \${error}\`)
    const other = await this.#greeter.greet(bob).catch((error: unknown) => error)
    console.log(other instanceof Gone ? \`\${other.getStatus()} \${other.message}\` : \`no class: \${other}\`)`,
  )
})
afterAll(() => project.remove())

test('together and apart', async () => {
  expect(await project.weave('run')).toEqual({ code: 0, stdout: '404 Ada\n410 Bob\n', stderr: '' })
  expect((await project.deploy('--placement', 'apart')).stdout).toBe('404 Ada\n410 Bob\n')
})

test('in what weave tsc writes', async () => {
  expect(await project.weave('tsc')).toEqual({ code: 0, stdout: '', stderr: '' })
  expect((await project.deploy('--build', 'dist', '--placement', 'apart')).stdout).toBe('404 Ada\n410 Bob\n')
})
