import { setImmediate as settled } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { ProcessOutput } from '../../deployer/last-lines.ts'
import { DEPLOYER_LIMITS } from '../../deployer/limits.ts'
import { type ProcessState, Supervisor } from '../../deployer/supervisor.ts'
import type { ToProcess } from '../../runtime/process/control.ts'
import { FakeClock } from '../runtime/fake-clock.ts'
import { Stage } from './scripted.ts'

let clock: FakeClock
let stage: Stage
let supervisor: Supervisor
let states: ProcessState['kind'][]
let sent: ToProcess[]
const options = {
  entry: 'main.mjs',
  command: 'node',
  args: [],
  environment: { WEAVE_PROCESS: 'cart-1' },
  workingDirectory: '.',
}
const channel = { send: (message: ToProcess) => void sent.push(message), close: () => {} }

beforeEach(() => {
  clock = new FakeClock()
  stage = new Stage()
  states = []
  sent = []
  supervisor = new Supervisor({
    name: 'cart-1',
    clock,
    random: () => 0.5,
    spawn: () => stage.spawn(options),
    output: (spawned) => new ProcessOutput(spawned, () => {}),
    health: { silentMs: 5_000, killMs: 15_000 },
    turnMs: 0,
    onState: ({ state }) => void states.push(state.kind),
  })
})

/** The newest process; when it is gone, so is its connection. */
const newest = () => {
  const process = stage.started.at(-1)!
  void process.exited.then(() => supervisor.disconnected(channel))
  return process
}
function becomeReady(): void {
  expect(supervisor.hello(channel)).toBe(undefined)
  supervisor.receive({ type: 'serving', address: '/a' })
  supervisor.receive({ type: 'ready' })
}
async function crash(code: number | null = 1, signal: NodeJS.Signals | null = null): Promise<number> {
  newest().exit(code, signal)
  await settled()
  const { state } = supervisor
  return state.kind === 'backoff' || state.kind === 'crash-looping' ? state.restartInMs : Number.NaN
}

test('a life from start to stop', async () => {
  supervisor.start()
  becomeReady()
  supervisor.drain()
  expect(sent).toEqual([{ type: 'drain' }])
  newest().exit(0)
  await settled()
  expect(states).toEqual(['starting', 'assigned', 'serving', 'ready', 'draining', 'exited', 'stopped'])
  expect(clock.timers).toBe(0)
})

test('a crash: another start after a pause that doubles up to its cap, with jitter', async () => {
  supervisor.start()
  const pauses: number[] = []
  for (let number = 0; number < 10; number++) {
    pauses.push(await crash())
    clock.advance(pauses.at(-1)! - 1)
    expect(stage.started).toHaveLength(number + 1)
    clock.advance(1)
    expect(stage.started).toHaveLength(number + 2)
  }
  expect(pauses).toEqual([75, 150, 300, 600, 1200, 2400, 4800, 7500, 7500, 7500])
})

test('crash-looping after three in a row says why, and goes on', async () => {
  supervisor.start()
  clock.advance(await crash())
  clock.advance(await crash())
  newest().stderr.write('starting up\nError: no database\n    at main.mjs:3\n')
  await crash(7)
  expect(supervisor.state).toEqual({
    kind: 'crash-looping',
    restartInMs: 300,
    crash: {
      pid: 1002,
      exit: { code: 7, signal: null },
      reason: 'exited with code 7',
      killed: false,
      lastLines: ['starting up', 'Error: no database', '    at main.mjs:3'],
      crashes: 3,
    },
  })
  clock.advance(300)
  expect(supervisor.state.kind).toBe('starting')
  expect(supervisor.lastCrash).toMatchObject({ agoMs: 300, crash: { reason: 'exited with code 7', crashes: 3 } })
})

test('one that was ready for long begins a new row', async () => {
  supervisor.start()
  clock.advance(await crash())
  clock.advance(await crash())
  becomeReady()
  clock.advance(DEPLOYER_LIMITS.stableMs)
  expect(await crash(null, 'SIGKILL')).toBe(75)
  expect(supervisor.state).toMatchObject({ kind: 'backoff', crash: { crashes: 1, reason: 'was ended by SIGKILL' } })
})

