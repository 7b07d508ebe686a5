/**
 * Where this kind of tool goes wrong: a type changes, far from the file that holds the generated code, and what was built before is
 * built again from memory. Each host that watches or remembers is started, a type two files away is edited, and the codec must
 * follow; an error must appear, and go. Nothing sleeps: each step waits for the host to say that it has built.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import * as esbuild from 'esbuild'
import { watch as rolldownWatch } from 'rolldown'
import { watch as rollupWatch } from 'rollup'
import { createServer } from 'vite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { weave as esbuildWeave } from '../../transformer/hosts/esbuild.ts'
import { weave as rollupWeave } from '../../transformer/hosts/rollup.ts'
import { weave as viteWeave } from '../../transformer/hosts/vite.ts'
import { cleanEnvironment, Project, REGISTER, repository, weave } from './project.ts'

/** A host at work: `next` gives the text of the next build, or of its error. */
interface Watching {
  next(): Promise<string>
  close(): Promise<unknown>
}

const AGAIN_MS = 500

/** Results that come before they are asked for wait. */
class Results {
  readonly #ready: string[] = []
  readonly #asked: ((text: string) => void)[] = []

  push(text: string): void {
    const asked = this.#asked.shift()
    if (asked) asked(text)
    else this.#ready.push(text)
  }

