/** `weave explain`: one code by number or name, all of them, and a code that there isn't. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CODES } from '../../transformer/diagnostics/catalogue.ts'
import { Project } from '../hosts/project.ts'

let project: Project
beforeAll(() => {
  project = new Project()
})
afterAll(() => project.remove())

describe('weave explain', () => {
  test('shows what a code means, with a wrong and a right example', async () => {
    const { code, stdout, stderr } = await project.weave('explain', 'WV3004')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(`WV3004 A constructor parameter that weave can not supply
error not-injectable · Wiring and configuration

Parameters of an implementation are components, \`Listener\`, \`Config<T>\` or
\`Logger\`, or have a default value. What is constructed in another way is given
by \`provide\`.

Wrong

  export interface Stock extends Component {
    left(): Promise<number>
  }

  export class RemoteStock implements Stock {
    constructor(readonly url: string) {}
  //                          ~~~~~~ WV3004
    async left() { return this.url.length }
  }

Right

  export interface Stock extends Component {
    left(): Promise<number>
  }

  export class RemoteStock implements Stock {
    constructor(readonly config: Config<{ url: string }>) {}
    async left() { return this.config.url.length }
  }
`)
    for (const asked of ['wv3004', '3004', 'not-injectable'])
      expect((await project.weave('explain', asked)).stdout).toBe(stdout)
  })

  test('shows an older version and commands where they belong to the example', async () => {
    expect((await project.weave('explain', 'WV4002')).stdout).toMatch(
      /\nBefore\n[\s\S]*cancel\(id: string\)[\s\S]*\nWrong\n[\s\S]*revoke/,
    )
    expect((await project.weave('explain', 'WV9005')).stdout).toContain('  $ node build.mjs\n')
  })

  test('lists all', async () => {
    const { stdout } = await project.weave('explain')
    for (const code of CODES) expect(stdout).toContain(`\n  ${code}  `)
  })

  test('guesses at what is misspelt', async () => {
    expect(await project.weave('explain', 'class-instanse')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error there is no diagnostic "class-instanse"; did you mean "class-instance"?\n  next  weave explain class-instance\n',
    })
    expect((await project.weave('explain', 'WV2099')).code).toBe(2)
    expect((await project.weave('explain', 'bananas')).stderr).toBe(
      'error there is no diagnostic "bananas".\n  next  weave explain\n',
    )
  })
})