test('one that was ready for a moment only does not', async () => {
  supervisor.start()
  clock.advance(await crash())
  becomeReady()
  clock.advance(DEPLOYER_LIMITS.stableMs - 1)
  expect(await crash()).toBe(150)
})

test('too late to say hello, too late to be ready: killed and started again', async () => {
  supervisor.start()
  clock.advance(DEPLOYER_LIMITS.startMs)
  await settled()
  expect(supervisor.state).toMatchObject({
    kind: 'backoff',
    crash: { reason: 'did not connect to its deployer in 60 s' },
  })
  clock.advance(75)
  newest()
  expect(supervisor.hello(channel)).toBe(undefined)
  clock.advance(DEPLOYER_LIMITS.readyMs)
  await settled()
  expect(supervisor.state).toMatchObject({ kind: 'backoff', crash: { reason: 'was not ready in 120 s' } })
})

test('one that says it failed gets time to exit, then none', async () => {
  supervisor.start()
  expect(supervisor.hello(channel)).toBe(undefined)
  supervisor.receive({ type: 'failed', message: 'Cart could not be constructed: no url\n    at Cart' })
  expect(newest().killed).toBe(false)
  clock.advance(DEPLOYER_LIMITS.failedExitMs)
  await settled()
  expect(supervisor.state).toMatchObject({
    kind: 'backoff',
    crash: { reason: 'failed: Cart could not be constructed: no url' },
  })
})

test('one that does not stop is killed', async () => {
  supervisor.start()
  becomeReady()
  supervisor.drain()
  clock.advance(DEPLOYER_LIMITS.drainMs - 1)
  expect(newest().killed).toBe(false)
  clock.advance(1)
  await settled()
  expect(supervisor.state).toMatchObject({
    kind: 'stopped',
    crash: { exit: { signal: 'SIGKILL' }, reason: 'was killed: it had not stopped 12 s after it was asked to' },
  })
})

test('drained while it starts, or waits for its restart: never started again', async () => {
  supervisor.start()
  await crash()
  supervisor.drain()
  expect(supervisor.state.kind).toBe('stopped')
  clock.advance(60_000)
  expect(stage.started).toHaveLength(1)
})

test('a process that loses its connection and lives on is replaced', async () => {
  supervisor.start()
  becomeReady()
  expect(newest().killed).toBe(false)
  supervisor.disconnected(channel)
  clock.advance(DEPLOYER_LIMITS.failedExitMs)
  await settled()
  expect(supervisor.state).toMatchObject({
    kind: 'backoff',
    crash: { reason: 'closed its control connection and went on running' },
  })
})

test('messages out of turn end the process; a second hello is refused', async () => {
  supervisor.start()
  expect(supervisor.hello(channel)).toBe(undefined)
  expect(supervisor.hello(channel)).toBe('process "cart-1" is assigned and expects no such connection')
  newest()
  supervisor.receive({ type: 'ready' })
  await settled()
  expect(supervisor.state).toMatchObject({ kind: 'backoff', crash: { reason: 'said "ready" while assigned' } })
})

test('a crash is reported with its last words, also when a grandchild keeps the pipe open', async () => {
  supervisor.start()
  const process = newest()
  process.stdout.end = () => process.stdout
  process.stderr.end = () => process.stderr
  process.stderr.write('last words')
  process.exit(1)
  await settled()
  expect(supervisor.state.kind).toBe('exited')
  // The first wait sees the words come; the second sees silence.
  for (let wait = 0; wait < 2; wait++) {
    clock.advance(DEPLOYER_LIMITS.outputSilenceMs)
    await settled()
  }
  expect(supervisor.state).toMatchObject({ kind: 'backoff', crash: { lastLines: ['last words'] } })
})

test('of what a process says, little is kept', async () => {
  supervisor.start()
  newest().stderr.write(
    `${Array.from({ length: 1000 }, (_, line) => `line ${line}`).join('\n')}\n${'x'.repeat(100_000)}`,
  )
  await crash()
  const { state } = supervisor
  const lines = state.kind === 'backoff' ? state.crash.lastLines : []
  expect(lines).toHaveLength(DEPLOYER_LIMITS.lastLinesMax)
  expect(lines.slice(-2)).toEqual(['line 999', `${'x'.repeat(DEPLOYER_LIMITS.lastLineMax)}…`])
})