  next(): Promise<string> {
    const ready = this.#ready.shift()
    return ready === undefined ? new Promise((resolve) => this.#asked.push(resolve)) : Promise.resolve(ready)
  }
}

const ENTRY = 'src/main.ts'
const external = ['weavets', 'weavets/internal']

/** What a codec accepts is what it was generated from. */
const CODEC_TEST = `import { test } from 'vitest'
import { startApp } from 'weavets/testing'
import type { GuestBook } from '../src/guests.ts'

const config = { GuestBook: { seats: 5 }, Greeter: { greeting: 'Good evening' } }

test('what goes over', async () => {
  await using app = await startApp({ placement: 'isolated', config })
  const guest = { kind: 'person', name: 'Ada', born: new Date(0) }
  for (const most of ['dozen', 'score']) {
    const visit = { guest, at: new Date(0), gifts: new Map(), most }
    await app.get<GuestBook>().sign(visit as never).then(() => console.log(most, 'crosses'), () => {})
  }
})
`

const WATCHING: Record<string, (project: Project) => Promise<Watching>> = {
  async esbuild(project) {
    const results = new Results()
    const tell: esbuild.Plugin = {
      name: 'tell',
      setup({ onEnd }) {
        onEnd(({ errors, outputFiles }) =>
          results.push(
            [...errors.map((each) => each.text), ...(outputFiles ?? []).map((file) => file.text)].join('\n'),
          ),
        )
      },
    }
    const context = await esbuild.context({
      absWorkingDir: project.folder,
      entryPoints: [ENTRY],
      outdir: 'out',
      bundle: true,
      write: false,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      plugins: [esbuildWeave(), tell],
    })
    await context.watch()
    return { next: () => results.next(), close: () => context.dispose() }
  },

  async rollup(project) {
    const strip = {
      name: 'strip',
      transform: (code: string, id: string) =>
        /\.ts$/.test(id) ? esbuild.transform(code, { loader: 'ts', sourcemap: true }) : null,
    }
    const results = new Results()
    const watcher = rollupWatch({
      input: join(project.folder, ENTRY),
      external,
      plugins: [rollupWeave({ root: project.folder }), strip],
      watch: { skipWrite: true },
    })
    watcher.on('event', async (event) => {
      if (event.code === 'ERROR') results.push(event.error.message)
      if (event.code !== 'BUNDLE_END') return
      const { output } = await event.result.generate({})
      results.push(output.map((each) => (each.type === 'chunk' ? each.code : '')).join('\n'))
      await event.result.close()
    })
    return { next: () => results.next(), close: async () => watcher.close() }
  },

  async rolldown(project) {
    const results = new Results()
    const watcher = rolldownWatch({
      cwd: project.folder,
      input: join(project.folder, ENTRY),
      external,
      platform: 'node',
      plugins: [rollupWeave({ root: project.folder })],
      output: { dir: join(project.folder, 'out') },
    })
    watcher.on('event', async (event) => {
      if (event.code === 'ERROR') results.push(event.error.message)
      if (event.code === 'BUNDLE_END') {
        await event.result.close()
        results.push(project.read('out/main.js'))
      }
    })
    return { next: () => results.next(), close: () => watcher.close() }
  },

  async 'vite dev'(project) {
    const server = await createServer({
      root: project.folder,
      configFile: false,
      logLevel: 'silent',
      appType: 'custom',
      server: { middlewareMode: true, ws: false },
      optimizeDeps: { noDiscovery: true },
      plugins: [viteWeave()],
    })
    const results = new Results()
    const load = () =>
      server.environments.ssr.transformRequest(`/${ENTRY}`).then(
        (result) => results.push(result?.code ?? ''),
        (error: Error) => results.push(error.message),
      )
    server.watcher.on('change', load)
    await load()
    return { next: () => results.next(), close: () => server.close() }
  },

  'weave dev': (project) => spoken(project, [weave, 'dev'], /main returned|error/, '.weave/dev/main.mjs'),

  async 'vitest watch'(project) {
    project.write('test/codec.test.ts', CODEC_TEST)
    const vitest = join(repository, 'node_modules/vitest/vitest.mjs')
    return spoken(project, [vitest, '--watch', '--dir', 'test'], /for file changes/, 'no output')
  },

  'tspc -w': (project) =>
    spoken(
      project,
      [join(repository, 'node_modules/ts-patch/bin/tspc.js'), '-p', '.', '-w', '--preserveWatchOutput'],
      /Found \d+ errors?\./,
      'dist/src/main.js',
    ),
}

/** A command that says on stdout or stderr when it has built; what it said goes before what it wrote. */
async function spoken(project: Project, args: string[], built: RegExp, output: string): Promise<Watching> {
  const child = spawn(process.execPath, args, { cwd: project.folder, env: cleanEnvironment() })
  const results = new Results()
  let said = ''
  const hear = (chunk: Buffer) => {
    said += chunk
    if (!built.test(said)) return
    results.push(`${said}\n${project.exists(output) ? project.read(output) : ''}`)
    said = ''
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const exit = once(child, 'exit')
  return {
    next: () => results.next(),
    async close() {
      child.kill('SIGTERM')
      await exit
    },
  }
}

let project: Project
beforeEach(() => {
  project = new Project('hello')
  project.remove('test')
  project.edit('tsconfig.json', '"strict": true,', '"strict": true, "incremental": true,')
  // The codec's file sees guests.ts, which sees count.ts, which sees unit.ts.
  project.write('src/unit.ts', 'export type Unit = number\n')
  project.write('src/count.ts', "import type { Unit } from './unit.ts'\n\nexport type Count = Unit\n")
  project.edit('src/guests.ts', 'gifts: Map<string, number>\n}', 'gifts: Map<string, number>\n  most?: Count\n}')
  project.edit('src/guests.ts', 'import type', "import type { Count } from './count.ts'\nimport type")
})
afterEach(() => project.remove())

const unit = (type: string) => project.write('src/unit.ts', `export type Unit = ${type}\n`)

describe.each(Object.entries(WATCHING))('%s', (_, start) => {
  test('a type two files away changes the codec; an error comes and goes', async () => {
    const watching = await start(project)
    const until = async (pattern: RegExp): Promise<string> => {
      // A watcher that is only being set up misses an edit, and tells nobody when it is done: so the file is saved again.
      const again = setInterval(() => project.write('src/unit.ts', project.read('src/unit.ts')), AGAIN_MS)
      try {
        for (;;) {
          const text = await watching.next()
          if (pattern.test(text)) return text
        }
      } finally {
        clearInterval(again)
      }
    }
    try {
      expect(await watching.next()).not.toContain('dozen')
      unit("number | 'dozen'")
      await until(/dozen/)
      unit('() => void')
      await until(/WV2004/)
      unit("number | 'score'")
      expect(await until(/score/)).not.toContain('WV2004')
    } finally {
      await watching.close()
    }
  })
})

describe('from one start to the next', () => {
  const start = () => project.node(['--import', REGISTER, ENTRY])

  test('node --import weavets/register', async () => {
    expect(await start()).toMatchObject({ code: 0 })
    unit('() => void')
    const { code, stderr } = await start()
    expect(stderr).toMatch(/^src\/guests\.ts:\d+:\d+ WV2004 .*function/m)
    expect(stderr).toContain('fix  ')
    // An error of the user's, and not of ours.
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(1)
    unit("number | 'dozen'")
    expect(await start()).toMatchObject({ code: 0, stderr: '' })
  })

  test('vitest, which keeps modules on disk', async () => {
    project.write('test/codec.test.ts', CODEC_TEST)
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--dir', 'test']
    expect((await project.node(vitest)).stdout).not.toContain('crosses')
    unit("number | 'dozen'")
    const { code, stdout } = await project.node(vitest)
    expect(stdout).toContain('dozen crosses')
    expect(stdout).not.toContain('score crosses')
    expect(code).toBe(0)
    unit('() => void')
    const failed = await project.node(vitest)
    expect(failed.stdout + failed.stderr).toContain('WV2004')
    expect(failed.code).toBe(1)
  })

  for (const flag of ['-p', '-b']) {
    test(`tspc ${flag}, incremental`, async () => {
      expect(await project.tspc(flag, '.')).toMatchObject({ code: 0 })
      unit("number | 'dozen'")
      expect(await project.tspc(flag, '.')).toMatchObject({ code: 0 })
      expect(project.read('dist/src/main.js')).toContain('dozen')
      unit('() => void')
      expect((await project.tspc(flag, '.')).stdout).toContain('WV2004')
      unit('number')
      expect(await project.tspc(flag, '.')).toMatchObject({ code: 0, stdout: '' })
      expect(project.read('dist/src/main.js')).not.toContain('dozen')
    })
  }
})
