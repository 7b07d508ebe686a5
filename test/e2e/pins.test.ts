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
import { loadConfigFile } from '../../runtime/config/config-file.ts'
import { parseManifest } from '../../runtime/manifest.ts'
import { shortName } from '../../runtime/names.ts'
import { Customer } from './customer.ts'
import { repository, weave } from './deployment.ts'

const boutique = join(repository, 'fixtures', 'boutique')
const build = join(boutique, '.weave', 'pins-test')
const pins = { alone: ['Ads'], apart: [['Cart', 'Shop']], together: [['Payment', 'Email', 'Cart']] }

test('automatic placement, plans, what-ifs and moves by hand keep to pins', { timeout: 180_000 }, async () => {
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
  /** Pins that a move broke, in the moment when it was done. */
  const broken: string[] = []
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
      if (event.type === 'moved') broken.push(...brokenIn(groups()))
    },
  })
  const groups = () => deployment.groups()
  let customer: Customer | undefined
  try {
    await deployment.ready
    expect(groups()).toHaveLength(9)
    customer = new Customer(await listener.promise)
    // What is called comes together as far as it may. A machine that is busy rests in another layout on the way, and then a plan has moves.
    for (let rests = false; !rests; ) {
      const { code, text } = await said('plan', '--json', '--seconds', '10')
      if (code !== 0) expect(text).toContain('No calls were measured')
      else {
        const plan = JSON.parse(text) as Plan
        expect([plan.today.broken, plan.proposed.broken, brokenIn(plan.placement)]).toEqual([[], [], []])
        rests = plan.moves.length === 0 && groups().length === 3
      }
    }
    expect(broken).toEqual([])
    expect(brokenIn(groups())).toEqual([])

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
    // While one of its own is under way, it would say so first.
    const byHand = async () => {
      const { code, text } = await said('move', 'Ads', '--to', 'Shop')
      return [code, text.split('\n')[0]]
    }
    const refused = 'With that move: Ads shares main, though it is pinned to a process of its own.'
    await expect.poll(byHand, { timeout: 60_000 }).toEqual([1, `error weave.config.ts does not allow it. ${refused}`])
    expect(broken).toEqual([])

    await customer.leave()
    expect([...customer.statuses]).toEqual([200])
  } finally {
    await customer?.leave().catch(() => {})
    await deployment.stop()
    rmSync(state, { recursive: true })
  }
})

/** Pins that a placement does not keep to. */
function brokenIn(groups: readonly { components: readonly string[] }[]): string[] {
  const homeOf = (name: string) =>
    groups.findIndex((group) => group.components.some((each) => shortName(each) === name))
  const sizeOf = (name: string) => groups[homeOf(name)]!.components.length
  return [
    ...pins.alone.filter((name) => sizeOf(name) > 1).map((name) => `${name} is not alone`),
    ...pins.apart.filter(([a, b]) => homeOf(a!) === homeOf(b!)).map((names) => `${names} are not apart`),
    ...pins.together
      .filter(([a, ...rest]) => rest.some((b) => homeOf(b) !== homeOf(a!)))
      .map((names) => `${names} are not together`),
  ]
}
