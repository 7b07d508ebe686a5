/**
 * Each fixture through each host: whatever builds it, it prints the same, in one process, through the codec, and with every
 * component in a process of its own. A host or a fixture is added by adding a line.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GENERATE_HOSTS, HOSTS, TYPESCRIPT_6_HOSTS, TYPESCRIPT_7_HOSTS, useTypeScript7 } from './builds.ts'
import { FIXTURES } from './fixtures.ts'
import { limited } from './limited.ts'
import type { Project } from './project.ts'

/** Two cores. */
const two = limited(2)

describe.each(Object.entries(FIXTURES))('%s', (_, { open, entry, prints, except = {}, settings }) => {
  let project: Project
  beforeAll(async () => {
    project = await open()
  })
  afterAll(() => project.remove())

  const hosts = Object.entries(HOSTS).filter(([name]) => !(name in except))
  test.concurrent.each(hosts)('%s', (_name, build) =>
    two(async () => {
      const { args, deployable } = await build(project, entry)
      const expected = { code: 0, stdout: prints, stderr: '' }
      expect(await project.node(args)).toEqual(expected)
      expect(await project.node(args, { WEAVE_RUN: isolated(settings) })).toEqual(expected)
      if (deployable === undefined) return
      expect(await project.deploy('--placement', 'apart', '--build', deployable)).toMatchObject({
        code: 0,
        stdout: prints,
      })
    }),
  )
})

/**
 * What takes the project's own TypeScript: 6, or 7 and no other; and what adds a source to it. One after the other, since they write to one folder.
 */
const COMPILERS = {
  'TypeScript 6': { hosts: TYPESCRIPT_6_HOSTS, prepare: () => {} },
  'TypeScript 7': { hosts: TYPESCRIPT_7_HOSTS, prepare: useTypeScript7 },
  'generated source': { hosts: GENERATE_HOSTS, prepare: () => {} },
}

describe.each(Object.entries(COMPILERS))('%s', (_, { hosts, prepare }) => {
  const possible = Object.entries(FIXTURES).filter(([, { except = {} }]) =>
    Object.keys(hosts).some((host) => !(host in except)),
  )
  describe.each(possible)('%s', (_, { open, entry, prints, except = {} }) => {
    let project: Project
    beforeAll(async () => {
      project = await open()
      prepare(project)
    })
    afterAll(() => project.remove())

    test.each(Object.entries(hosts).filter(([host]) => !(host in except)))('%s', async (_name, build) => {
      const { args } = await build(project, entry)
      expect(await project.node(args)).toEqual({ code: 0, stdout: prints, stderr: '' })
    })
  })
})

function isolated(settings: object = {}): string {
  return JSON.stringify({ application: 'matrix', isolated: true, config: {}, listeners: {}, ...settings })
}
