/** Samples to what is committed: JSON, tables in Markdown, and the table between the markers of a page. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Sample } from './measure.ts'
import type { Part } from './variants.ts'

export interface Results {
  date: string
  node: string
  machine: string
  rounds: number
  secondsPerSample: number
  /** Of a fixed piece of work before each sample, slowest to fastest: how much the machine itself moved. */
  machineNoise: number
  variants: VariantResults[]
}

export interface VariantResults {
  name: string
  startMs: number[]
  /** Pages a second, by round; empty when it wasn't asked for. */
  held: number[]
  samples: { part: Part; visitsPerSecond: number; sample: Sample }[]
}

export type Figure = Exclude<keyof Sample, 'failed'>

export function figures({ samples }: VariantResults, part: Part, visitsPerSecond: number, figure: Figure): number[] {
  return samples
    .filter((each) => each.part === part && each.visitsPerSecond === visitsPerSecond)
    .map(({ sample }) => sample[figure])
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The median, with the least and the greatest. */
export function spread(values: readonly number[], digits: number): string {
  if (values.length === 0) return ''
  const [least, greatest] = [Math.min(...values), Math.max(...values)]
  const range = values.length > 1 ? ` (${least.toFixed(digits)}–${greatest.toFixed(digits)})` : ''
  return `${median(values).toFixed(digits)}${range}`
}

const TITLES: Record<Part, string> = {
  page: 'Pages over HTTP: what a customer waits for',
  calls: 'The calls of a page alone: components and what is between them, without HTTP and HTML',
}

/** A table a part and rate; ratios against `base`, the variant that people have today. */
export function tables(results: Results, base: string): string {
  const parts = [...new Set(results.variants.flatMap(({ samples }) => samples.map(({ part }) => part)))]
  const sections = parts.flatMap((part) => {
    const rates = new Set(
      results.variants.flatMap(({ samples }) =>
        samples.filter((each) => each.part === part).map(({ visitsPerSecond }) => visitsPerSecond),
      ),
    )
    return [...rates].map(
      (rate) => `**${TITLES[part]}**, ${rate} visits a second\n\n${table(results, base, part, rate)}`,
    )
  })
  return [...sections, totals(results)].join('\n\n')
}

/** Rounds of another run, of the same variants on the same machine. */
export function added(before: Results, more: Results): Results {
  const variants = more.variants.map((variant) => {
    const old = before.variants.find(({ name }) => name === variant.name)
    if (old === undefined) return variant
    return {
      name: variant.name,
      startMs: [...old.startMs, ...variant.startMs],
      held: [...old.held, ...variant.held],
      samples: [...old.samples, ...variant.samples],
    }
  })
  const others = before.variants.filter(({ name }) => !more.variants.some((variant) => variant.name === name))
  return {
    ...more,
    rounds: before.rounds + more.rounds,
    machineNoise: Math.max(before.machineNoise, more.machineNoise),
    variants: [...others, ...variants],
  }
}

/** For people who want one table: both parts at one rate. */
export function short(results: Results, base: string, rate: number): string {
  const parts: Part[] = ['page', 'calls']
  const figureOf = (variant: VariantResults, part: Part, figure: Figure) => figures(variant, part, rate, figure)
  const reference = results.variants.find(({ name }) => name === base)
  const cell = (variant: VariantResults, part: Part, figure: Figure) => {
    const values = figureOf(variant, part, figure)
    if (values.length === 0) return ''
    const times = reference ? median(figureOf(reference, part, figure)) / median(values) : Number.NaN
    return `${median(values).toFixed(2)}${variant === reference || Number.isNaN(times) ? '' : ` (${times.toFixed(1)} ×)`}`
  }
  const head = ['', 'page: median ms', 'page: CPU ms', 'its calls: median ms', 'its calls: CPU ms']
  const rows = results.variants.map((variant) => [
    variant.name,
    ...parts.flatMap((part) => (['p50Ms', 'cpuMs'] as const).map((figure) => cell(variant, part, figure))),
  ])
  return `## What it costs\n\nThe same shop, the same classes and pages, as microservices and as one program ([bench/](bench/README.md) has what was measured, how, and with which settings):\n\n${markdown(head, rows)}\n\n${results.date}, ${results.machine}, Node ${results.node}: medians of ${results.rounds} interleaved rounds at ${rate} visits a second; in brackets, how many times less than ${base}.`
}

function table(results: Results, base: string, part: Part, rate: number): string {
  const bytes = part === 'calls'
  const head = [
    'variant',
    'p50 ms',
    'p90 ms',
    'p99 ms',
    'CPU ms a page',
    'latency',
    'CPU',
    ...(bytes ? ['bytes a page'] : []),
  ]
  const of = (variant: VariantResults, figure: Figure) => figures(variant, part, rate, figure)
  const reference = results.variants.find(({ name }) => name === base)
  const times = (variant: VariantResults, figure: Figure) =>
    reference ? `${(median(of(reference, figure)) / median(of(variant, figure))).toFixed(1)} ×` : ''
  const rows = results.variants.map((variant) => [
    variant.name,
    spread(of(variant, 'p50Ms'), 2),
    spread(of(variant, 'p90Ms'), 2),
    spread(of(variant, 'p99Ms'), 1),
    spread(of(variant, 'cpuMs'), 2),
    times(variant, 'p50Ms'),
    times(variant, 'cpuMs'),
    ...(bytes ? [median(of(variant, 'bytes')).toFixed(0)] : []),
  ])
  return markdown(head, rows)
}

function totals({ variants }: Results): string {
  const held = variants.some((variant) => variant.held.length > 0)
  const head = [
    'variant',
    ...(held ? ['pages/s held with p99 < 50 ms'] : []),
    'memory of all processes, MiB',
    'start-up, s',
  ]
  const rows = variants.map((variant) => [
    variant.name,
    ...(held ? [spread(variant.held, 0)] : []),
    median(variant.samples.map(({ sample }) => sample.memoryMiB)).toFixed(0),
    spread(
      variant.startMs.map((ms) => ms / 1000),
      1,
    ),
  ])
  return markdown(head, rows)
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const align = head.map((_, index) => (index === 0 ? '---' : '---:'))
  return [head, align, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Puts `text` between the page's markers `<!-- NAME -->` and `<!-- /NAME -->`. */
export function writeBetween(file: string, name: string, text: string): void {
  const page = readFileSync(file, 'utf8')
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [page.indexOf(open), page.indexOf(close)]
  if (from < 0 || to < from) throw new Error(`${file} has no ${open} followed by ${close}.`)
  writeFileSync(file, `${page.slice(0, from + open.length)}\n${text}\n${page.slice(to)}`)
}