/** Answers the newest question, unless it is silent; then a second passes. */
async function second(answers: boolean): Promise<void> {
  await settled()
  clock.advance(DEPLOYER_LIMITS.beatMs)
  const ping = sent.findLast((message) => message.type === 'ping')
  if (answers && ping?.type === 'ping') supervisor.answered(ping.id, false)
  await settled()
}

test('one that does not answer is silent, then ready when it answers, then killed when it does not for longer', async () => {
  supervisor.start()
  becomeReady()
  for (let count = 0; count < 20; count++) await second(true)
  expect(supervisor.state.kind).toBe('ready')
  expect(supervisor.delayMs).toBe(0)
  for (let count = 0; count < 5; count++) await second(false)
  expect(supervisor.state.kind).toBe('ready')
  await second(false)
  expect([supervisor.state.kind, supervisor.silenceMs]).toEqual(['silent', 5_000])
  await second(true)
  expect(supervisor.state.kind).toBe('ready')
  for (let count = 0; count < 15; count++) await second(false)
  expect(newest().killed).toBe(false)
  await second(false)
  expect(newest().killed).toBe(true)
  await settled()
  expect(supervisor.state).toMatchObject({
    kind: 'backoff',
    crash: { reason: 'did not answer for 15 s and was killed', killed: true },
  })
  supervisor.drain()
  expect(clock.timers).toBe(0)
})

test('one that does nothing is asked every two seconds, and is silent a second later at most when it hangs', async () => {
  supervisor.start()
  becomeReady()
  await second(false)
  const asked = () => sent.filter(({ type }) => type === 'ping').length
  const idle = () => {
    const ping = sent.findLast((message) => message.type === 'ping')
    if (ping?.type === 'ping') supervisor.answered(ping.id, true)
  }
  const before = asked()
  for (let count = 0; count < 20; count++) {
    idle()
    await second(false)
  }
  expect(asked() - before).toBe(10)
  idle()
  for (let count = 0; count < 7; count++) await second(false)
  expect(supervisor.state.kind).toBe('silent')
})

test('a deployer that was stopped for an hour has asked once, and kills nobody', async () => {
  supervisor.start()
  becomeReady()
  await settled()
  clock.advance(3_600_000)
  expect(supervisor.state.kind).toBe('ready')
  await second(true)
  expect([supervisor.state.kind, supervisor.silenceMs]).toEqual(['ready', 0])
})

const resume = (life: number) => ({
  life,
  address: '/a',
  components: [],
  ready: true,
  main: 'idle' as const,
  exitCode: 0,
  listens: {},
})

test('one that is adopted comes back as what it is; another life, or a stranger, is refused', async () => {
  supervisor.had(3)
  supervisor.adopt(stage.spawn(options), '/a')
  expect(supervisor.state).toEqual({ kind: 'adopting', address: '/a' })
  expect(supervisor.hello(channel)).toBe('process "cart-1" is adopting and expects no such connection')
  expect(supervisor.hello(channel, resume(2))).toBe('process "cart-1" is adopting and expects no such connection')
  expect(supervisor.hello(channel, resume(3))).toBe(undefined)
  expect(supervisor.state).toMatchObject({ kind: 'ready', address: '/a' })
  await crash()
  clock.advance(10_000)
  expect([supervisor.state.kind, supervisor.lives]).toEqual(['starting', 4])
})

test('one that does not come back is replaced; one that is drained before it does is told then', async () => {
  supervisor.had(1)
  supervisor.adopt(stage.spawn(options), '/a')
  clock.advance(DEPLOYER_LIMITS.adoptMs)
  await settled()
  expect(supervisor.state).toMatchObject({
    kind: 'backoff',
    crash: { reason: 'did not come back to its deployer in 30 s' },
  })
  clock.advance(10_000)
  await crash()
  supervisor.drain()
  expect(supervisor.state.kind).toBe('stopped')
  supervisor.adopt(stage.spawn(options), '/a')
  supervisor.drain()
  expect(sent).toEqual([])
  expect(supervisor.hello(channel, resume(2))).toBe(undefined)
  expect(sent).toEqual([{ type: 'drain' }])
})
