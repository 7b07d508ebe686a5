/** `weave check` over a project that is right, and over one with an error of each origin: a type, the wiring, the config. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Project } from '../hosts/project.ts'

let project: Project
beforeEach(() => {
  project = new Project('hello')
})
afterEach(() => project.remove())

describe('weave check', () => {
  test('says in one line what is there', async () => {
    const { code, stdout, stderr } = await project.weave('check')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^2 components, 4 methods, 3 edges, \d+ ms\n$/)
    expect(await project.weave('check', '--json')).toEqual({ code: 0, stdout: '[]\n', stderr: '' })
  })

  test('reports an entry that starts nothing, as every command that would start it does', async () => {
    project.edit('src/main.ts', 'await run(Hello)', 'console.log(Hello)')
    const says = "'src/main.ts' does not call 'run', and no other file of the program does."
    const found = JSON.parse((await project.weave('check', '--json')).stdout) as unknown[]
    expect(found).toMatchObject([
      { code: 'WV9010', severity: 'error', file: 'src/main.ts', line: 1, fix: expect.stringContaining('await run(') },
    ])
    for (const command of ['build', 'run', 'deploy']) {
      const { code, stdout, stderr } = await project.weave(command)
      expect({ code, stdout }, command).toEqual({ code: 1, stdout: '' })
      expect(stderr, command).toContain(`WV9010 ${says}`)
      expect(stderr, command).toContain('await run(')
      expect(stderr, command).not.toContain('ENOENT')
    }
    project.write(
      'src/other.ts',
      "import { run } from 'weavets'\nimport { Hello } from './hello.ts'\nawait run(Hello)\n",
    )
    expect((await project.weave('deploy')).stderr).toContain(
      "'src/other.ts' does, and 'src/main.ts' does not import it.",
    )
  })

  test('a workspace package of components alone starts nothing, and is right', async () => {
    project.remove('src/main.ts')
    project.remove('test')
    const { code, stdout } = await project.weave('check')
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^2 components, .*; no file calls run, \d+ ms\n$/),
    })
  })

  test('reports a type that can not cross', async () => {
    project.edit('src/guests.ts', '  at: Date', '  at: Date\n  done?: () => void')
    const { code, stdout, stderr } = await project.weave('check', '--json')
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    const found = JSON.parse(stdout) as Record<string, unknown>[]
    expect(found[0]).toMatchObject({
      code: 'WV2004',
      file: 'src/guests.ts',
      message: expect.stringContaining('function'),
    })
    for (const key of ['code', 'file', 'line', 'column', 'message', 'why', 'fix', 'path'])
      expect(found[0]).toHaveProperty(key)

    const text = await project.weave('check')
    expect(text.code).toBe(1)
    expect(text.stdout).toMatch(/src\/guests\.ts:\d+:\d+ WV2004/)
    expect(text.stdout).toMatch(/\n {2}why {2}/)
    expect(text.stdout).toMatch(/\n {2}fix {2}/)
    expect(text.stdout).not.toContain('\u001b')
  })

  test('reports a misspelt name in weave.config.ts where it is written', async () => {
    project.edit('weave.config.ts', 'GuestBook:', 'GuestBok:')
    const { code, stdout } = await project.weave('check', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject([
      { code: 'WV3008', file: 'weave.config.ts', line: 6, column: 5, fix: 'did you mean "GuestBook"?' },
    ])
  })

  test('points at the very name of a placement, also where the config has a name of its own', async () => {
    project.write(
      'weave.config.ts',
      `import type { WeaveConfig } from 'weavets'
const config: WeaveConfig = {
  config: { GuestBook: { seats: 5 } },
  placement: {
    groups: [['Hello', 'GuestBook'], ['Greter'], ['GuestBook']],
  },
}
export default config
`,
    )
    const found = JSON.parse((await project.weave('check', '--json')).stdout) as { column: number; endColumn: number }[]
    expect(found).toMatchObject([
      { code: 'WV3008', line: 5, column: 39, endColumn: 47, fix: 'did you mean "Greeter"?' },
      { code: 'WV3014', line: 5, column: 51, endColumn: 62, message: 'Placement: "GuestBook" is placed twice.' },
    ])
  })

  test('reports pins that contradict each other or the placement, here and before a deployment', async () => {
    const config = (placement: string) => `export default {
  config: { GuestBook: { seats: 5 } },
  placement: ${placement},
  pins: {
    together: [['Hello', 'GuestBook'], ['GuestBook', 'Greeter']],
    apart: [['Greeter', 'Hello']],
  },
}
`
    project.write('weave.config.ts', config("'apart'"))
    expect(JSON.parse((await project.weave('check', '--json')).stdout)).toMatchObject([
      {
        code: 'WV3014',
        line: 6,
        column: 13,
        message: 'Pins: Greeter and Hello are pinned together and apart.',
        fix: 'keep one of the two.',
      },
    ])
    const deployed = await project.weave('deploy')
    expect(deployed.code).toBe(1)
    expect(deployed.stderr).toContain(
      'weave.config.ts:6:13: pins: Greeter and Hello are pinned together and apart; keep one of the two.',
    )
    const groups = config("{ groups: [['Hello'], ['GuestBook']] }")
    project.write('weave.config.ts', groups.replace(", ['GuestBook', 'Greeter']", '').replace(/apart: .*/, ''))
    expect(JSON.parse((await project.weave('check', '--json')).stdout)).toMatchObject([
      {
        code: 'WV3014',
        line: 3,
        message: 'Placement: Hello is in groups[0] and GuestBook in groups[1], though they are pinned together.',
        fix: 'change one of the two.',
      },
    ])
  })

  test('without a config, points at the parameter that asks for a value', async () => {
    project.remove('weave.config.ts')
    const [found] = JSON.parse((await project.weave('check', '--json')).stdout) as {
      column: number
      endColumn: number
    }[]
    expect(found).toMatchObject({ code: 'WV3014', file: 'src/paper-book.ts' })
  })

  test('a config in another form is no config', async () => {
    project.remove('weave.config.ts')
    project.write('weave.config.json', '{}')
    const { code, stderr, stdout } = await project.weave('check')
    expect(code).toBe(1)
    expect(stdout + stderr).toContain(
      'weave.config.json is not read; put what it says into weave.config.ts, as "export default defineConfig({ … })".',
    )
  })

  test('reports a config value of the wrong type', async () => {
    project.edit('weave.config.ts', 'seats: 5', "seats: 'five'")
    const { stdout } = await project.weave('check', '--json')
    expect(JSON.parse(stdout)).toMatchObject([{ code: 'WV3014', line: 6, column: 18, path: 'config.GuestBook.seats' }])
    const run = await project.weave('run')
    expect(run.code).toBe(1)
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain('config.GuestBook.seats')
    expect(run.stderr).toMatch(/next {2}Correct weave\.config\.ts/)
  })

  test('says who asks for a config value that is missing, and where', async () => {
    project.edit('weave.config.ts', 'seats: 5', '')
    const { stdout } = await project.weave('check', '--json')
    const [found] = JSON.parse(stdout) as [{ message: string; fix: string; why: string; related: unknown[] }]
    expect(found).toMatchObject({ code: 'WV3014', file: 'weave.config.ts', line: 6, path: 'config.GuestBook.seats' })
    expect(found.message).toMatch(
      /^weave\.config\.ts has no value for config\.GuestBook\.seats, which '\w+' takes with its parameter '\w+'\.$/,
    )
    expect(found.why).toContain('declares it as number')
    expect(found.fix).toBe('write it in weave.config.ts: config: { GuestBook: { seats: … } }')
    expect(found.related).toEqual([
      {
        file: expect.stringMatching(/^src\/.*\.ts$/),
        line: expect.any(Number),
        column: expect.any(Number),
        message: expect.stringContaining('is declared here'),
      },
    ])
  })

  test('a file with a syntax error is not right', async () => {
    project.edit('src/guests.ts', '  at: Date', '  at: = Date')
    const { code, stdout } = await project.weave('check')
    expect(code).toBe(1)
    expect(stdout).toMatch(/src\/guests\.ts:10:7 WV9015 /)
  })

  test('a build with errors prints them and writes nothing', async () => {
    project.edit('src/guests.ts', '  at: Date', '  at: Date\n  done?: () => void')
    const { code, stdout, stderr } = await project.weave('build')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/WV2004 .*function/)
    expect(stderr).toMatch(/error the build has 1 error\.\n {2}next {2}/)
    expect(() => project.read('.weave/build/main.mjs')).toThrow('ENOENT')
  })
})

describe('weave graph', () => {
  test('draws the sources as they are now', async () => {
    await project.weave('build')
    project.edit('src/guests.ts', 'GuestBook extends', 'GuestList extends')
    for (const file of ['src/hello.ts', 'src/paper-book.ts', 'src/warm-greeter.ts']) {
      project.write(file, project.read(file).replaceAll(/\bGuestBook\b/g, 'GuestList'))
    }
    expect((await project.weave('graph')).stdout).toContain('c0["GuestList"]')
    expect((await project.weave('graph', '.weave/build/weave.manifest.json')).stdout).toContain('c0["GuestBook"]')
  })

  test('draws Mermaid', async () => {
    expect(await project.weave('graph')).toEqual({
      code: 0,
      stderr: '',
      stdout: `flowchart LR
  c0["GuestBook"]
  c1["Greeter"]
  c2(["Hello"])
  c1 --> c0
  c2 --> c1
  c2 --> c0
`,
    })
  })
})
