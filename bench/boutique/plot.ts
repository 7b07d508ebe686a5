/** The medians as bars. */
import { draw, PANEL_HEIGHT, panelAt, panelTitle, WIDTH } from '../svg.ts'
import { type Figure, figures, median, type Results } from './results.ts'
import type { Part } from './variants.ts'

const PANELS: readonly { title: string; part: Part; figure: Figure }[] = [
  { title: 'CPU ms a page (HTTP and HTML included)', part: 'page', figure: 'cpuMs' },
  { title: 'Median ms a page (HTTP and HTML included)', part: 'page', figure: 'p50Ms' },
  { title: 'CPU ms a page, calls alone', part: 'calls', figure: 'cpuMs' },
  { title: 'Median ms a page, calls alone', part: 'calls', figure: 'p50Ms' },
]

export function plot(require: NodeJS.Require, results: Results, visitsPerSecond: number): string {
  const names = results.variants.map(({ name }) => name)
  const measured = (part: Part) => results.variants.some(({ samples }) => samples.some((each) => each.part === part))
  const panels = PANELS.filter(({ part }) => measured(part))
  return draw(require, panels.length, {
    title: panels.map(({ title }, index) => panelTitle(title, index)),
    grid: panels.map((_, index) => ({ ...panelAt(index, 160), width: WIDTH / 2 - 230, height: PANEL_HEIGHT - 70 })),
    xAxis: panels.map((_, gridIndex) => ({ gridIndex, type: 'value', splitNumber: 3 })),
    yAxis: panels.map((_, gridIndex) => ({ gridIndex, type: 'category', data: names, inverse: true })),
    series: panels.map(({ part, figure }, index) => ({
      type: 'bar',
      xAxisIndex: index,
      yAxisIndex: index,
      data: results.variants.map((variant) => median(figures(variant, part, visitsPerSecond, figure)).toFixed(2)),
      label: { show: true, position: 'right' },
      itemStyle: { color: figure === 'cpuMs' ? '#26335a' : '#c0653a' },
    })),
  })
}
