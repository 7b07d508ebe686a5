/** A component that nobody takes, and that has to run: a file that nothing imports, and a doc tag. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Project } from '../hosts/project.ts'
import { deploy } from './deployment.ts'

const JANITOR = `import type { Component } from 'weavets'
/** @background */
export interface Janitor extends Component { sweep(): Promise<void> }
export class NightJanitor implements Janitor {
  async start(): Promise<void> { console.log('the janitor is here') }
  async sweep(): Promise<void> {}
}
`

let project: Project
beforeEach(() => {
  project = new Project('hello')
  project.write('src/janitor.ts', JANITOR)
})
afterEach(() => project.remove())

test('it runs in one process, and in one of its own', { timeout: 60_000 }, async () => {
  expect(await project.weave('run')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('the janitor is here\n'),
  })
  await using apart = deploy(project.folder, '--placement', 'apart')
  const { processes } = await apart.event('deploying')
  expect(processes.find(({ group }) => group === 'janitor')?.components).toEqual(['src/janitor.Janitor'])
  await apart.exit
  expect(apart.errors()).toContain('the janitor is here')
})

test('without the tag it does not, and the cache of the build sees the tag come and go', {
  timeout: 60_000,
}, async () => {
  expect((await project.weave('run')).stdout).toContain('the janitor is here')
  project.edit('src/janitor.ts', '/** @background */', '')
  expect((await project.weave('run')).stdout).not.toContain('the janitor is here')
  project.edit('src/janitor.ts', 'export interface', '/** @background */ export interface')
  expect((await project.weave('run')).stdout).toContain('the janitor is here')
})
