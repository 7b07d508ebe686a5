/** Automatic placement with a planner, a load and moves that a test plays: what it tries, keeps, takes back, and doesn't try again. */
import { beforeEach, describe, expect, test } from 'vitest'
import { Automatic } from '../../deployer/automatic/automatic.ts'
import { type Calls, failsNow } from '../../deployer/automatic/failures.ts'
import { compare, measured, type Outcome, predicted } from '../../deployer/automatic/outcome.ts'
import type { Trial } from '../../deployer/automatic/trial.ts'
import { DEPLOYER_LIMITS } from '../../deployer/limits.ts'
import type { MoveStatus } from '../../deployer/moves/mover.ts'
import type { Group } from '../../deployer/placement.ts'
import { PLAN_RULES } from '../../deployer/planner/defaults.ts'
import type { CallGraph, Move, Plan, Prediction } from '../../deployer/planner/model.ts'
import { WeaveError } from '../../runtime/errors.ts'
import { FakeClock } from '../runtime/fake-clock.ts'

const { planEveryMs, settleMs, trialWindowSeconds, retryTrialMs } = DEPLOYER_LIMITS
const CART = 'src/cart.Cart'
const ADS = 'src/ads.Ads'

let clock: FakeClock
let groups: Group[]
/** What is measured next. */
let load: { requestsPerSecond: number; cpuMsPerRequest: number; latencyMs: number }
/** Of the shop's calls to the cart, 100 a second, those that fail. */
let failing: number
/** What the planner proposes. */
let proposal: Move[]
/** What a group is predicted to cost. */
let groupCost: number
/** What it says instead. */
let planner: Error | undefined
let moves: string[]
let failures: Map<string, string>
let trials: Trial[]
let automatic: Automatic

beforeEach(() => {
  clock = new FakeClock()
  groups = [
    { name: 'cart', components: [CART], replicas: 1 },
    { name: 'ads', components: [ADS], replicas: 1 },
    { name: 'main', components: ['src/shop.Shop'], replicas: 1 },
  ]
  load = { requestsPerSecond: 100, cpuMsPerRequest: 10, latencyMs: 5 }
  failing = 0
  proposal = []
  planner = undefined
  groupCost = 100
  moves = []
  failures = new Map()
  trials = []
  automatic = new Automatic({
    clock,
    now: () => 0,
    rules: () => PLAN_RULES,
    groups,
    graph: () => ({
      graph: graphOf(load),
      cpuMsPerSecond: load.cpuMsPerRequest * load.requestsPerSecond,
      calls: callsOf(failing),
    }),
    plan: async () => {
      if (planner !== undefined) throw planner
      return { moves: proposal, summary: 'Nothing moves.' } as unknown as Plan
    },
    predict: async ({ placements }) => placements.map(({ length }) => predictionOf(length)),
    move: async (components, to) => {
      const name = components.map((component) => component.split('.')[1]).join(' ')
      moves.push(`${name} to ${to}`)
      const failure = failures.get(name)
      if (failure !== undefined) throw new WeaveError(failure, { code: 'WV_DEPLOY' })
      return moved([...components], to)
    },
    record: (trial) => void trials.push(structuredClone(trial)),
  })
  automatic.start()
})

function moved(components: string[], to: string): MoveStatus {
  const from = groups.find((group) => group.components.includes(components[0]!))!
  from.components = from.components.filter((name) => !components.includes(name))
  if (from.components.length === 0) groups.splice(groups.indexOf(from), 1)
  const isNew = to === 'new'
  const name = isNew ? `made-${groups.length}` : to
  if (isNew) groups.push({ name, components: [], replicas: 1 })
  groups.find((group) => group.name === name)!.components.push(...components)
  return { components, from: from.name, to: name, isNew, state: { kind: 'done' }, beganEmpty: [], durationMs: 1 }
}

function graphOf({ requestsPerSecond, latencyMs }: typeof load): CallGraph {
  return {
    entries: [{ name: 'web', component: '', method: '', requestsPerSecond, meanMs: latencyMs }],
  } as unknown as CallGraph
}

/** A window of ten seconds. */
function callsOf(errorsPerSecond: number, more: Partial<Calls['edges'][number]> = {}): Calls {
  const edge = { caller: 'src/shop.Shop', callee: CART, method: 'items', callsPerSecond: 100 }
  return { seconds: 10, edges: [{ ...edge, errorsPerSecond, errorsPerSecondDeviation: 0, ...more }] }
}

/** Each group costs 100 ms of CPU a second and a millisecond of latency. */
function predictionOf(count: number): Prediction {
  const entries = [{ name: 'web', requestsPerSecond: 100, latencyMs: count }]
  return { cpuMsPerSecond: 100 * count, entries, cost: { total: groupCost * count } } as unknown as Prediction
}

