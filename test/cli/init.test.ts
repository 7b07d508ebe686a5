/** `weave init` in an empty folder, whose app then runs; and in a project that is there, which it touches as little as it can. */
import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Project } from '../hosts/project.ts'
import { Running } from './process.ts'

let project: Project
beforeEach(() => {
  project = new Project()
})
afterEach(() => project.remove())

describe('weave init, in an empty folder', () => {
  test('shows what it would do, and does nothing without a yes', async () => {
    const shown = await project.weave('init', '--dry-run')
    expect(shown.stdout).toMatch(/^create {2}package\.json \(\d+ lines\)\ncreate {2}tsconfig\.json/)
    expect(shown.stdout).toMatch(/Nothing was changed \(--dry-run\)\.\n$/)
    const asked = await project.weave('init')
    expect(asked.code).toBe(1)
    expect(asked.stderr).toContain('Run "weave init --yes"')
    expect(readdirSync(project.folder)).toEqual([])
  })

  test('writes an app that checks, type checks, passes its test and runs', async () => {
    const done = await project.weave('init', '--yes')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toMatch(/\nDone\. Next: {2}npm install && npx weave dev\n$/)
    project.link()
    expect((await project.weave('check')).stdout).toMatch(/^1 component, 2 methods, 1 edge, /)
    expect(await project.node(['node_modules/typescript/bin/tsc', '--noEmit'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    const tested = await project.node(['node_modules/vitest/vitest.mjs', 'run'])
    expect(tested.stdout).toMatch(/Tests .*1 passed/)

    // Any free port, since 8080 may be taken on the machine that tests.
    project.edit('weave.config.ts', 'port: 8080', 'port: 0')
    await using app = new Running(project, 'run')
    const [, url] = await app.until(/Corner shop is open at (\S+)/)
    expect(await (await fetch(`${url}/?add=mug`)).text()).toBe('Corner shop\n1 × mug\n')
    expect(await app.stop('SIGTERM')).toBe(0)
  })

  test('leaves files that are there', async () => {
    project.write('tsconfig.json', '{}\n')
    const done = await project.weave('init', '--yes')
    expect(done.stdout).toContain('note    tsconfig.json is there already and stays as it is')
    expect(project.read('tsconfig.json')).toBe('{}\n')
  })
})

describe('weave init, where there is a package.json and no program', () => {
  test('after npm install: completes package.json, and the app checks and runs', async () => {
    project.write('package.json', '{\n    "dependencies": {\n        "weavets": "file:x.tgz"\n    }\n}\n')
    const done = await project.weave('init', '--yes')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toContain('create  src/main.ts')
    expect(project.json('package.json')).toMatchObject({
      type: 'module',
      scripts: { dev: 'weave dev', test: 'vitest run' },
      dependencies: { weavets: 'file:x.tgz' },
      devDependencies: { typescript: '^6.0.3', vitest: '^5.1.1' },
    })
    expect(project.read('package.json')).toMatch(/^\{\n {4}"dependencies": \{\n {8}"weavets": "file:x\.tgz"\n/)
    project.link()
    expect((await project.weave('check')).stdout).toMatch(/^1 component, 2 methods, 1 edge, /)
    expect((await project.weave('init', '--yes')).stdout).toBe('Nothing to do: weave is set up here.\n')
  })

  test("after npm init: its placeholders give way, what somebody wrote doesn't; files of tools are no program", async () => {
    project.write(
      'package.json',
      JSON.stringify({
        name: 'mine',
        type: 'commonjs',
        license: 'MIT',
        scripts: { test: 'echo "Error: no test specified" && exit 1', dev: 'my dev' },
      }),
    )
    project.write('eslint.config.js', '')
    project.write('node_modules/some/index.js', '')
    await project.weave('init', '--yes')
    expect(project.json('package.json')).toMatchObject({
      name: 'mine',
      type: 'module',
      license: 'MIT',
      scripts: { test: 'vitest run', dev: 'my dev', start: 'weave run' },
    })
    expect(project.read('src/main.ts')).toContain('await run(Shop)')
  })

  test('with the config of an earlier init: writes the app where that says', async () => {
    const config =
      'import { defineConfig } from \'weavets\'\n\nexport default defineConfig({\n  entry: "app/start.ts", // the file that calls run\n})\n'
    project.write('package.json', '{}\n')
    project.write('weave.config.ts', config)
    await project.weave('init', '--yes')
    expect(project.read('app/start.ts')).toContain("import { Shop } from '../src/shop.ts'")
    expect(project.read('weave.config.ts')).toContain("Shop: { title: 'Corner shop' }")
    project.link()
    expect(await project.weave('check')).toMatchObject({ code: 0 })
  })

  test('with a config of their own: says what to add to it', async () => {
    project.write('package.json', '{}\n')
    project.write('weave.config.ts', "export default { name: 'mine' }\n")
    const done = await project.weave('init', '--yes')
    expect(done.stdout).toContain(
      '\nLeft to you:\n  - in weave.config.ts, under "config": Shop: { title: \'Corner shop\' }\n',
    )
    expect(project.read('weave.config.ts')).toBe("export default { name: 'mine' }\n")
  })
})

describe('weave init, in a project', () => {
  beforeEach(() => {
    project.write('package.json', '{\n\t"name": "old",\n\t"devDependencies": {\n\t\t"ts-patch": "^4"\n\t}\n}\n')
    project.write(
      'tsconfig.json',
      '{\n  // Keep this.\n  "compilerOptions": {\n    "strict": true, // and this\n  },\n}\n',
    )
    project.write('src/server.ts', 'console.log(1)\n')
    project.write('.gitignore', 'node_modules')
    project.write('vite.config.ts', 'export default {}\n')
  })

  test('inserts lines, keeps comments, and says what is left to do', async () => {
    const done = await project.weave('init', '--yes')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toContain(
      '        +     "plugins": [{ "name": "weavets/language-service", "transform": "weavets/transform", "transformProgram": true }],',
    )
    expect(done.stdout).toContain("in vite.config.ts, add weave() from 'weavets/vite'")
    expect(project.read('package.json')).toMatch(
      /^\{\n\t"name": "old",\n\t"devDependencies": \{\n\t\t"ts-patch": "\^4"\n\t\},\n\t"dependencies": \{ "weavets": "\^[\d.]+" \}\n\}\n$/,
    )
    expect(project.read('tsconfig.json')).toContain('// Keep this.')
    expect(project.read('tsconfig.json')).toContain('// and this')
    expect(project.read('.gitignore')).toBe('node_modules\n.weave/\n')
    expect(project.read('weave.config.ts')).toContain('entry: "src/server.ts"')
    expect(project.read('src/server.ts')).toBe('console.log(1)\n')
  })

  test('has nothing to do the second time', async () => {
    await project.weave('init', '--yes')
    expect((await project.weave('init', '--yes')).stdout).toContain('Nothing to do: weave is set up here.')
  })

  test('writes the entry that the config names and nobody has written', async () => {
    await project.weave('init', '--yes')
    project.remove('src/server.ts')
    project.write('src/library.ts', 'export const one = 1\n')
    const done = await project.weave('init', '--yes')
    expect(done.stdout).toContain('create  src/server.ts')
    project.link()
    expect(await project.weave('run')).toEqual({ code: 0, stdout: 'It runs.\n', stderr: '' })
  })

  test('says what stands in the way, each with the edit', async () => {
    const config = {
      compilerOptions: { module: 'commonjs', moduleResolution: 'node10', strict: false, outDir: 'dist' },
    }
    project.write('tsconfig.json', `${JSON.stringify(config, null, 2)}\n`)
    project.write('package.json', JSON.stringify({ type: 'commonjs', scripts: { build: 'rm -rf dist && tsc -p .' } }))
    const { stdout } = await project.weave('init', '--yes')
    const left = stdout.slice(stdout.indexOf('Left to you:'))
    expect(left).toMatch(/- tsconfig\.json resolves modules in the old way .* "module": "nodenext"/)
    expect(left).toMatch(/- without strictNullChecks, .*"strictNullChecks": true/)
    expect(left).toContain(
      '- "build" in package.json runs tsc, which passes over the plugin; change it to "rm -rf dist && tspc -p .", after npm install --save-dev ts-patch typescript@6 (or build with "weave build")',
    )
    expect(left).toContain(
      `- src/server.ts doesn't call run; let a class implement Main, and end the file with: void run(TheClass)   (import { type Main, run } from 'weavets'; "await" there takes "type": "module" in package.json)`,
    )
    expect(project.read('tsconfig.json')).toContain('weavets/transform')
    // Node would take a .ts for CommonJS here.
    project.link()
    expect(project.read('weave.config.mts')).toContain('entry: "src/server.ts"')
    expect((await project.weave('check')).stderr).toBe('')
  })

  test('of JavaScript, without a tsconfig: writes one, and an entry that is right in CommonJS', async () => {
    project.remove('tsconfig.json')
    project.remove('src/server.ts')
    project.write('src/index.js', "require('node:http')\n")
    project.write('package.json', '{ "main": "src/index.js" }\n')
    const { stdout } = await project.weave('init', '--yes')
    expect(stdout).toContain('create  tsconfig.json')
    expect(stdout).toContain('  - for tsc and the editor: npm install --save-dev typescript@6 @types/node\n')
    expect(stdout).not.toContain('"type": "module"')
    expect(project.json('tsconfig.json')).not.toHaveProperty('include')
    project.link()
    expect(await project.weave('tsc', '--noEmit')).toMatchObject({ code: 0, stdout: '' })
    expect(await project.weave('run')).toEqual({ code: 0, stdout: 'It runs.\n', stderr: '' })
    // What somebody writes who is used to modules is an error of tsc there.
    project.edit('src/main.ts', 'void run', 'await run')
    expect((await project.weave('init', '--yes')).stdout).toContain(
      'where "await run(…)" is an error; write "void run(…)"',
    )
  })

  test('of a workspace: says where to go, and takes what the workspace has', async () => {
    project.remove('src/server.ts')
    project.remove('tsconfig.json')
    project.write('package.json', '{ "workspaces": ["packages/*"] }\n')
    for (const name of ['typescript', '@types/node'])
      project.write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '6.0.3' }))
    project.write('packages/app/package.json', '{ "type": "module" }\n')
    project.write('packages/app/src/main.ts', 'export {}\n')
    const root = await project.weave('init', '--yes')
    expect(root).toMatchObject({ code: 1, stdout: '' })
    expect(root.stderr).toContain(
      'Run "weave init FOLDER" with the folder of the package that starts the program (one of packages/*).',
    )
    const app = await project.weave('init', '--yes', 'packages/app')
    expect(app.stdout).toContain('create  tsconfig.json')
    expect(app.stdout).not.toContain('npm install --save-dev')
  })

  test('tells of the first interface where there is none, with a tsconfig or without', async () => {
    const advice = 'let one interface extend Component'
    for (const gone of ['', 'tsconfig.json']) {
      if (gone !== '') project.remove(gone)
      project.write('src/deep/er/cart.ts', "import type { Component } from 'weavets'\nexport interface Cart {}\n")
      expect((await project.weave('init', '--dry-run')).stdout).toContain(advice)
      project.edit('src/deep/er/cart.ts', 'Cart {}', 'Cart\n  extends Readonly<Rest>, Component {}')
      expect((await project.weave('init', '--dry-run')).stdout).not.toContain(advice)
    }
  })

  test('gives the editor its plugin, also where nothing is emitted, and finds the one of tspc alone', async () => {
    const plugin = { name: 'weavets/language-service', transform: 'weavets/transform', transformProgram: true }
    const { name: _, ...old } = plugin
    project.write('tsconfig.json', JSON.stringify({ compilerOptions: { strict: true, noEmit: true } }))
    await project.weave('init', '--yes')
    expect(project.json('tsconfig.json')).toMatchObject({ compilerOptions: { plugins: [plugin] } })
    project.write('tsconfig.json', JSON.stringify({ compilerOptions: { strict: true, plugins: [old] } }))
    const { stdout } = await project.weave('init', '--yes')
    expect(stdout).toContain('beside "transform": "weavets/transform": "name": "weavets/language-service"')
  })

  test('has no objection to a project that is ready', async () => {
    project.write('package.json', JSON.stringify({ type: 'module', scripts: { build: 'tspc', types: 'tsc --noEmit' } }))
    project.write('tsconfig.json', JSON.stringify({ compilerOptions: { module: 'nodenext', strict: true } }))
    project.write('src/server.ts', "import { run } from 'weavets'\n")
    project.remove('vite.config.ts')
    expect((await project.weave('init', '--dry-run')).stdout).not.toContain('Left to you')
  })
})
