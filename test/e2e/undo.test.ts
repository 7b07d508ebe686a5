/**
 * Automatic placement takes back what turns out worse, on a deployment: two components call each other often, so one process is predicted to cost
 * less; there they share a cache that has room for one of them (apps/menu), so that a request costs several times as much.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Trial } from '../../deployer/automatic/trial.ts'
import { deploy, type Status } from '../../deployer/index.ts'
import { parseManifest } from '../../runtime/manifest.ts'
import { shortName } from '../../runtime/names.ts'
import { Customer } from './customer.ts'
import { weave } from './deployment.ts'

const project = join(import.meta.dirname, 'apps', 'menu')
const build = join(project, '.weave', 'build')
const run = promisify(execFile)

test('a move that turns out worse is taken back, written down, and not tried again soon', {
  timeout: 120_000,
}, async () => {
  await run(process.execPath, [weave, 'build'], { cwd: project })
  const state = mkdtempSync(join(tmpdir(), 'weave-state-'))
  const said = async (...args: string[]) => {
    const env = { ...process.env, WEAVE_STATE: state, NO_COLOR: '1' }
    return (await run(process.execPath, [weave, ...args], { env })).stdout
  }
  const listener = Promise.withResolvers<string>()
  const ended = Promise.withResolvers<Trial>()
  let moved = 0
  const deployment = deploy({
    manifest: parseManifest(readFileSync(join(build, 'weave.manifest.json'), 'utf8')),
    directory: build,
    config: { name: 'menu', listeners: { web: { port: 0 } } },
    placement: 'apart',
    automatic: true,
    automaticPace: { planEveryMs: 500, settleMs: 2_000, trialWindowSeconds: 4, retryTrialMs: 600_000 },
    stateRoot: state,
    onEvent: (event) => {
      if (event.type === 'listener') listener.resolve(event.url)
      if (event.type === 'moved') moved++
      if (event.type !== 'trial') return
      const { type: _, ...trial } = event
      if (trial.state === 'kept' || trial.state === 'undone') ended.resolve(trial)
    },
  })
  const placement = () => deployment.groups().map(({ components }) => components.map(shortName))
  let customer: Customer | undefined
  try {
    await deployment.ready
    customer = new Customer(await listener.promise)

    const trial = await ended.promise
    expect(trial).toMatchObject({ id: 1, state: 'undone', why: 'A request costs more than before.' })
    expect(trial.moves).toMatchObject([{ components: ['src/prices.Prices'], to: 'main', failed: null }])
    const { before, predicted, measured } = trial
    expect(predicted.cpuMsPerRequest).toBeLessThan(before.cpuMsPerRequest)
    expect(measured!.cpuMsPerRequest).toBeGreaterThan(2 * before.cpuMsPerRequest)
    expect(placement()).toEqual([['Kitchen'], ['Prices']])

    // The plan is the same as before, and is looked at again and again.
    const automatic = async () => (JSON.parse(await said('status', '--json')) as Status).automatic!
    await expect
      .poll(async () => (await automatic()).why, { timeout: 60_000 })
      .toMatch(/^One move saves .+ But it was undone lately, and not tried again yet\.$/)
    expect(JSON.parse(await said('plan', '--history', '--json'))).toEqual([trial])
    expect(await said('plan', '--history')).toMatch(
      new RegExp(
        [
          '^menu  1 trial',
          '',
          '  1  undone  .+ UTC  A request costs more than before\\.',
          '    Prices from prices to main: .+',
          ' +before +predicted +measured',
          '    CPU a request( +[\\d.]+ [mµ]s){3}',
          '    a request takes( +[\\d.]+ [mµ]s){3}',
          '    requests( +[\\d.,]+/s){3}',
          '$',
        ].join('\\n'),
      ),
    )
    expect([moved, placement()]).toEqual([2, [['Kitchen'], ['Prices']]])
    await customer.leave()
    expect([...customer.statuses]).toEqual([200])
  } finally {
    await customer?.leave().catch(() => {})
    await deployment.stop()
    rmSync(state, { recursive: true })
  }
})
