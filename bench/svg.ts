/** Charts of the benches, drawn by Apache ECharts without a browser. */

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

export const WIDTH = 980
export const PANEL_HEIGHT = 250

/** Two panels a row; where the axes of one begin. */
export function panelAt(index: number, left: number): { left: number; top: number } {
  return { left: (index % 2 === 0 ? 0 : WIDTH / 2) + left, top: 40 + Math.floor(index / 2) * PANEL_HEIGHT }
}

export function panelTitle(text: string, index: number): object {
  const { left, top } = panelAt(index, 20)
  return { text, left, top: top - 30, textStyle: { fontSize: 13, fontWeight: 'normal' } }
}

export function draw(require: NodeJS.Require, panels: number, option: object): string {
  const { init } = require('echarts') as Echarts
  const height = 40 + Math.ceil(panels / 2) * PANEL_HEIGHT
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  chart.setOption({ animation: false, backgroundColor: '#ffffff', ...option })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}
