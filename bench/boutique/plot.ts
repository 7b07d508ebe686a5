/** The medians as bars, drawn by Apache ECharts (without a browser, to SVG). */
import type { Figure, Results } from './results.ts'
import { figures, median } from './results.ts'
import type { Part } from './variants.ts'

const PANELS: readonly { title: string; part: Part; figure: Figure }[] = [
  { title: 'CPU ms a page (HTTP and HTML included)', part: 'page', figure: 'cpuMs' },
  { title: 'Median ms a page (HTTP and HTML included)', part: 'page', figure: 'p50Ms' },
  { title: 'CPU ms a page, calls alone', part: 'calls', figure: 'cpuMs' },
  { title: 'Median ms a page, calls alone', part: 'calls', figure: 'p50Ms' },
]

const WIDTH = 980
const PANEL_HEIGHT = 250

/** What is used of echarts, which the benches install for themselves. */
interface Echarts {
  init(
    dom: null,
    theme: null,
    options: object,
  ): {
    setOption(option: object): void
    renderToSVGString(): string
    dispose(): void
  }
}

export function plot(require: NodeJS.Require, results: Results, visitsPerSecond: number): string {
  const { init } = require('echarts') as Echarts
  const names = results.variants.map(({ name }) => name)
  const panels = PANELS.filter(({ part }) =>
    results.variants.some(({ samples }) => samples.some((each) => each.part === part)),
  )
  const place = (index: number) => ({
    left: index % 2 === 0 ? 150 : WIDTH / 2 + 150,
    top: 40 + Math.floor(index / 2) * PANEL_HEIGHT,
  })
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: 20 + Math.ceil(panels.length / 2) * PANEL_HEIGHT,
  })
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: panels.map(({ title }, index) => ({
      text: title,
      left: place(index).left - 130,
      top: place(index).top - 30,
      textStyle: { fontSize: 13, fontWeight: 'normal' },
    })),
    grid: panels.map((_, index) => ({ ...place(index), width: WIDTH / 2 - 220, height: PANEL_HEIGHT - 70 })),
    xAxis: panels.map((_, gridIndex) => ({ gridIndex, type: 'value', splitNumber: 3 })),
    yAxis: panels.map((_, gridIndex) => ({ gridIndex, type: 'category', data: names, inverse: true })),
    series: panels.map(({ part, figure }, index) => ({
      type: 'bar',
      xAxisIndex: index,
      yAxisIndex: index,
      data: results.variants.map((variant) =>
        Number(median(figures(variant, part, visitsPerSecond, figure)).toFixed(3)),
      ),
      label: { show: true, position: 'right' },
      itemStyle: { color: figure === 'cpuMs' ? '#26335a' : '#c0653a' },
    })),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}
