/** Growth as lines: components along the bottom, a line for each number of processes, of the random graph. */
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
  const random = sizes.filter(({ graph }) => graph === 'random')
  const processes = [...new Set(random.map((size) => size.processes))]
  return draw(require, PANELS.length, {
    title: PANELS.map(({ title }, index) => panelTitle(title, index)),
    legend: { bottom: 0, data: processes.map(lineName) },
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
      processes.map((count) => ({
        name: lineName(count),
        type: 'line',
        xAxisIndex: index,
        yAxisIndex: index,
        data: random.filter((size) => size.processes === count).map((size) => [size.components, of(size)]),
      })),
    ),
  })
}

function lineName(processes: number): string {
  return processes === 1 ? '1 process' : `${processes} processes`
}
