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

test('weave plan', { timeout: 180_000 }, async () => {
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
  // A plan is of the last minute, which on a busy machine is soon over, and made anew each time from what was measured by then.
  const text = async (...flags: string[]) => {
    for (let page = 0; page < 20; page++) await (await fetch(url)).text()
    return (await plan(state, ...flags)).stdout
  }
  const isKnown = { timeout: 60_000, interval: 500 }
  const moves = async () => (JSON.parse((await text('--json')) || '{"moves":[]}') as Plan).moves.length
  await expect.poll(moves, isKnown).toBeGreaterThan(3)

  // Cold, the component that is called most may be busy enough to stay alone, so any other's move will do.
  await expect.poll(() => text('boutique'), isKnown).toMatch(/^boutique {2}\d+ moves save .+\n/)
  await expect
    .poll(() => text(), isKnown)
    .toMatch(/\n {2}\w+ → with .+ {2}worth .+\n {4}.+ calls\/s between them cost .+ of CPU apart[,\n]/)
  await expect.poll(() => text(), isKnown).toMatch(/\nrunner-up {2}/)

  await text()
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
  const recorded = await text('--record', file)
  expect(recorded).toMatch(/graph\.json: 11 components, \d+ edges, of \d+ s; weave plan --graph .+\n$/)
  const { graph, today } = JSON.parse(readFileSync(file, 'utf8')) as PlanRequest
  expect(today).toHaveLength(11)
  expect(graph.components.filter(({ fixed }) => fixed).map(({ name }) => name)).toEqual(['src/shop/shop.Shop'])
  expect(graph.components.every(({ replicasMax }) => replicasMax === 1)).toBe(true)
  const again = async () => {
    await text('--record', file)
    return plan(state, '--graph', file)
  }
  await expect
    .poll(again, isKnown)
    .toMatchObject({ code: 0, stdout: expect.stringMatching(/^boutique {2}\d+ moves save /) })
})
