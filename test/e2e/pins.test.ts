/** `pins` of weave.config.ts reach all that places: the boutique begins apart with some, places itself, and is asked for what would break them. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { deploy } from '../../deployer/index.ts'
import type { Plan, PlanRequest } from '../../deployer/planner/model.ts'
import type { WhatIf } from '../../deployer/planner/what-if.ts'
import { loadConfigFile } from '../../runtime/config-file.ts'
import { parseManifest } from '../../runtime/manifest.ts'
import { shortName } from '../../runtime/names.ts'
import { repository, weave } from './deployment.ts'

const boutique = join(repository, 'fixtures', 'boutique')
const build = join(boutique, '.weave', 'pins-test')
const pins = { alone: ['Ads'], apart: [['Cart', 'Shop']], together: [['Payment', 'Email', 'Cart']] }

test('automatic placement, plans, what-ifs and moves by hand keep to pins', { timeout: 120_000 }, async () => {
  await promisify(execFile)(process.execPath, [weave, 'build', '--outdir', build], { cwd: boutique })
  const state = mkdtempSync(join(tmpdir(), 'weave-state-'))
  const said = (...args: string[]) =>
    new Promise<{ code: number; text: string }>((resolve) => {
      const env = { ...process.env, WEAVE_STATE: state, NO_COLOR: '1' }
      execFile(process.execPath, [weave, ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr }),
      )
    })
  const listener = Promise.withResolvers<string>()
  let isPlaced = false
  const deployment = deploy({
    manifest: parseManifest(readFileSync(join(build, 'weave.manifest.json'), 'utf8')),
    directory: build,
    config: { ...loadConfigFile(boutique), pins, listeners: { web: { port: 0 } } },
    placement: 'apart',
    automatic: true,
    automaticPace: { planEveryMs: 500, settleMs: 1_000, trialWindowSeconds: 2, retryTrialMs: 2_000 },
    stateRoot: state,
    onEvent: (event) => {
      if (event.type === 'listener') listener.resolve(event.url)
      if (event.type === 'trial' && event.state === 'kept' && groups().size === 3) isPlaced = true
    },
  })
  const groups = () =>
    new Map(deployment.processes().map(({ group, components }) => [group, components.map(shortName).sort()]))
  const homeOf = (name: string) => [...groups()].find(([, components]) => components.includes(name))?.[0]
  try {
    await deployment.ready
    expect(groups().size).toBe(9)
    const url = await listener.promise
    while (!isPlaced) expect((await fetch(url).then(async (page) => [page.status, await page.text()]))[0]).toBe(200)
    // What is called is together as far as it may be.
    expect(groups().get('ads')).toEqual(['Ads'])
    const cart = homeOf('Cart')!
    expect(cart).not.toBe('main')
    expect([homeOf('Payment'), homeOf('Email')]).toEqual([cart, cart])

    const plan = JSON.parse((await said('plan', '--json')).text) as Plan
    expect(plan.moves).toEqual([])
    const request = join(state, 'graph.json')
    await said('plan', '--record', request)
    expect((JSON.parse(readFileSync(request, 'utf8')) as PlanRequest).rules.pins.alone).toEqual(['src/ads/ads.Ads'])

    const [ads, all] = JSON.parse(
      (await said('plan', '--json', '--what-if', 'Ads with Shop', '--what-if', 'Payment, Email, Cart with Shop')).text,
    ) as [WhatIf, WhatIf]
    expect(ads.prediction.broken).toEqual(['Ads shares main, though it is pinned to a process of its own.'])
    expect(all.prediction.broken).toEqual(['Cart and Shop share main, though they are pinned apart.'])
    expect((await said('plan', '--what-if', 'Ads with Shop')).text).toMatch(
      /\n {2}! Ads shares main, though it is pinned to a process of its own\.\n/,
    )
    const { code, text } = await said('move', 'Ads', '--to', 'Shop')
    expect([code, text.split('\n')[0]]).toEqual([
      1,
      'error weave.config.ts does not allow it. With that move: Ads shares main, though it is pinned to a process of its own.',
    ])
  } finally {
    await deployment.stop()
    rmSync(state, { recursive: true })
  }
})
