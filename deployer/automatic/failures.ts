/**
 * Calls that fail since a trial: what no saving is worth. In: the edges of a window before it and of one after it, with how sure their errors are. Out: a
 * sentence that says which calls fail and how many, or undefined where chance and what failed before explain all of it.
 */
import { shortName } from '../../runtime/names.ts'
import type { EdgeReport } from '../graph/report.ts'

/** A window's edges; what they tell of is rates. */
export interface Calls {
  seconds: number
  edges: readonly Pick<
    EdgeReport,
    'caller' | 'callee' | 'method' | 'callsPerSecond' | 'errorsPerSecond' | 'errorsPerSecondDeviation'
  >[]
}

/** Sums of a window. */
interface Tally {
  calls: number
  failed: number
  /** Of `failed`: what was not looked at. */
  variance: number
}

/** Of each window: of fewer calls nobody can tell whether they fail more often. */
const CALLS_MIN = 20
/** One failure more in a hundred calls; below it is what an application lives with. */
const SHARE_MIN = 0.01
/** An application has hundreds of edges, each of which is looked at after each trial: three would find one by chance now and then. */
const STANDARD_ERRORS = 4

/** The edge of which most calls more fail than before; where no edge has enough calls to tell, all of them together. */
export function failsNow(before: Calls, after: Calls): string | undefined {
  const [was, is] = [byEdge(before), byEdge(after)]
  const worst = [...is]
    .flatMap(([edge, now]) => {
      const then = was.get(edge)
      return then && failsMore(then, now) ? [{ edge, then, now, more: (share(now) - share(then)) * now.calls }] : []
    })
    .sort((a, b) => b.more - a.more)[0]
  if (worst !== undefined) return `${callsOf(worst.edge)} fail: ${sharesOf(worst.then, worst.now)}.`
  const [then, now] = [sumOf(was.values()), sumOf(is.values())]
  return failsMore(then, now) ? `Calls fail: ${sharesOf(then, now)}.` : undefined
}

function byEdge({ seconds, edges }: Calls): Map<string, Tally> {
  const tallies = new Map<string, Tally>()
  for (const { caller, callee, method, callsPerSecond, errorsPerSecond, errorsPerSecondDeviation } of edges) {
    const tally = {
      calls: callsPerSecond * seconds,
      failed: errorsPerSecond * seconds,
      variance: (errorsPerSecondDeviation * seconds) ** 2,
    }
    tallies.set([caller ?? '', callee, method].join('\0'), tally)
  }
  return tallies
}

function sumOf(tallies: Iterable<Tally>): Tally {
  const sum: Tally = { calls: 0, failed: 0, variance: 0 }
  for (const { calls, failed, variance } of tallies) {
    sum.calls += calls
    sum.failed += failed
    sum.variance += variance
  }
  return sum
}

function share({ calls, failed }: Tally): number {
  return Math.min(1, failed / calls)
}

/** Two shares differ by more than chance where their difference is many of its standard errors: of the draw, and of what was not looked at. */
function failsMore(then: Tally, now: Tally): boolean {
  if (then.calls < CALLS_MIN || now.calls < CALLS_MIN) return false
  const both = Math.min(1, (then.failed + now.failed) / (then.calls + now.calls))
  const variance =
    both * (1 - both) * (1 / then.calls + 1 / now.calls) +
    then.variance / then.calls ** 2 +
    now.variance / now.calls ** 2
  return share(now) - share(then) > Math.max(SHARE_MIN, STANDARD_ERRORS * Math.sqrt(variance))
}

function callsOf(edge: string): string {
  const [caller, callee, method] = edge.split('\0') as [string, string, string]
  return caller === '' ? `Requests ${method}` : `Calls of ${shortName(caller)} to ${shortName(callee)}.${method}`
}

function sharesOf(then: Tally, now: Tally): string {
  return `${percent(now)}, before ${percent(then)}`
}

/** A share of a hundredth and less is written out to the digit that shows it. */
function percent(tally: Tally): string {
  const value = 100 * share(tally)
  return `${value >= 10 || value === 0 ? Math.round(value) : value.toPrecision(1)} %`
}
