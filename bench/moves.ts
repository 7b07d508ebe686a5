/**
 * Components move every two seconds under load; with `--kills` processes are killed at random in between, also in the middle of moves, and
 * so is the deployer, which another takes over from. Each call is counted where it was made and where it ran (test/e2e/ledger.ts): none may be
 * lost, none may run twice, and what a killed process had in hand must be said to be unknown. Prints a table, exits with 1 when a call was
 * lost or doubled, or failed without a death to explain it.
 *
 *   node bench/moves.ts [--seconds 300] [--moves 2] [--kills] [--kill-every 7] [--deployer-every 19] [--transport unix|tcp|tls|grpc] [--seed 1]
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { WeaveError } from '../runtime/errors.ts'
import type { TransportKind } from '../runtime/transport/address.ts'
import { DeployerGone, DetachedLedger } from '../test/e2e/detached-ledger.ts'
import type { Books } from '../test/e2e/ledger.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    moves: { type: 'string', default: '2' },
    kills: { type: 'boolean', default: false },
    'kill-every': { type: 'string', default: '7' },
    'deployer-every': { type: 'string', default: '19' },
    transport: { type: 'string', default: 'unix' },
    seed: { type: 'string', default: '1' },
  },
})
const { kills, transport } = values
const seconds = Number(values.seconds)
const betweenMoves = Number(values.moves)
const betweenKills = kills ? Number(values['kill-every']) : 0
const betweenDeployers = kills ? Number(values['deployer-every']) : 0
const MOVABLE = ['Ledger', 'Desk', 'Counter']

let seed = Number(values.seed)
/** The same moves and kills each time, as far as they come at the same time. */
function draw(count: number): number {
  seed = (seed * 48_271) % 2_147_483_647
  return seed % count
}

const ledger = await DetachedLedger.start({ transport: transport as TransportKind, workers: 16 })
const endMs = performance.now() + seconds * 1000
const moves = { done: 0, undone: 0, left: 0, durationsMs: [] as number[], reasons: [] as string[] }
const killed: { process: string; during: string }[] = []
const deployers = { killed: 0, during: 0, takeoversMs: [] as number[] }
let under = 'no move'

async function moveOne(): Promise<void> {
  if (!ledger.ready) return
  const component = MOVABLE[draw(MOVABLE.length)]!
  const groups = [...new Set((await ledger.processes()).map(({ group }) => group))].filter((name) => name !== 'ingress')
  const to = ['new', ...groups][draw(groups.length + 1)]!
  under = `${component} to ${to}`
  try {
    const { durationMs } = await ledger.move(component, to)
    moves.done++
    moves.durationsMs.push(durationMs)
  } catch (error) {
    // It is there already.
    if (error instanceof WeaveError && error.code === 'WV_CONFIG') return moveOne()
    if (error instanceof DeployerGone) moves.left++
    else {
      moves.undone++
      moves.reasons.push((error as Error).message)
    }
  } finally {
    under = 'no move'
  }
}

async function killOne(): Promise<void> {
  if (!ledger.ready) return
  const ready = (await ledger.processes()).filter(({ state, pid }) => state === 'ready' && pid !== undefined)
  const victim = ready[draw(ready.length)]
  if (victim === undefined) return
  killed.push({ process: victim.process, during: under })
  process.kill(victim.pid!, 'SIGKILL')
}

async function killDeployer(): Promise<void> {
  // Each time at another moment of a move, as a rule of one that is under way.
  await sleep(draw(betweenMoves * 1000))
  for (let look = 0; under === 'no move' && look < 2_000; look++) await sleep(1)
  await sleep(draw(60))
  deployers.killed++
  if (under !== 'no move') deployers.during++
  await ledger.kill()
  const sinceMs = performance.now()
  await ledger.deployer()
  deployers.takeoversMs.push(Math.round(performance.now() - sinceMs))
}

async function everySeconds(between: number, work: () => Promise<void>): Promise<void> {
  if (between === 0) return
  for (;;) {
    await sleep(between * 1000)
    if (performance.now() > endMs) return
    await work().catch((error) => {
      if (!(error instanceof DeployerGone)) throw error
    })
  }
}

await Promise.all([
  everySeconds(betweenMoves, moveOne),
  everySeconds(betweenKills, killOne),
  everySeconds(betweenDeployers, killDeployer),
  sleep(seconds * 1000),
])
// What was killed last comes back before the end, which owes clean exits.
while ((await ledger.processes()).some(({ state }) => state !== 'ready')) await sleep(100)
const instances = ledger.instances()
const { books, exitCode } = await ledger.close()

const middle = killed.filter(({ during }) => during !== 'no move').length
const rows: [string, number | string][] = [
  ['calls made', books.made],
  ['run once and answered', books.done],
  ['**lost**', books.lost.length],
  ['**run twice**', books.twice.length],
  ['said not to have run, and had', books.untrue.length],
  ['failed, surely not run', books.refused.length],
  ["failed, may have run: executed 'maybe', their process was killed", books.unknown.length],
  ['caller killed before it knew', books.unfinished.length],
  [
    'streams whole, broken, cut by a kill',
    `${books.streams.whole}, ${books.streams.broken.length}, ${books.streams.cut.length}`,
  ],
  [
    'with state in memory: counted, wrong answers, failed',
    `${books.counts.counted}, ${books.counts.wrong.length}, ${books.counts.failed.length}`,
  ],
  ['moves done, undone, left by a killed deployer', `${moves.done}, ${moves.undone}, ${moves.left}`],
  ['a move takes, median and longest', spread(moves.durationsMs)],
  ['processes killed, during a move', `${killed.length}, ${middle}`],
  ['deployers killed, during a move', `${deployers.killed}, ${deployers.during}`],
  ['a takeover takes, median and longest', spread(deployers.takeoversMs)],
  ['instances of the ledger at the end', instances],
  ['exit code', exitCode],
]
const what = kills ? `a process killed every ${betweenKills} s, a deployer every ${betweenDeployers} s` : 'no kills'
console.log(
  `${seconds} s over ${transport}, a move every ${betweenMoves} s, ${what}, seed ${values.seed}, node ${process.version}\n`,
)
console.log('| | |\n| --- | ---: |')
for (const [name, count] of rows) console.log(`| ${name} | ${count} |`)
for (const reason of moves.reasons) console.log(`undone: ${reason}`)
for (const each of worst(books)) console.log(each)
process.exitCode = isWell(books) ? 0 : 1

function spread(durationsMs: number[]): string {
  const sorted = durationsMs.sort((a, b) => a - b)
  return `${sorted[sorted.length >> 1] ?? 0} ms, ${sorted.at(-1) ?? 0} ms`
}

function isWell({ lost, twice, untrue, refused, unknown, streams, counts }: Books): boolean {
  const honest = lost.length + twice.length + untrue.length + streams.broken.length === 0
  // The memory of a process that is killed is gone, and what counts begins anew.
  const kept = killed.length > 0 || counts.wrong.length + counts.failed.length === 0
  const explained = killed.length > 0 || refused.length + unknown.length + streams.cut.length === 0
  return honest && kept && explained && instances === 1
}

function worst({ lost, twice, untrue, refused }: Books): string[] {
  const lists = Object.entries({ lost, twice, untrue, refused })
  return lists.flatMap(([what, calls]) => calls.slice(0, 5).map((call) => `${what}: ${call}`))
}
