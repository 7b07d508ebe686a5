/** Growth as lines: components along the bottom, a line for each number of processes, of each graph. */
import { draw, PANEL_HEIGHT, panelAt, panelTitle, WIDTH } from '../svg.ts'
import type { Size } from './run.ts'

const PANELS: readonly { title: string; of: (size: Size) => number }[] = [
  { title: 'Build, s', of: ({ buildMs }) => buildMs / 1000 },
  { title: 'Place, s', of: ({ placeMs }) => placeMs / 1000 },
  { title: 'Start-up, s', of: ({ startMs }) => startMs / 1000 },
  { title: 'Memory of all processes, MiB', of: ({ memoryMiB }) => memoryMiB },
  { title: 'CPU ms a request of ten calls', of: ({ cpuMs }) => cpuMs },
  { title: 'Idle deployer, CPU ms a second', of: ({ deployerIdleMs }) => deployerIdleMs },
]

export function plot(require: NodeJS.Require, sizes: readonly Size[]): string {
  const lines = [...new Map(sizes.map((size) => [lineName(size), size])).values()]
  return draw(require, PANELS.length, {
    title: PANELS.map(({ title }, index) => panelTitle(title, index)),
    legend: { bottom: 0, data: lines.map(lineName) },
    grid: PANELS.map((_, index) => ({ ...panelAt(index, 70), width: WIDTH / 2 - 110, height: PANEL_HEIGHT - 80 })),
    xAxis: PANELS.map((_, gridIndex) => ({
      gridIndex,
      type: 'log',
      name: 'components',
      nameLocation: 'middle',
      nameGap: 22,
    })),
    yAxis: PANELS.map((_, gridIndex) => ({ gridIndex, type: 'value', min: 0 })),
    series: PANELS.flatMap(({ of }, index) =>
      lines.map((line) => ({
        name: lineName(line),
        type: 'line',
        xAxisIndex: index,
        yAxisIndex: index,
        lineStyle: { type: STYLES[line.graph] },
        itemStyle: { color: COLOURS[line.processes] ?? '#777777' },
        data: sizes.filter((size) => lineName(size) === lineName(line)).map((size) => [size.components, of(size)]),
      })),
    ),
  })
}

const STYLES = { chain: 'dotted', star: 'dashed', random: 'solid' }
/** By processes. */
const COLOURS: Record<number, string> = { 1: '#26335a', 10: '#c0653a', 50: '#4b8a5f' }

function lineName({ graph, processes }: Size): string {
  return `${graph}, ${processes === 1 ? '1 process' : `${processes} processes`}`
}
