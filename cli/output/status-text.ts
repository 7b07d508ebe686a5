/**
 * A deployment's status as people read it: one line for the whole, one a process, under it what is wrong. In: `Status`. Out: text, no line
 * wider than the terminal. No colour off a terminal.
 */
import { telling } from '../../deployer/last-lines.ts'
import type { ProcessSnapshot } from '../../deployer/members.ts'
import type { Status } from '../../deployer/status.ts'
import { shortName } from '../../runtime/names.ts'
import { type Colours, coloursOf, columnsOf, type OutputStream } from './colours.ts'
import { outcomeLines } from './history-text.ts'
import { staysLines } from './plan-text.ts'

/** Lines of a crash that are shown; `--json` has them all. */
const LAST_LINES = 4
/** Later nobody wonders any more why it was started again; `--json` still says it. */
const CRASH_SHOWN_MS = 10 * 60_000

export function isWell({ state, processes }: Status): boolean {
  return state === 'running' && processes.every((each) => each.state === 'ready')
}

export function statusText(status: Status, stream: OutputStream): string {
  const colours = coloursOf(stream)
  const { bold, dim, cyan } = colours
  const columns = columnsOf(stream)
  const rows = status.processes.map((process) => ({
    process,
    cells: [process.process, process.state, process.pid === undefined ? '' : String(process.pid), ageOf(process)],
  }))
  const widths = [0, 1, 2, 3].map((cell) => Math.max(0, ...rows.map(({ cells }) => cells[cell]!.length)))
  const nameWidth = Math.max(widths[0]!, ...status.listeners.map(({ listener }) => listener.length))
  const used = 2 + nameWidth + 2 + widths[1]! + 2 + widths[2]! + 2 + widths[3]! + 2
  const lines = rows.flatMap(({ process, cells }) => [
    [
      `  ${bold(cells[0]!.padEnd(nameWidth))}`,
      stateColour(process, colours)(cells[1]!.padEnd(widths[1]!)),
      dim(cells[2]!.padStart(widths[2]!)),
      dim(cells[3]!.padStart(widths[3]!)),
      dim(shorten(`${process.components.map(shortName).join(', ')}${keysText(process)}`, columns - used)),
    ]
      .join('  ')
      .trimEnd(),
    ...problemLines(process, columns, colours),
    ...crashLines(process, columns, colours),
  ])
  const listeners = status.listeners.map(({ listener, url }) => `  ${bold(listener.padEnd(nameWidth))}  ${cyan(url)}`)
  const changes = [
    ...moveLines(status, colours),
    ...automaticLines(status, columns, colours),
    ...loadLines(status, columns, colours),
  ]
  const blocks = [[headline(status, colours)], lines, listeners, changes].filter((block) => block.length > 0)
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`
}

/** Of an application whose deployer was killed. */
export function goneText(application: string, stream: OutputStream): string {
  const { bold, red, dim } = coloursOf(stream)
  return `${bold(application)}  ${red('the deployer is gone')}\n\n  ${dim(`weave deploy --detach takes over what runs · weave stop ${application} ends it`)}\n`
}

function headline(status: Status, { bold, dim, green, yellow }: Colours): string {
  const { application, version, state, processes, deployer, detached } = status
  const ready = processes.filter((each) => each.state === 'ready').length
  const count = ready === processes.length ? `${ready}` : `${ready} of ${processes.length}`
  const word = isWell(status) ? green(state) : yellow(state)
  const ready_ = `${count} ${processes.length === 1 ? 'process' : 'processes'} ready`
  const where = `${detached ? 'detached' : 'in the foreground'}, pid ${deployer.pid}`
  const parts = [ready_, `for ${duration(Date.now() - deployer.sinceMs)}`, where, version.slice(0, 12)]
  return `${bold(application)}  ${word}  ${dim(parts.join(' · '))}`
}

/** While something moves. */
function moveLines({ move }: Status, { yellow, dim }: Colours): string[] {
  if (move === null || move.state.kind === 'done' || move.state.kind === 'undone') return []
  const what = `${move.components.map(shortName).join(', ')} from ${move.from} to ${move.to}`
  return [`  ${yellow('moving')}  ${what}  ${dim(`${move.state.kind}, for ${duration(move.durationMs)}`)}`]
}

/** What automatic placement does, and what its last trial has come to. */
function automaticLines({ automatic, application }: Status, columns: number, colours: Colours): string[] {
  const { bold, dim } = colours
  if (automatic === null) return []
  const { state, why, trial, stays } = automatic
  const found = why === null ? '' : `: ${why}`
  const head = `  ${bold('automatic placement')}  ${dim(`${state}${found}`)}`
  const left = staysLines(stays, 4, columns, colours)
  if (trial === null) return [head, ...left]
  const moved = trial.moves.map(({ components, to }) => `${components.map(shortName).join(', ')} to ${to}`).join('; ')
  const last = `trial ${trial.id} ${trial.state}${trial.why === '' ? '' : `: ${trial.why}`}`
  return [
    head,
    ...left,
    `    ${dim(shorten(last, columns - 4))}`,
    `    ${dim(shorten(moved, columns - 4))}`,
    ...outcomeLines(trial, colours),
    `    ${dim(`weave plan ${application} --history`)}`,
  ]
}

/** Where load decides: how many replicas there are, and which keys each has; and why. */
function loadLines({ groups }: Status, columns: number, { bold, dim }: Colours): string[] {
  return groups.flatMap(({ group, replicas, scaling, keys }) => {
    const lines: string[] = []
    if (scaling !== undefined) {
      const { min, max, busy, why } = scaling
      const now = busy === null ? '' : `, loop ${Math.round(busy * 100)} % busy`
      lines.push(`${replicas} of ${min} to ${max} replicas${now}`, why)
    }
    // Until it was looked at, there is nothing to say.
    if (keys !== undefined && keys.imbalance !== null) lines.push(balanceText(keys.imbalance), keys.why)
    const shown = lines.filter((line) => line !== '').map((line) => `    ${dim(shorten(line, columns - 4))}`)
    return shown.length === 0 ? [] : [`  ${bold(group)}`, ...shown]
  })
}

/** Rounded, it may be that of any other replica. */
function balanceText(imbalance: number): string {
  return imbalance === 1
    ? 'its replicas have the same load by key'
    : `the busiest replica has ${imbalance} times the mean load by key`
}

/** What the replica owns of its group's routing keys. */
function keysText({ keys }: ProcessSnapshot): string {
  if (keys === undefined) return ''
  const slices = `${keys.slices} ${keys.slices === 1 ? 'slice' : 'slices'}`
  return ` · ${Math.round(keys.share * 100)} % of keys in ${slices}, ${keys.callsPerSecond} calls/s`
}

function problemLines({ problem, lastLines }: ProcessSnapshot, columns: number, { red, dim }: Colours): string[] {
  if (problem === undefined) return []
  const said = telling(lastLines, LAST_LINES).map((line) => dim(`      ${shorten(line, columns - 6)}`))
  return [`    ${red(shorten(problem, columns - 4))}`, ...said]
}

/** Of one that serves again, for a while. */
function crashLines({ state, lastCrash }: ProcessSnapshot, columns: number, { yellow, dim }: Colours): string[] {
  if (state !== 'ready' || lastCrash === undefined || lastCrash.agoMs > CRASH_SHOWN_MS) return []
  const { reason, agoMs, lastLines } = lastCrash
  const said = telling(lastLines, LAST_LINES).map((line) => dim(`      ${shorten(line, columns - 6)}`))
  return [`    ${yellow(shorten(`${duration(agoMs)} ago it ${reason}`, columns - 4))}`, ...said]
}

function stateColour({ state }: ProcessSnapshot, { green, yellow, red, dim }: Colours): (text: string) => string {
  switch (state) {
    case 'ready':
      return green
    case 'silent':
    case 'backoff':
    case 'crash-looping':
    case 'exited':
      return red
    case 'idle':
    case 'stopped':
      return dim
    default:
      return yellow
  }
}

function ageOf({ state, stateMs, restarts }: ProcessSnapshot): string {
  const again = restarts === 0 ? '' : ` ↻${restarts}`
  return state === 'idle' ? '' : `${duration(stateMs)}${again}`
}

const UNITS: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** In the largest unit of which there are two, so that it is never off by half. */
export function duration(ms: number): string {
  for (const [unit, length] of UNITS) if (ms >= 2 * length) return `${Math.floor(ms / length)} ${unit}`
  return `${Math.max(Math.floor(ms / 1_000), 0)} s`
}

function shorten(text: string, columns: number): string {
  const most = Math.max(columns, 10)
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