function move(components: string[], to: string, more: Partial<Move> = {}): Move {
  return { components, from: 'x', to, isNew: false, reason: 'because', gain: 1, ...more }
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms)
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
}

/** Until it has looked once more and, if there was something, has made the moves. */
async function look(): Promise<void> {
  for (let ms = 0; ms <= settleMs + trialWindowSeconds * 1000 && automatic.state === 'watching'; ms += planEveryMs)
    await pass(planEveryMs)
}

async function judge(): Promise<void> {
  await pass(settleMs)
  await pass(trialWindowSeconds * 1000)
}

/** One window that is worse may be chance: it takes a second one. */
async function judgeWorse(): Promise<void> {
  await judge()
  expect(automatic.state).toBe('measuring')
  await pass(trialWindowSeconds * 1000)
}

const last = () => trials.at(-1)!

describe('a trial', () => {
  test('that makes requests cheaper is kept, with what was predicted and what was measured', async () => {
    proposal = [move([CART], 'main'), move([ADS], 'main')]
    await look()
    expect(moves).toEqual(['Cart to main', 'Ads to main'])
    expect(automatic.state).toBe('settling')
    load.cpuMsPerRequest = 8
    proposal = []
    await judge()
    expect(last()).toEqual({
      id: 1,
      atMs: 0,
      moves: [
        { components: [CART], from: 'x', to: 'main', reason: 'because', failed: null },
        { components: [ADS], from: 'x', to: 'main', reason: 'because', failed: null },
      ],
      before: { requestsPerSecond: 100, cpuMsPerRequest: 10, latencyMs: 5 },
      predicted: { requestsPerSecond: 100, cpuMsPerRequest: 8, latencyMs: 3 },
      measured: { requestsPerSecond: 100, cpuMsPerRequest: 8, latencyMs: 5 },
      state: 'kept',
      why: 'A request costs less than before.',
    })
    expect(trials.map(({ state }) => state)).toEqual(['moving', 'measuring', 'kept'])
    await look()
    expect(moves).toHaveLength(2)
  })

  test('that makes them dearer is taken back, last first, and groups that were gone are made again', async () => {
    proposal = [move([CART], 'main'), move([ADS], 'main')]
    await look()
    load.cpuMsPerRequest = 12
    await judgeWorse()
    expect(moves.slice(2)).toEqual(['Ads to new', 'Cart to new'])
    expect(last()).toMatchObject({ state: 'undone', why: 'A request costs more than before.' })
  })

  test('after which calls fail that did not before is taken back at once, however much cheaper failing is, and not tried again soon', async () => {
    proposal = [move([CART], 'main')]
    await look()
    load = { requestsPerSecond: 400, cpuMsPerRequest: 1, latencyMs: 1 }
    failing = 100
    await judge()
    expect(moves).toEqual(['Cart to main', 'Cart to new'])
    const why = 'Calls of Shop to Cart.items fail: 100 %, before 0 %.'
    expect(last()).toMatchObject({ state: 'undone', why, measured: { cpuMsPerRequest: 1 } })
    await look()
    await look()
    expect(moves).toHaveLength(2)
    expect(automatic.status).toMatchObject({ trial: { state: 'undone', why } })
  })

  test('after which as many calls fail as before is judged by what a request costs', async () => {
    failing = 30
    proposal = [move([CART], 'main')]
    await look()
    load.cpuMsPerRequest = 8
    failing = 32
    proposal = []
    await judge()
    expect(last()).toMatchObject({ state: 'kept', why: 'A request costs less than before.' })
  })

  test('is not made again for a while after it was taken back; others go one at a time until one is kept', async () => {
    proposal = [move([CART], 'main'), move([ADS], 'main', { gain: 2 })]
    await look()
    load.cpuMsPerRequest = 12
    await judgeWorse()
    const before = moves.length
    load.cpuMsPerRequest = 10
    await look()
    await look()
    expect(moves).toHaveLength(before)
    await pass(retryTrialMs)
    await look()
    expect(moves.slice(before)).toEqual(['Ads to main'])
    load.cpuMsPerRequest = 9
    proposal = []
    await judge()
    expect(last().state).toBe('kept')
  })

  test('under a load that has changed is kept: nobody can tell', async () => {
    proposal = [move([CART], 'main')]
    await look()
    load = { requestsPerSecond: 10, cpuMsPerRequest: 30, latencyMs: 5 }
    proposal = []
    await judge()
    expect(last()).toMatchObject({ state: 'kept', why: 'The load has changed too much to tell.' })
  })

  test('of callers that wait for their answers is judged though their rate is another', async () => {
    proposal = [move([CART], 'main')]
    await look()
    load = { requestsPerSecond: 50, cpuMsPerRequest: 12, latencyMs: 10 }
    await judgeWorse()
    expect(last()).toMatchObject({ state: 'undone', why: 'A request costs more than before.' })
  })

  test('of which a move can not be made goes on with the others, and says so', async () => {
    proposal = [move([CART], 'main'), move([ADS], 'main')]
    failures.set('Cart', 'Cart could not move.')
    await look()
    expect(last().moves.map(({ failed }) => failed)).toEqual(['Cart could not move.', null])
    expect(automatic.state).toBe('settling')
  })

  test('of which none can be made ends at once, and is not made again at once', async () => {
    proposal = [move([CART], 'main')]
    failures.set('Cart', 'Cart could not move.')
    await look()
    expect(last()).toMatchObject({ state: 'undone', why: 'None of its moves could be made: Cart could not move.' })
    await look()
    await look()
    expect(moves).toHaveLength(1)
  })

  test('knows a new group by the name that it gets', async () => {
    groups[2]!.components.push(CART, ADS)
    groups.splice(0, 2)
    groupCost = -100
    proposal = [move([CART], 'cart', { isNew: true }), move([ADS], 'cart', { isNew: true })]
    await look()
    expect(moves).toEqual(['Cart to new', 'Ads to made-1'])
  })
})

