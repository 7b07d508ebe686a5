/**
 * Trials of automatic placement as people read them: what was moved and why, what a request cost before, was predicted to cost, and did; what came of
 * it. In: trials, the newest first. Out: text, the oldest first, no line wider than the terminal. No colour off a terminal.
 */
import type { Outcome } from '../../deployer/automatic/outcome.ts'
import type { Trial } from '../../deployer/automatic/trial.ts'
import { figure, milliseconds } from '../../deployer/planner/figures.ts'
import { shortName } from '../../runtime/names.ts'
import { type Colours, coloursOf, columnsOf, type OutputStream } from './colours.ts'
import { wrapped } from './wrap.ts'

export function historyText(application: string, trials: readonly Trial[], stream: OutputStream): string {
  const colours = coloursOf(stream)
  const { bold, dim } = colours
  if (trials.length === 0) {
    const hint = '"weave deploy --auto" lets placement decide by itself'
    return `${bold(application)}  automatic placement has tried nothing yet  ${dim(hint)}\n`
  }
  const count = trials.length === 1 ? '1 trial' : `${trials.length} trials`
  const blocks = trials.toReversed().map((trial) => trialLines(trial, columnsOf(stream), colours))
  return `${[[`${bold(application)}  ${dim(count)}`], ...blocks].map((block) => block.join('\n')).join('\n\n')}\n`
}

function trialLines(trial: Trial, columns: number, colours: Colours): string[] {
  const { id, atMs, moves, state, why } = trial
  const { bold, dim } = colours
  const head = `  ${bold(String(id))}  ${stateText(state, colours)}  ${dim(timeOf(atMs))}  `
  const headWidth = 2 + String(id).length + 2 + state.length + 2 + timeOf(atMs).length + 2
  return [
    ...wrapped(head, headWidth, why, columns),
    ...moves.flatMap(({ components, from, to, failed, reason }) => {
      const what = `${components.map(shortName).join(', ')} from ${from} to ${to}`
      const because = failed ? `could not be made: ${failed}` : reason.split(': ').slice(1).join(': ')
      return wrapped('    ', 4, `${what}: ${because}`, columns)
    }),
    ...outcomeLines(trial, colours),
  ]
}

export function outcomeLines({ before, predicted, measured }: Trial, { dim }: Colours): string[] {
  const heads = ['before', 'predicted', 'measured']
  const columns = [before, predicted, measured]
  const rows: [string, (outcome: Outcome) => string][] = [
    ['CPU a request', ({ cpuMsPerRequest }) => milliseconds(cpuMsPerRequest)],
    ['a request takes', ({ latencyMs }) => (latencyMs === null ? '–' : milliseconds(latencyMs))],
    ['requests', ({ requestsPerSecond }) => `${figure(requestsPerSecond)}/s`],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const cell = (text: string) => text.padStart(10)
  return [
    dim(`    ${''.padEnd(width)}${heads.map(cell).join('')}`),
    ...rows.map(([name, text]) => {
      const cells = columns.map((outcome) => cell(outcome === null ? '–' : text(outcome)))
      return `    ${name.padEnd(width)}${cells.join('')}`
    }),
  ]
}

function stateText(state: Trial['state'], { green, yellow, dim }: Colours): string {
  if (state === 'kept') return green(state)
  return state === 'undone' ? yellow(state) : dim(state)
}

function timeOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
