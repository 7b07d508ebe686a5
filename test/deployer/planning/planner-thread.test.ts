/** The planner's thread: answers, errors of jobs, cancellation, its death, limits. */
import { afterEach, describe, expect, test } from 'vitest'
import { DEPLOYER_LIMITS } from '../../../deployer/limits.ts'
import { propose } from '../../../deployer/planner/propose.ts'
import { whatIf } from '../../../deployer/planner/what-if.ts'
import { PlannerThread } from '../../../deployer/planning/planner-thread.ts'
import { generate } from '../../planner/graphs.ts'
import { APART, requestOf, shopGraph, TOGETHER } from '../../planner/shop.ts'
import { FakeClock } from '../../runtime/fake-clock.ts'

const clock = new FakeClock()
let thread = new PlannerThread({ clock })
afterEach(() => {
  thread.stop()
  thread = new PlannerThread({ clock })
})

const request = requestOf(shopGraph(), APART)
/** Ends at the first job that comes. */
const script = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`)
const ENDS = script("import { parentPort } from 'node:worker_threads'\nparentPort.on('message', () => process.exit(3))")
const SILENT = script("import { parentPort } from 'node:worker_threads'\nparentPort.on('message', () => {})")

/** Takes the planner minutes. */
function endless() {
  const graph = generate('random', 5_000, 1)
  const today = graph.components.map(({ name }, v) => ({ name: `c${v}`, components: [name], replicas: 1 }))
  return { ...requestOf(shopGraph(), APART), graph, today, effort: 1_000_000 }
}

describe('an answer', () => {
  test('is what the planner says in this thread', async () => {
    expect(await thread.ask('propose', request)).toEqual(propose(request))
    const wishes = ['Ads apart', 'Email with Shop']
    const together = requestOf(shopGraph(), TOGETHER)
    const answers = await thread.ask('what-if', { request: together, wishes, where: 'here' })
    expect(answers).toEqual(wishes.map((wish) => whatIf(together, wish, 'here')))
  })

  test('comes for each of many jobs', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => thread.ask('propose', request)))
    expect(answers.map(({ moves }) => moves.length)).toEqual([5, 5, 5, 5, 5])
    expect(thread.state).toBe('idle')
    clock.advance(DEPLOYER_LIMITS.plannerIdleMs)
    expect(thread.state).toBe('none')
    expect((await thread.ask('propose', request)).moves).toHaveLength(5)
  })

  test('may be the error of the job, with its code', async () => {
    const wrong = thread.ask('what-if', { request, wishes: ['Crt apart'], where: 'what if' })
    await expect(wrong).rejects.toMatchObject({
      code: 'WV_CONFIG',
      message: 'what if: there is no component "Crt"; did you mean "Cart"?',
    })
    const broken = thread.ask('propose', { ...request, graph: { ...request.graph, components: [] } })
    await expect(broken).rejects.toThrow(/^The planner failed: RangeError: /)
    expect((await thread.ask('propose', request)).moves).toHaveLength(5)
  })
})

test('an aborted job ends, under way and while it waits; the others go on', async () => {
  const [first, second] = [new AbortController(), new AbortController()]
  const running = thread.ask('propose', endless(), first.signal)
  const waiting = thread.ask('propose', request, second.signal)
  const other = thread.ask('propose', request)
  const [one, two] = [expect(running).rejects, expect(waiting).rejects]
  second.abort()
  await two.toThrow('The plan is not wanted any more.')
  first.abort()
  await one.toThrow('The plan is not wanted any more.')
  expect((await other).moves).toHaveLength(5)
  await expect(thread.ask('propose', request, AbortSignal.abort())).rejects.toThrow('not wanted')
})

test('a thread that dies says how, and the next job gets another', async () => {
  thread.stop()
  thread = new PlannerThread({ clock, entry: ENDS })
  for (let life = 0; life < 2; life++)
    await expect(thread.ask('propose', request)).rejects.toMatchObject({
      code: 'WV_DEPLOY',
      message: 'The planner died: its thread ended with code 3.',
    })
})

test('a job that takes too long is ended', async () => {
  thread.stop()
  thread = new PlannerThread({ clock, entry: SILENT })
  const asked = expect(thread.ask('propose', request)).rejects
  clock.advance(DEPLOYER_LIMITS.planMs)
  await asked.toThrow('There was no plan after 180 s; the planner was ended.')
})

test('no more than so many wait, and none once it has stopped', async () => {
  thread.stop()
  thread = new PlannerThread({ clock, entry: SILENT })
  const { plansWaitingMax } = DEPLOYER_LIMITS
  const asked = Array.from({ length: plansWaitingMax + 1 }, () => thread.ask('propose', request))
  const ends = Promise.allSettled(asked)
  await expect(thread.ask('propose', request)).rejects.toThrow(
    '16 plans are waited for already. Ask again when they are made.',
  )
  thread.stop()
  for (const end of await ends)
    expect(end).toMatchObject({ status: 'rejected', reason: { message: 'The application is being stopped.' } })
  await expect(thread.ask('propose', request)).rejects.toThrow('The application is being stopped.')
})
