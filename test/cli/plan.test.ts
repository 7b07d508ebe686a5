/** `weave plan` over a recorded graph, as it is typed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Plan } from '../../deployer/planner/model.ts'
import { Project } from '../hosts/project.ts'
import { APART, shopGraph, TOGETHER } from '../planner/shop.ts'

let project: Project
beforeAll(() => {
  project = new Project()
  project.write('apart.json', JSON.stringify({ graph: shopGraph(), today: APART }))
  project.write('together.json', JSON.stringify({ graph: shopGraph(), today: TOGETHER }))
  project.write('bad.json', JSON.stringify({ graph: { ...shopGraph(), entries: 3 } }))
  project.write('text.json', 'graph: {}')
})
afterAll(() => project.remove())

describe('weave plan', () => {
  test('shows the plan: figures, moves with reasons, groups, the runner-up', async () => {
    const { code, stdout, stderr } = await project.weave('plan', '--graph', 'apart.json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^shop {2}5 moves save .+\n/)
    expect(stdout).toMatch(/processes +6 +1 {2}−83 %\n/)
    expect(stdout).toContain('  Catalog → with Shop, Cart and 3 others  worth ')
    expect(stdout).toMatch(/\n {4}900 calls\/s between them cost .+ apart\n/)
    expect(stdout).toMatch(/\nrunner-up {2}2 processes/)
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  test('--json is the plan, which survives', async () => {
    const { stdout } = await project.weave('plan', '--graph', 'together.json', '--json')
    const plan = JSON.parse(stdout) as Plan
    expect(plan.moves).toEqual([])
    expect(plan.placement.map(({ name }) => name)).toEqual(['shop'])
  })

  test('--what-if answers each wish', async () => {
    const wishes = ['--what-if', 'Ads apart', '--what-if', 'Email with Shop']
    const { code, stdout } = await project.weave('plan', '--graph', 'together.json', ...wishes)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^if {2}Ads apart costs the worth of /)
    expect(stdout).toContain('if  Email with Shop: that is how it is today.')
  })

  test.each([
    [
      ['--graph', 'together.json', '--what-if', 'Crt apart'],
      2,
      `error --what-if: there is no component "Crt"; did you mean "Cart"?\n  next  Write --what-if 'Cart with Checkout' or --what-if 'Cart apart', with names of your components.\n`,
    ],
    [
      ['--graph', 'none.json'],
      2,
      "error --graph none.json: it can't be read.\n  next  Name a file that holds a recorded call graph.\n",
    ],
    [
      ['--graph', 'text.json'],
      1,
      'error text.json: it is not JSON.\n  next  Record the graph again, with weave plan --record, or mend the file; docs/placement.md says what is in it.\n',
    ],
    [
      ['--graph', 'bad.json'],
      1,
      'error bad.json: "graph.entries" must be a list; it is 3.\n  next  Record the graph again, with weave plan --record, or mend the file; docs/placement.md says what is in it.\n',
    ],
  ])('%j is refused', async (args, code, stderr) => {
    expect(await project.weave('plan', ...args)).toEqual({ code, stdout: '', stderr })
  })
})
