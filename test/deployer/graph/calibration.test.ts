/** Who measures what calls cost, and when. */
import { beforeEach, expect, test } from 'vitest'
import { Calibration, type Probed } from '../../../deployer/graph/calibration.ts'
import { DEPLOYER_LIMITS } from '../../../deployer/limits.ts'
import { FakeClock } from '../../runtime/fake-clock.ts'

const RESULT = {
  callerUs: 9,
  calleeUs: 8,
  callerKibUs: 0.5,
  calleeKibUs: 0.4,
  roundTripUs: 60,
  localUs: 0,
  spread: 0.1,
}

let clock: FakeClock
let ready: Probed[]
let sent: string[]
let calibration: Calibration

beforeEach(() => {
  clock = new FakeClock()
  ready = [process('main-1'), process('cart-1')]
  sent = []
  calibration = new Calibration({
    clock,
    ready: () => ready,
    send: (caller, { process: callee }) => sent.push(`${caller} → ${callee}`),
  })
})

function process(name: string, utilisation?: number): Probed {
  return { name, group: name.slice(0, -2), address: `unix:${name}`, utilisation }
}

function pass(ms: number): void {
  for (let passed = 0; passed < ms; passed += 1_000) {
    clock.advance(1_000)
    calibration.tick()
  }
}

test('two processes are asked a while after the start, and seldom then', () => {
  pass(DEPLOYER_LIMITS.probeFirstMs - 1_000)
  expect(sent).toEqual([])
  pass(1_000)
  expect(sent).toEqual(['main-1 → cart-1'])
  calibration.probed('cart-1', RESULT)
  expect(calibration.latest).toBeUndefined()
  calibration.probed('main-1', RESULT)
  expect(calibration.latest).toMatchObject({ ...RESULT, caller: 'main-1', callee: 'cart-1' })
  pass(DEPLOYER_LIMITS.probeEveryMs - 1_000)
  expect(sent).toHaveLength(1)
  pass(1_000)
  expect(sent).toHaveLength(2)
})

test('processes that are busy are left alone', () => {
  ready = [process('main-1', 0.9), process('cart-1', 0.05), process('email-1', 0.01)]
  pass(DEPLOYER_LIMITS.probeFirstMs)
  expect(sent).toEqual(['email-1 → cart-1'])
})

test('one process calls itself, and where there are two for the first time they are asked at once', () => {
  ready = [process('main-1')]
  pass(DEPLOYER_LIMITS.probeFirstMs)
  expect(sent).toEqual(['main-1 → main-1'])
  calibration.probed('main-1', RESULT)
  ready = [process('main-1'), process('cart-1')]
  pass(1_000)
  expect(sent.at(-1)).toBe('main-1 → cart-1')
  calibration.probed('main-1', RESULT)
  pass(60_000)
  expect(sent).toHaveLength(2)
})

test('what could not be measured, or is never answered, is tried again after a while', () => {
  pass(DEPLOYER_LIMITS.probeFirstMs)
  calibration.probed('main-1', undefined)
  pass(DEPLOYER_LIMITS.probeAgainMs)
  expect(sent).toHaveLength(2)
  pass(DEPLOYER_LIMITS.probeMs + DEPLOYER_LIMITS.probeAgainMs)
  expect(sent).toHaveLength(3)
})
