/** The boutique begins apart, places itself under a customer's requests, and none of these fails; with waits that are shorter than a deployment's. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { type DeployEvent, deploy } from '../../deployer/index.ts'
import { loadConfigFile } from '../../runtime/config/config-file.ts'
import { parseManifest } from '../../runtime/manifest.ts'
import { repository, weave } from './deployment.ts'

const boutique = join(repository, 'fixtures', 'boutique')
const build = join(boutique, '.weave', 'automatic-test')

test('from apart all come together by themselves', { timeout: 120_000 }, async () => {
  await promisify(execFile)(process.execPath, [weave, 'build', '--outdir', build], { cwd: boutique })
  const listener = Promise.withResolvers<string>()
  const placed = Promise.withResolvers<void>()
  const trials: Extract<DeployEvent, { type: 'trial' }>[] = []
  const deployment = deploy({
    manifest: parseManifest(readFileSync(join(build, 'weave.manifest.json'), 'utf8')),
    directory: build,
    config: { ...loadConfigFile(boutique), listeners: { web: { port: 0 } } },
    placement: 'apart',
    automatic: true,
    automaticPace: { planEveryMs: 500, settleMs: 1_000, trialWindowSeconds: 2, retryTrialMs: 2_000 },
    onEvent: (event) => {
      if (event.type === 'listener') listener.resolve(event.url)
      if (event.type !== 'trial') return
      trials.push(event)
      if (event.state === 'kept' && groups().size === 1) placed.resolve()
    },
  })
  const groups = () => new Set(deployment.processes().map(({ group }) => group))
  try {
    await deployment.ready
    expect(groups().size).toBe(11)
    const url = await listener.promise
    let isPlaced = false
    void placed.promise.then(() => {
      isPlaced = true
    })
    // One customer after the other: they leave the processes idle half of the time, so one is enough for all.
    const statuses = new Set<number>()
    while (!isPlaced) {
      const page = await fetch(url)
      await page.arrayBuffer()
      statuses.add(page.status)
    }
    expect([...statuses]).toEqual([200])
    const [first] = trials
    expect(first).toMatchObject({ id: 1, state: 'moving', measured: null })
    // Cold, a machine that is busy may first ask for two groups; in the end it is one.
    for (const { reason } of first!.moves) expect(reason).toMatch(/^[\w, ]+ → /)
    expect(first!.predicted.cpuMsPerRequest).toBeLessThan(first!.before.cpuMsPerRequest)
    const last = trials.at(-1)!
    expect(last).toMatchObject({ state: 'kept', measured: { cpuMsPerRequest: expect.any(Number) } })
    // The customer waits for each page, so that their rate rises with the placement: that hides nothing, unless others have taken the cores meanwhile.
    expect(last.why).toMatch(
      /^A request costs (?:less|no more) than before\.$|^The load has changed too much to tell\.$/,
    )
  } finally {
    await deployment.stop()
  }
})
