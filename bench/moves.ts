/**
 * Components move every two seconds under load, and processes are killed at random in between, also in the middle of moves. Each call is
 * counted where it was made and where it ran (test/e2e/ledger.ts): none may be lost, none may run twice, and what a killed process had in
 * hand must be said to be unknown. Prints a table, exits with 1 when a call was lost or doubled, or failed without a death to explain it.
 *
 *   node bench/moves.ts [seconds=300] [secondsBetweenMoves=2] [secondsBetweenKills=7, 0: none] [unix|tcp|tls|grpc]
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { WeaveError } from '../runtime/errors.ts'
import type { TransportKind } from '../runtime/transport/address.ts'
import { type Books, startLedger } from '../test/e2e/ledger.ts'

const [seconds = '300', betweenMoves = '2', betweenKills = '7', transport = 'unix'] = process.argv.slice(2)
const MOVABLE = ['Ledger', 'Desk']

let seed = 1
/** The same moves and kills each time, as far as they come at the same time. */
function draw(count: number): number {
  seed = (seed * 48_271) % 2_147_483_647
  return seed % count
}

const ledger = await startLedger({ transport: transport as TransportKind, workers: 16 })
const { deployment } = ledger
const endMs = performance.now() + Number(seconds) * 1000
const moves = { done: 0, undone: 0, durationsMs: [] as number[], reasons: [] as string[] }
const killed: { process: string; during: string }[] = []
let under = 'no move'

async function moveOne(): Promise<void> {
  const component = MOVABLE[draw(MOVABLE.length)]!
  const groups = [...new Set(deployment.processes().map(({ group }) => group))]
  const to = ['new', ...groups][draw(groups.length + 1)]!
  under = `${component} to ${to}`
  try {
    const { durationMs } = await deployment.move([component], to)
    moves.done++
    moves.durationsMs.push(durationMs)
  } catch (error) {
    if (!(error instanceof WeaveError)) throw error
    // It is there already.
    if (error.code === 'WV_CONFIG') return moveOne()
    moves.undone++
    moves.reasons.push(error.message)
  } finally {
    under = 'no move'
  }
}

async function everySeconds(between: number, work: () => Promise<void> | void): Promise<void> {
  if (between === 0) return
  for (;;) {
    await sleep(between * 1000)
    if (performance.now() > endMs) return
    await work()
  }
}

function killOne(): void {
  const ready = deployment.processes().filter(({ state, pid }) => state === 'ready' && pid !== undefined)
  const victim = ready[draw(ready.length)]
  if (victim === undefined) return
  killed.push({ process: victim.process, during: under })
  process.kill(victim.pid!, 'SIGKILL')
}

await Promise.all([everySeconds(Number(betweenMoves), moveOne), everySeconds(Number(betweenKills), killOne)])
// What was killed last comes back before the end, which owes clean exits.
while (deployment.processes().some(({ state }) => state !== 'ready')) await sleep(100)
const { books, exitCode } = await ledger.close()

const middle = killed.filter(({ during }) => during !== 'no move').length
const sorted = moves.durationsMs.sort((a, b) => a - b)
const rows: [string, number | string][] = [
  ['calls made', books.made],
  ['run once and answered', books.done],
  ['lost', books.lost.length],
  ['run twice', books.twice.length],
  ['said not to have run, and had', books.untrue.length],
  ['failed, surely not run', books.refused.length],
  ['failed, may have run (their process was killed)', books.unknown.length],
  ['caller killed before it knew', books.unfinished.length],
  [
    'streams whole, broken, cut by a kill',
    `${books.streams.whole}, ${books.streams.broken.length}, ${books.streams.cut.length}`,
  ],
  ['moves done, undone', `${moves.done}, ${moves.undone}`],
  ['a move takes, median and longest', `${sorted[sorted.length >> 1] ?? 0} ms, ${sorted.at(-1) ?? 0} ms`],
  ['processes killed, during a move', `${killed.length}, ${middle}`],
  ['exit code', exitCode],
]
console.log(
  `${seconds} s over ${transport}, a move every ${betweenMoves} s, a kill every ${betweenKills} s, node ${process.version}\n`,
)
console.log('| | |\n| --- | ---: |')
for (const [what, count] of rows) console.log(`| ${what} | ${count} |`)
for (const reason of moves.reasons) console.log(`undone: ${reason}`)
for (const each of worst(books)) console.log(each)
process.exitCode = isWell(books) ? 0 : 1

function isWell({ lost, twice, untrue, refused, unknown, streams }: Books): boolean {
  const honest = lost.length + twice.length + untrue.length + streams.broken.length === 0
  return honest && (killed.length > 0 || refused.length + unknown.length + streams.cut.length === 0)
}

function worst({ lost, twice, untrue, refused }: Books): string[] {
  const lists = Object.entries({ lost, twice, untrue, refused })
  return lists.flatMap(([what, calls]) => calls.slice(0, 5).map((call) => `${what}: ${call}`))
}