test('one window that is worse undoes nothing when the next one is not', async () => {
  proposal = [move([CART], 'main')]
  await look()
  load.cpuMsPerRequest = 12
  await judge()
  load.cpuMsPerRequest = 10
  proposal = []
  await pass(trialWindowSeconds * 1000)
  expect(last()).toMatchObject({ state: 'kept', measured: { cpuMsPerRequest: 10 } })
})

test('a placement that somebody else changes meanwhile is not judged', async () => {
  proposal = [move([CART], 'main')]
  await look()
  load.cpuMsPerRequest = 20
  groups.find(({ name }) => name === 'main')!.replicas = 2
  proposal = []
  await judge()
  expect(last()).toMatchObject({
    state: 'kept',
    why: 'The placement was changed meanwhile: nobody can tell what it was.',
  })
})

test('after a change of somebody else what was found before is not said any more, and a window begins that has nothing of before', async () => {
  await look()
  await look()
  expect(automatic.status.why).toBe('Nothing moves.')
  proposal = [move([CART], 'main')]
  automatic.disturbed()
  expect(automatic.status.why).toBeNull()
  await pass(settleMs + trialWindowSeconds * 1000 - planEveryMs)
  expect(moves).toEqual([])
  await pass(planEveryMs)
  expect(moves).toEqual(['Cart to main'])
})

describe('nothing is tried', () => {
  test('for a few requests, and the status says so', async () => {
    proposal = [move([CART], 'main')]
    load.requestsPerSecond = 0.9
    await look()
    await look()
    expect(moves).toEqual([])
    expect(automatic.status).toEqual({
      state: 'watching',
      why: 'Fewer than 10 requests came in 10 s: nothing moves for so few.',
      trial: null,
    })
  })

  test('while the planner fails, and it is asked again', async () => {
    proposal = [move([CART], 'main')]
    planner = new WeaveError('The planner died.', { code: 'WV_DEPLOY' })
    await look()
    expect(automatic.status.why).toBe('The planner died.')
    planner = undefined
    await pass(planEveryMs)
    expect(moves).toEqual(['Cart to main'])
  })

  test('when moves that are left of a plan gain nothing by themselves', async () => {
    groups.push({ name: 'mail', components: ['src/mail.Mail'], replicas: 1 })
    // It makes one group more.
    groups[2]!.components.push('src/tax.Tax')
    proposal = [move(['src/tax.Tax'], 'tax', { isNew: true, from: 'main' })]
    await look()
    expect(moves).toEqual([])
  })
})

test('a trial that is under way when all ends was not measured', async () => {
  proposal = [move([CART], 'main')]
  await look()
  automatic.stop()
  expect(last()).toMatchObject({ state: 'unmeasured', why: 'It ended before it was measured.' })
})

test('nothing is decided before what has started is warm, and there is a whole window without moves', async () => {
  proposal = [move([CART], 'main')]
  await pass(settleMs + trialWindowSeconds * 1000 - planEveryMs)
  expect(moves).toEqual([])
  await pass(planEveryMs)
  expect(moves).toEqual(['Cart to main'])
})

test('off decides nothing more', async () => {
  proposal = [move([CART], 'main')]
  await look()
  automatic.stop()
  load.cpuMsPerRequest = 50
  await judge()
  expect(moves).toEqual(['Cart to main'])
  expect(clock.timers).toBe(0)
})

