/**
 * Deployers are killed at each step of a move, under load, and another one takes over each time: the move is finished or taken back, no call
 * fails, nothing is left running twice, and no process is restarted. One deployment goes through all of it; its books are audited at the end.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DeployerGone, DetachedLedger } from './detached-ledger.ts'

let ledger: DetachedLedger
/** Those that have ended, each with its process gone. */
let deployers = 0

beforeAll(async () => {
  ledger = await DetachedLedger.start()
}, 120_000)
afterAll(() => ledger.dispose())

/** Calls go on. */
async function more(calls = 100): Promise<void> {
  const before = ledger.files.made()
  await expect.poll(() => ledger.files.made(), { timeout: 30_000 }).toBeGreaterThan(before + calls)
}

async function homeOf(component: string): Promise<string[]> {
  const processes = await ledger.processes()
  return processes
    .filter(({ components }) => components.some((name) => name.endsWith(`.${component}`)))
    .map(({ group }) => group)
}

const STEPS = [
  ['preparing', 'taken back'],
  ['starting', 'taken back'],
  ['start', 'taken back'],
  ['switching', 'taken back'],
  ['draining', 'finished'],
  ['stop', 'finished'],
  ['done', 'finished'],
] as const

const HANDING = [
  ['handing', 'taken back'],
  ['handOver', 'taken back'],
  ['takeOver', 'taken back'],
  // The old instance was given up by then.
  ['switching', 'finished'],
  ['draining', 'finished'],
] as const
const HOOKS = ['start', 'stop', 'handOver', 'takeOver'] as const

// To a group that is there; and from there to a new one.
describe.each(['desk', 'new'])('on the way to %s', (to) => {
  test.each(STEPS)('killed at %s: %s', { timeout: 120_000 }, async (step, outcome) => {
    await killedInMove('Ledger', to, step, outcome)
    await expect.poll(() => ledger.instances(), { timeout: 30_000 }).toBe(1)
  })

  test.each(HANDING)('with what is kept in memory, killed at %s: %s', { timeout: 120_000 }, (step, outcome) =>
    killedInMove('Counter', to, step, outcome),
  )
})

type Step = (typeof STEPS | typeof HANDING)[number][0]

async function killedInMove(component: string, to: string, step: Step, outcome: 'taken back' | 'finished') {
  // Where the test before has failed.
  if (!ledger.ready) await ledger.deployer()
  const [home] = await homeOf(component)
  if ((home === 'desk') === (to === 'desk')) await ledger.move(component, to === 'desk' ? 'new' : 'desk')
  const hook = HOOKS.find((each) => each === step)
  await ledger.kill()
  await ledger.deployer(hook === undefined ? (step as Exclude<Step, (typeof HOOKS)[number]>) : undefined)
  deployers++
  const [from] = await homeOf(component)
  const before = await ledger.processes()
  const pids = new Map(before.map(({ process, pid }) => [process, pid]))
  if (hook) ledger.killDeployerAt(hook)
  await expect(ledger.move(component, to)).rejects.toThrow(DeployerGone)
  // Processes serve on meanwhile.
  await more()
  await ledger.deployer()
  const processes = await ledger.processes()
  const homes = await homeOf(component)
  expect(homes, ledger.errors()).toHaveLength(1)
  expect(homes[0] === from).toBe(outcome === 'taken back')
  expect(processes.map(({ state, restarts }) => [state, restarts])).toEqual(processes.map(() => ['ready', 0]))
  for (const { process, pid } of processes) expect([pid, undefined]).toContain(pids.get(process))
  // Nothing without components is left.
  for (const { group, components } of processes)
    expect([group, components.length > 0]).toEqual([group, group !== 'ingress'])
  await more()
}

test('no call was lost, none ran twice, none failed', { timeout: 60_000 }, async () => {
  expect(deployers).toBe(2 * (STEPS.length + HANDING.length))
  await mustBeWell(ledger)
})

test('over TLS the next deployer signs for groups that are new', { timeout: 120_000 }, async () => {
  const tls = await DetachedLedger.start({ transport: 'tls' })
  try {
    await tls.kill()
    await tls.deployer()
    await tls.move('Desk', 'ledger')
    expect(await tls.move('Ledger', 'new')).toMatchObject({ to: 'ledger-2', state: { kind: 'done' } })
    const before = tls.files.made()
    await expect.poll(() => tls.files.made(), { timeout: 30_000 }).toBeGreaterThan(before + 100)
    await mustBeWell(tls)
  } finally {
    tls.dispose()
  }
})

async function mustBeWell(one: DetachedLedger): Promise<void> {
  const { books, exitCode } = await one.close()
  const { made, done, streams, counts, ...wrong } = books
  expect(counts).toMatchObject({ wrong: [], failed: [] })
  expect(counts.counted).toBeGreaterThan(0)
  expect(wrong).toEqual({ lost: [], twice: [], refused: [], untrue: [], unknown: [], unfinished: [] })
  expect(streams).toMatchObject({ broken: [], cut: [] })
  expect(done).toBe(made)
  expect(exitCode).toBe(0)
}
