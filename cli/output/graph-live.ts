/**
 * The measured call graph as people read it: what comes from outside, who calls whom, what components and processes take. In: a report of
 * `/v1/graph`. Out: text, no line wider than the terminal. Busiest first; what isn't known is a dash.
 */
import type { ComponentReport, EdgeReport, GraphReport, ProcessReport } from '../../deployer/graph/report.ts'
import { shortName } from '../../runtime/names.ts'
import { type Colours, coloursOf, columnsOf, type OutputStream } from './colours.ts'

export function liveText(application: string, report: GraphReport, stream: OutputStream): string {
  const colours = coloursOf(stream)
  const columns = columnsOf(stream)
  const entries = report.edges.filter(({ caller }) => caller === null)
  const calls = report.edges.filter(({ caller }) => caller !== null)
  const blocks = [
    [headline(application, report, colours)],
    table(
      'from outside',
      CALL_COLUMNS,
      entries.map((edge) => callRow(edge, colours)),
      { columns, colours },
    ),
    table(
      'calls',
      CALL_COLUMNS,
      calls.map((edge) => callRow(edge, colours)),
      { columns, colours },
    ),
    table('components', COMPONENT_COLUMNS, report.components.map(componentRow), { columns, colours }),
    table('processes', PROCESS_COLUMNS, report.processes.map(processRow), { columns, colours }),
    costLine(report, colours),
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function headline(
  application: string,
  { seconds, edges, processes }: GraphReport,
  { bold, dim, yellow }: Colours,
): string {
  if (edges.length === 0) return `${bold(application)}  ${yellow(`no calls in the last ${Math.round(seconds)} s`)}`
  const sum = (of: (edge: EdgeReport) => number) => edges.reduce((total, edge) => total + of(edge), 0)
  const requests = sum((edge) => (edge.caller === null ? edge.callsPerSecond : 0))
  const calls = sum((edge) => (edge.caller === null ? 0 : edge.callsPerSecond))
  const remote = sum((edge) => edge.callsPerSecond * edge.remoteShare)
  const cpu = processes.reduce((total, { cpuMsPerSecond }) => total + cpuMsPerSecond, 0)
  const parts = [
    `${rate(requests)} requests/s`,
    `${rate(calls)} calls/s, ${rate(remote)} between processes`,
    `${rate(cpu)} ms CPU/s`,
    `last ${Math.round(seconds)} s`,
  ]
  return `${bold(application)}  ${dim(parts.join(' · '))}`
}

const CALL_COLUMNS = ['/s', 'errors/s', 'p50', 'p99', 'request', 'reply', 'remote']

function callRow(edge: EdgeReport, { red }: Colours): string[] {
  const { caller, callee, method, errorsPerSecond, errorsPerSecondDeviation: off, latencyMs, remoteShare } = edge
  const name =
    caller === null ? `${method} → ${shortName(callee)}` : `${shortName(caller)} → ${shortName(callee)}.${method}`
  const errors = errorsPerSecond === 0 ? '' : `${rate(errorsPerSecond)}${off === 0 ? '' : ` ±${rate(off)}`}`
  return [
    name,
    rate(edge.callsPerSecond),
    errors === '' ? NONE : red(errors),
    latencyMs === null ? NONE : duration(latencyMs.p50),
    latencyMs === null ? NONE : duration(latencyMs.p99),
    edge.requestBytes === null ? NONE : bytes(edge.requestBytes),
    edge.replyBytes === null ? NONE : bytes(edge.replyBytes),
    caller === null ? '' : `${Math.round(remoteShare * 100)} %`,
  ]
}

const COMPONENT_COLUMNS = ['cpu ms/s', 'heap', 'in']

function componentRow({ name, cpuMsPerSecond, heapBytes, processes }: ComponentReport): string[] {
  return [shortName(name), rate(cpuMsPerSecond), bytes(heapBytes), processes.join(', ')]
}

function costLine({ costs }: GraphReport, { dim }: Colours): string[] {
  if (costs === null) return []
  const { callerUs, calleeUs, callerKibUs, calleeKibUs, roundTripUs, caller, callee } = costs
  const cpu = `${rate(callerUs)} + ${rate(calleeUs)} µs CPU, ${rate(callerKibUs)} + ${rate(calleeKibUs)} µs a KiB`
  return [dim(`  a call between processes: ${cpu}, ${rate(roundTripUs)} µs there and back (${caller}, ${callee})`)]
}

const PROCESS_COLUMNS = ['cpu ms/s', 'loop', 'wait p50', 'wait p99', 'gc ms/s', 'memory']

function processRow({ name, cpuMsPerSecond, utilisation, delayMs, gcMsPerSecond, rssBytes }: ProcessReport): string[] {
  return [
    name,
    rate(cpuMsPerSecond),
    `${Math.round(utilisation * 100)} %`,
    duration(delayMs.p50),
    duration(delayMs.p99),
    rate(gcMsPerSecond),
    bytes(rssBytes),
  ]
}

const NONE = '–'
const GAP = 2

interface Screen {
  columns: number
  colours: Colours
}

/** Its first column is what `title` says, and gives way where the terminal is narrow. */
function table(
  title: string,
  titles: readonly string[],
  rows: readonly string[][],
  { columns, colours }: Screen,
): string[] {
  if (rows.length === 0) return []
  const widths = titles.map((text, index) => Math.max(text.length, ...rows.map((row) => lengthOf(row[index + 1]!))))
  const rest = widths.reduce((sum, width) => sum + width + GAP, GAP)
  const first = Math.min(Math.max(title.length, ...rows.map(([name]) => name!.length)), Math.max(columns - rest, 12))
  const line = (cells: readonly string[]) =>
    `  ${shorten(cells[0]!, first).padEnd(first)}${cells
      .slice(1)
      .map((cell, index) => ' '.repeat(GAP + widths[index]! - lengthOf(cell)) + cell)
      .join('')}`.trimEnd()
  return [colours.dim(line([title, ...titles])), ...rows.map(line)]
}

/** Without colours. */
function lengthOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how colours begin
  return text.replace(/\x1b\[\d+m/g, '').length
}

function shorten(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`
}

/** Two figures at the least. */
function rate(value: number): string {
  if (value >= 99.5) return Math.round(value).toLocaleString('en')
  if (value === 0) return '0'
  return value < 0.01 ? '<0.01' : value.toFixed(value < 9.95 ? 2 : 1)
}

function duration(ms: number): string {
  if (ms < 0.0995) return `${Math.round(ms * 1000)} µs`
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  return ms < 9_950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

function bytes(value: number): string {
  if (value < 999.5) return `${Math.round(value)} B`
  for (const unit of ['KB', 'MB']) {
    value /= 1000
    if (value < 999.5) return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`
  }
  return `${(value / 1000).toFixed(1)} GB`
}