describe('calls', () => {
  const fails = (before: Calls, after: Calls) => failsNow(before, after)

  test('that fail more often than before are named, with how many', () => {
    expect(fails(callsOf(2), callsOf(9))).toBe('Calls of Shop to Cart.items fail: 9 %, before 2 %.')
    const outside = { caller: null, callee: 'src/shop.Shop', method: 'web GET /cart' }
    expect(fails(callsOf(0, outside), callsOf(50, outside))).toBe('Requests web GET /cart fail: 50 %, before 0 %.')
  })

  test('of which chance explains that more fail are as good as before', () => {
    expect(fails(callsOf(10), callsOf(12))).toBeUndefined()
    // One in a hundred is what an application lives with.
    expect(fails(callsOf(0), callsOf(1))).toBeUndefined()
  })

  test('that were not all looked at are as sure as their deviation says', () => {
    expect(fails(callsOf(0), callsOf(20, { errorsPerSecondDeviation: 1 }))).toBeDefined()
    expect(fails(callsOf(0), callsOf(20, { errorsPerSecondDeviation: 6 }))).toBeUndefined()
  })

  test('of an edge with few of them, or one that was not called before, tell nothing', () => {
    expect(fails(callsOf(0, { callsPerSecond: 1 }), callsOf(1, { callsPerSecond: 1 }))).toBeUndefined()
    expect(fails({ seconds: 10, edges: [] }, callsOf(100))).toBeUndefined()
  })

  test('of many edges with few each are taken together', () => {
    const many = (failed: number): Calls => {
      const edge = (method: string) => callsOf(failed, { method, callsPerSecond: 1 }).edges
      return { seconds: 10, edges: ['items', 'add', 'remove', 'empty'].flatMap(edge) }
    }
    expect(fails(many(0), many(1))).toBe('Calls fail: 100 %, before 0 %.')
  })
})

describe('outcomes', () => {
  const outcome = (more: Partial<Outcome> = {}): Outcome => ({
    requestsPerSecond: 100,
    cpuMsPerRequest: 10,
    latencyMs: 10,
    ...more,
  })

  test.each([
    [outcome({ cpuMsPerRequest: 9 }), 'better'],
    [outcome({ cpuMsPerRequest: 11 }), 'as good'],
    [outcome({ cpuMsPerRequest: 13 }), 'worse'],
    [outcome({ latencyMs: 30 }), 'worse'],
    [outcome({ requestsPerSecond: 135 }), 'not comparable'],
    [outcome({ requestsPerSecond: 70 }), 'not comparable'],
    [outcome({ requestsPerSecond: 135, latencyMs: null }), 'not comparable'],
    // Load from outside: what it does to latency it does to the number under way.
    [outcome({ requestsPerSecond: 200, latencyMs: 12, cpuMsPerRequest: 8 }), 'not comparable'],
    [outcome({ requestsPerSecond: 28, latencyMs: 9, cpuMsPerRequest: 13 }), 'not comparable'],
    // Callers that wait for their answers: as many are under way, or those that pause in between are less in each other's way.
    [outcome({ requestsPerSecond: 400, latencyMs: 2.5, cpuMsPerRequest: 4 }), 'better'],
    [outcome({ requestsPerSecond: 150, latencyMs: 4, cpuMsPerRequest: 9 }), 'better'],
    [outcome({ requestsPerSecond: 50, latencyMs: 20, cpuMsPerRequest: 12 }), 'worse'],
    [outcome({ requestsPerSecond: 60, latencyMs: 30, cpuMsPerRequest: 12 }), 'worse'],
    [outcome({ requestsPerSecond: 0 }), 'not comparable'],
  ])('%o is %s', (after, verdict) => {
    expect(compare(outcome(), after, { latency: 0.1 })).toBe(verdict)
  })

  test('are predicted in proportion where the model has too much of a latency, which would be nothing or less else', () => {
    const before = outcome({ latencyMs: 2 })
    // The model has 3 ms for today's three groups, and 1 ms for one.
    expect(predicted(before, predictionOf(3), predictionOf(1)).latencyMs).toBeCloseTo(2 / 3)
    expect(predicted(outcome(), predictionOf(3), predictionOf(1)).latencyMs).toBe(8)
  })

  test('without requests cost nothing, and have no latency', () => {
    const idle = measured(graphOf({ ...load, requestsPerSecond: 0 }), 20)
    expect(idle).toEqual({ requestsPerSecond: 0, cpuMsPerRequest: 0, latencyMs: null })
    expect(predicted(idle, predictionOf(3), predictionOf(1))).toEqual({ ...idle, latencyMs: null })
  })
})
