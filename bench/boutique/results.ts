/** Samples to what is committed: JSON, tables in Markdown, and the table between the markers of a page. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Held, Sample } from './measure.ts'
import type { Part } from './variants.ts'

export interface Results {
  date: string
  node: string
  machine: string
  secondsPerSample: number
  /** Of a fixed piece of work before each sample, slowest to fastest: how much the machine itself moved. */
  machineNoise: number
  /** Where the shop that places itself did, by part. */
  settled: ({ part: Part } & Settled)[]
  variants: VariantResults[]
}

/** How a shop that places itself began, apart, and what that took. */
export interface Settled {
  groups: string[][]
  /** From its first customer to the end of its last trial. */
  seconds: number
  trials: number
  /** Of all processes, those that have ended included, for one page of that time. */
  cpuMs: number
}

export interface VariantResults {
  name: string
  /** By round, as the next two. */
  startMs: number[]
  memoryMiB: number[]
  held: Held[]
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
  const { date, node, machine, secondsPerSample, machineNoise, settled } = results
  const about = `${date}, Node ${node}, ${machine}; medians of ${roundsOf(results)} interleaved rounds of ${secondsPerSample} s (least–greatest); a fixed piece of work took up to ${machineNoise.toFixed(2)} × its shortest time between samples. Ratios: how many times less than ${base}.`
  const sections = (['page', 'calls'] as const).flatMap((part) => {
    const measured = results.variants.flatMap(({ samples }) => samples.filter((each) => each.part === part))
    return [...new Set(measured.map(({ visitsPerSecond }) => visitsPerSecond))].map(
      (rate) => `**${TITLES[part]}**, ${rate} visits a second\n\n${table(results, base, part, rate)}`,
    )
  })
  return [about, ...sections, ...totals(results), ...settled.map(settling)].join('\n\n')
}

function roundsOf({ variants }: Results): number {
  const counts = variants.flatMap(({ samples }) =>
    samples.map(
      (each) =>
        samples.filter((other) => other.part === each.part && other.visitsPerSecond === each.visitsPerSecond).length,
    ),
  )
  return Math.min(...counts)
}

function settling({ part, groups, seconds, trials, cpuMs }: Results['settled'][number]): string {
  return `*weave, auto* (${part}) began apart and settled in ${groups.length} ${groups.length === 1 ? 'process' : 'processes'} after ${trials} trials and ${seconds.toFixed(0)} s of customers, in which a page took ${cpuMs.toFixed(2)} ms of CPU, moves and planning included.`
}

/** Rounds of another run, of the same variants on the same machine. */
export function added(before: Results, more: Results): Results {
  const variants = more.variants.map((variant) => {
    const old = before.variants.find(({ name }) => name === variant.name)
    if (old === undefined) return variant
    return {
      name: variant.name,
      startMs: [...old.startMs, ...variant.startMs],
      memoryMiB: [...old.memoryMiB, ...variant.memoryMiB],
      held: [...old.held, ...variant.held],
      samples: [...old.samples, ...variant.samples],
    }
  })
  const others = before.variants.filter(({ name }) => !more.variants.some((variant) => variant.name === name))
  return {
    ...more,
    machineNoise: Math.max(before.machineNoise, more.machineNoise),
    variants: [...others, ...variants],
  }
}

const SHORT_TITLES: Record<Part, string[]> = {
  page: ['page: median ms', 'page: CPU ms'],
  calls: ['its calls: median ms', 'its calls: CPU ms'],
}

/** What the tables show of a millisecond; a median below that is none that could be divided by. */
const SHOWN_MS = 0.01

function timesLess(values: readonly number[], base: readonly number[]): string {
  const [less, more] = [median(values), median(base)]
  return less < SHOWN_MS ? `> ${Math.floor(more / SHOWN_MS)} ×` : `${(more / less).toFixed(1)} ×`
}

/** For people who want one table: both parts at one rate. */
export function short(results: Results, base: string, rate: number): string {
  const measured = results.variants.flatMap(({ samples }) => samples.map(({ part }) => part))
  const parts = (['page', 'calls'] as const).filter((part) => measured.includes(part))
  const figureOf = (variant: VariantResults, part: Part, figure: Figure) => figures(variant, part, rate, figure)
  const reference = results.variants.find(({ name }) => name === base)
  const cell = (variant: VariantResults, part: Part, figure: Figure) => {
    const values = figureOf(variant, part, figure)
    if (values.length === 0) return ''
    const isCompared = reference !== undefined && variant !== reference
    return `${median(values).toFixed(2)}${isCompared ? ` (${timesLess(values, figureOf(reference, part, figure))})` : ''}`
  }
  const head = ['', ...parts.flatMap((part) => SHORT_TITLES[part])]
  const rows = results.variants.map((variant) => [
    variant.name,
    ...parts.flatMap((part) => (['p50Ms', 'cpuMs'] as const).map((figure) => cell(variant, part, figure))),
  ])
  return `## What it costs\n\nThe same shop, the same classes and pages, as microservices and as one program ([bench/](bench/README.md) has what was measured, how, and with which settings):\n\n${markdown(head, rows)}\n\n${results.date}, ${results.machine}, Node ${results.node}: medians of ${roundsOf(results)} interleaved rounds at ${rate} visits a second; in brackets, how many times less than ${base}.`
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
    reference ? timesLess(of(variant, figure), of(reference, figure)) : ''
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

/** None when it wasn't measured. */
function totals({ variants }: Results): string[] {
  const columns: [title: string, digits: number, of: (variant: VariantResults) => number[]][] = [
    ['pages/s held with p99 < 50 ms', 0, ({ held }) => held.map(({ pagesPerSecond }) => pagesPerSecond)],
    ['memory of all processes, MiB', 0, ({ memoryMiB }) => memoryMiB],
    ['start-up, s', 1, ({ startMs }) => startMs.map((ms) => ms / 1000)],
  ]
  const measured = columns.filter(([, , of]) => variants.some((variant) => of(variant).length > 0))
  const head = ['variant', ...measured.map(([title]) => title)]
  const rows = variants.map((variant) => [
    variant.name,
    ...measured.map(([, digits, of]) => spread(of(variant), digits)),
  ])
  return measured.length > 0 ? [markdown(head, rows)] : []
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
