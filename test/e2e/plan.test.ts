/** `weave plan` of the boutique while it runs, as it is typed: plans, what-ifs, a recorded graph, and what it says when there is nothing to plan for. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Plan, PlanRequest } from '../../deployer/planner/model.ts'
import { deploy, repository, weave } from './deployment.ts'

const boutique = join(repository, 'fixtures', 'boutique')

interface Said {
  code: number
  stdout: string
  stderr: string
}

function plan(state: string, ...flags: string[]): Promise<Said> {
  const env = { ...process.env, WEAVE_STATE: state, NO_COLOR: '1' }
  return new Promise((resolve) => {
    execFile(process.execPath, [weave, 'plan', ...flags], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

test('weave plan', { timeout: 120_000 }, async () => {
  await using shop = deploy(boutique, '--placement', 'apart')
  const { state } = shop
  const { url } = await shop.event('listener')
  await shop.event('ready')
  expect(await plan(state)).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'error No calls were measured in the last 60 s: a plan needs to see what "boutique" does. Send it requests, then ask again; "weave graph --live" shows what is measured.\n  next  weave status boutique\n',
  })
  const none =
    'boutique  automatic placement has tried nothing yet  "weave deploy --auto" lets placement decide by itself\n'
  expect(await plan(state, '--history')).toEqual({ code: 0, stdout: none, stderr: '' })

  for (let page = 0; page < 200; page++) expect((await fetch(url)).status).toBe(200)
  const found = () =>
    plan(state, '--json').then(({ stdout }) => (stdout === '' ? undefined : (JSON.parse(stdout) as Plan)))
  await expect.poll(async () => (await found())?.moves.length, { timeout: 30_000, interval: 500 }).toBeGreaterThan(3)

  const text = await plan(state, 'boutique')
  expect(text).toMatchObject({ code: 0, stderr: '' })
  expect(text.stdout).toMatch(/^boutique {2}\d+ moves save .+\n/)
  expect(text.stdout).toMatch(
    /\n {2}Currency → with .+ {2}worth .+\n {4}.+ calls\/s between them cost .+ of CPU apart\n/,
  )
  expect(text.stdout).toMatch(/\nrunner-up {2}/)

  const wishes = await plan(state, '--what-if', 'Cart with Checkout', '--what-if', 'Ads apart')
  expect(wishes).toMatchObject({ code: 0, stderr: '' })
  expect(wishes.stdout).toMatch(/^if {2}Cart with Checkout (saves|costs) the worth of /)
  expect(wishes.stdout).toContain('if  Ads apart: that is how it is today.')

  const wrong = await plan(state, '--what-if', 'Crt apart')
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toBe(
    `error what if: there is no component "Crt"; did you mean "Cart"?\n  next  Write --what-if 'Cart with Checkout' or --what-if 'Cart apart', with names of your components.\n`,
  )
  expect(await plan(state, 'shop')).toMatchObject({
    code: 1,
    stderr: 'error No application "shop" is deployed; there are boutique.\n  next  weave status\n',
  })

  const file = join(state, 'graph.json')
  const recorded = await plan(state, '--record', file)
  expect(recorded.stdout).toMatch(/graph\.json: 11 components, \d+ edges, of \d+ s; weave plan --graph .+\n$/)
  const { graph, today } = JSON.parse(readFileSync(file, 'utf8')) as PlanRequest
  expect(today).toHaveLength(11)
  expect(graph.components.filter(({ fixed }) => fixed).map(({ name }) => name)).toEqual(['src/shop/shop.Shop'])
  expect(graph.components.every(({ replicasMax }) => replicasMax === 1)).toBe(true)
  expect((await plan(state, '--graph', file)).stdout).toMatch(/^boutique {2}\d+ moves save /)
})
