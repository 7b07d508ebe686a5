/**
 * A plan as people read it: today's placement beside the proposed one, figure by figure; the moves with their reasons; what came second. In: a plan, or
 * the answer to a what-if. Out: text, no line wider than the terminal. No colour off a terminal.
 */
import { cores, figure, mebibytes, milliseconds } from '../../deployer/planner/figures.ts'
import type { Placement, Plan, Prediction } from '../../deployer/planner/model.ts'
import type { WhatIf } from '../../deployer/planner/what-if.ts'
import type { PlanAnswer } from '../../deployer/planning/planning.ts'
import { shortName } from '../../runtime/names.ts'
import { type Colours, coloursOf, columnsOf, type OutputStream } from './colours.ts'
import { wrapped } from './wrap.ts'

/** More are in `--json`. */
const MOVES_SHOWN = 20
const GROUPS_SHOWN = 20
/** No calls cost so much (ten cores): a rule was broken. */
const BOUND_GAIN = 10_000
const ENTRIES_SHOWN = 8
const STAYS_SHOWN = 5

/** `stays`: of an application that is deployed. */
export function planText(
  application: string,
  plan: Plan & Partial<Pick<PlanAnswer, 'stays'>>,
  stream: OutputStream,
): string {
  const colours = coloursOf(stream)
  const { bold, dim } = colours
  const columns = columnsOf(stream)
  const moved = plan.moves.length > 0
  const blocks = [
    [`${bold(application)}  ${plan.summary}`],
    comparison(plan.today, plan.proposed, moved ? ['today', 'proposed'] : ['today'], colours),
    moved ? movesLines(plan, columns, colours) : [],
    groupLines(plan.placement, plan.proposed, columns, colours),
    brokenLines(plan.proposed, columns, colours),
    staysLines(plan.stays ?? [], 2, columns, colours),
    plan.runnerUp === undefined ? [] : wrapped(`${dim('runner-up')}  `, 11, runnerUp(plan), columns),
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

export function whatIfText(answers: readonly WhatIf[], stream: OutputStream): string {
  const colours = coloursOf(stream)
  const columns = columnsOf(stream)
  const blocks = answers.flatMap(({ wish, verdict, today, prediction }) => [
    wrapped(`${colours.bold('if')}  `, 4, verdict, columns),
    comparison(today, prediction, ['today', wish.length > 14 ? 'then' : wish], colours),
    brokenLines(prediction, columns, colours),
  ])
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function runnerUp({ runnerUp, today }: Plan): string {
  const { placement, prediction, why } = runnerUp!
  const shape = placement.length <= 4 ? ` (${placement.map(groupText).join(' | ')})` : ''
  const same = Math.abs(prediction.cost.total - today.cost.total) < 1e-9
  return same ? why : `${processes(prediction.processes)}${shape}: ${why}`
}

const groupText = ({ components }: Placement[number]) =>
  components.length <= 3 ? components.map(shortName).join(' ') : `${components.length} components`

const processes = (count: number) => `${figure(count)} ${count === 1 ? 'process' : 'processes'}`

/** A row for each figure; with two columns also how it changes. */
function comparison(
  before: Prediction,
  after: Prediction,
  heads: readonly string[],
  { dim, green, yellow }: Colours,
): string[] {
  const rows: [string, number, number, (value: number) => string][] = [
    ['CPU', before.cpuMsPerSecond, after.cpuMsPerSecond, cores],
    ['  of it for calls', before.cost.calls, after.cost.calls, cores],
    ['memory', before.memoryBytes, after.memoryBytes, mebibytes],
    ['processes', before.processes, after.processes, figure],
    ['calls between them', before.remoteCallsPerSecond, after.remoteCallsPerSecond, (value) => `${figure(value)}/s`],
    ['bytes between them', before.bytesPerSecond, after.bytesPerSecond, (value) => `${bytes(value)}/s`],
    ...before.entries
      .map((entry, place) => [entry, after.entries[place]!] as const)
      .sort(([one], [other]) => other.requestsPerSecond - one.requestsPerSecond)
      .slice(0, ENTRIES_SHOWN)
      .map(([one, other]): [string, number, number, (value: number) => string] => [
        `a request of ${one.name}`,
        one.latencyMs,
        other.latencyMs,
        milliseconds,
      ]),
  ]
  const label = Math.max(...rows.map(([name]) => name.length))
  const texts = rows.map(([, one, other, text]) => [text(one), text(other)] as const)
  const width = Math.max(...heads.map((head) => head.length), ...texts.flat().map((text) => text.length))
  const two = heads.length > 1
  const head = dim(`  ${''.padEnd(label)}  ${heads.map((each) => each.padStart(width)).join('  ')}`)
  return [
    head,
    ...rows.map(([name, one, other], row) => {
      const [was, will] = texts[row]!
      const change = two ? changeText(one, other) : ''
      const colour = other < one ? green : yellow
      const figures = two ? `${was.padStart(width)}  ${will.padStart(width)}` : was.padStart(width)
      return `  ${name.padEnd(label)}  ${figures}${change === '' ? '' : `  ${colour(change)}`}`
    }),
  ]
}

/** `−74 %`; nothing when it stays. */
function changeText(before: number, after: number): string {
  if (before === 0) return after === 0 ? '' : 'new'
  const share = after / before - 1
  if (Math.abs(share) < 0.005) return ''
  if (share > 9) return `× ${figure(after / before)}`
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(0)} %`
}

function bytes(value: number): string {
  return value < 2 ** 20 ? `${figure(value / 1024)} KiB` : mebibytes(value)
}

function movesLines({ moves }: Plan, columns: number, { bold, dim }: Colours): string[] {
  const lines = moves.slice(0, MOVES_SHOWN).flatMap(({ reason, gain }) => {
    const [what, ...why] = reason.split(': ')
    const worth = dim(gain > BOUND_GAIN ? 'keeps to a bound' : `worth ${cores(gain)}`)
    return [`  ${bold(what!)}  ${worth}`, ...wrapped('    ', 4, why.join(': '), columns)]
  })
  const more = moves.length - MOVES_SHOWN
  return more > 0 ? [...lines, dim(`  and ${more} more; --json has all of them`)] : lines
}

function groupLines(placement: Placement, { groups }: Prediction, columns: number, { bold, dim }: Colours): string[] {
  const busiest = placement
    .map((group, place) => ({ group, prediction: groups[place]! }))
    .sort((one, other) => other.prediction.utilisation - one.prediction.utilisation)
  const shown = busiest.slice(0, GROUPS_SHOWN)
  const width = Math.max(...shown.map(({ group }) => group.name.length))
  const lines = shown.map(({ group, prediction }) => {
    const replicas = group.replicas > 1 ? `× ${group.replicas}` : ''
    const busy = `${(prediction.utilisation * 100).toFixed(0)} % busy`
    const names = group.components.map(shortName).join(', ')
    const room = columns - width - 28
    return `  ${bold(group.name.padEnd(width))}  ${replicas.padEnd(4)}  ${busy.padStart(10)}  ${dim(names.length > room ? `${names.slice(0, Math.max(8, room - 1))}…` : names)}`
  })
  const more = busiest.length - shown.length
  return more > 0 ? [...lines, dim(`  and ${more} more; --json has all of them`)] : lines
}

/** What is left where it is, and what would let it move. */
export function staysLines(stays: readonly string[], indent: number, columns: number, { dim }: Colours): string[] {
  const shown = stays.slice(0, STAYS_SHOWN)
  const more = stays.length - shown.length
  const start = ''.padEnd(indent)
  const lines = shown.flatMap((sentence) => wrapped(start, indent, sentence, columns)).map(dim)
  return more > 0 ? [...lines, dim(`${start}and ${more} more; --json has all of them`)] : lines
}

function brokenLines({ broken }: Prediction, columns: number, { red }: Colours): string[] {
  return broken.flatMap((sentence) => wrapped(`  ${red('!')} `, 4, sentence, columns))
}
