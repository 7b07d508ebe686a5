/** What a plan comes to, and why another one lost: sentences from two predictions. */
import { cores, milliseconds } from './figures.ts'
import type { CostTerms, Move, Prediction } from './model.ts'

export function summaryOf(before: Prediction, after: Prediction, moves: readonly Move[], couldGain: number): string {
  if (moves.length === 0) {
    return couldGain < 0.01
      ? 'Nothing moves: no other placement was found to cost less.'
      : `Nothing moves: ${cores(couldGain)} could be gained, less than the moves cost and measuring is sure of.`
  }
  const count = moves.length === 1 ? 'One move' : `${moves.length} moves`
  const cpu = before.cpuMsPerSecond - after.cpuMsPerSecond
  const mended = before.broken.length > 0 && after.broken.length === 0
  const parts = [cpu >= 0 ? `save ${cores(cpu)}` : `cost ${cores(-cpu)}`]
  if (mended) parts.unshift('keep to every bound again')
  const slowest = changeOf(before, after)
  if (slowest !== undefined) parts.push(slowest)
  const text = `${count} ${parts.join('; ')}.`
  return moves.length === 1 ? text.replace(/^One move (save|cost|keep)/, 'One move $1s') : text
}

/** Of the entry point whose requests change most. */
function changeOf(before: Prediction, after: Prediction): string | undefined {
  const changes = before.entries.map(({ name, requestsPerSecond, latencyMs }, place) => {
    const change = after.entries[place]!.latencyMs - latencyMs
    return { name, change, weight: Math.abs(change) * requestsPerSecond }
  })
  const most = changes.sort((one, other) => other.weight - one.weight)[0]
  if (most === undefined || Math.abs(most.change) < 0.001) return undefined
  return `a request of ${most.name} takes ${milliseconds(Math.abs(most.change))} ${most.change < 0 ? 'less' : 'more'}`
}

const TERMS: Record<Exclude<keyof CostTerms, 'total' | 'penalty'>, string> = {
  calls: 'for calls',
  latency: 'in waiting and hops',
  processes: 'for processes',
}

export interface Loser {
  isToday: boolean
  /** Components or blocks that it would move. */
  moves: number
  /** It would cost less, were moving free. */
  free: boolean
}

export function whyNot(winner: Prediction, loser: Prediction, { isToday, moves, free }: Loser): string {
  const which = isToday ? "Today's placement" : 'It'
  if (loser.broken.length > winner.broken.length) return `${which} breaks a rule: ${loser.broken[0]}`
  const more = loser.cost.total - winner.cost.total
  const detail = difference(winner, loser)
  if (more >= 0) return `${which} costs the worth of ${cores(more)} more${detail}.`
  if (free)
    return `It would save the worth of ${cores(-more)}${detail}; its ${moves} ${moves === 1 ? 'move' : 'moves'} would not pay for that.`
  return `It saves the worth of ${cores(-more)} more${detail}, but not enough for its moves.`
}

/** `: 12 ms/s of CPU more for calls, …`, the largest first; nothing when all is the same. */
export function difference(from: Prediction, to: Prediction): string {
  const terms = (Object.keys(TERMS) as (keyof typeof TERMS)[])
    .map((term) => ({ text: TERMS[term], more: to.cost[term] - from.cost[term] }))
    .filter(({ more }) => Math.abs(more) >= 0.01)
    .sort((one, other) => Math.abs(other.more) - Math.abs(one.more))
    .map(({ text, more }) => `${cores(Math.abs(more))} ${more > 0 ? 'more' : 'less'} ${text}`)
  return terms.length > 0 ? `: ${terms.join(', ')}` : ''
}
