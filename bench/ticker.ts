/**
 * The component that bench/streams.bench.ts calls, as the transformer describes and generates it: the same items as a stream and as an array,
 * as a result (`watch`, `list`) and as a parameter (`absorb`, `take`).
 */
import type { AppDescriptor } from '../runtime/boundary.ts'
import type { Shape } from '../runtime/shape.ts'
import type { AppModel, Method } from '../transformer/model.ts'
import { descriptorOf } from './descriptor.ts'

export const TICKER = 'src/ticker.Ticker'

export interface Tick {
  id: number
  text: string
}

export interface Ticker {
  absorb(ticks: AsyncIterable<Tick>): Promise<number>
  list(count: number, length: number): Promise<Tick[]>
  take(ticks: Tick[]): Promise<number>
  watch(count: number, length: number): AsyncIterable<Tick>
}

const texts = new Map<number, string>()

/** One text for all of a length: what is measured isn't how it is made. */
function textOf(length: number): string {
  const text = texts.get(length) ?? 'x'.repeat(length)
  texts.set(length, text)
  return text
}

export async function* ticksOf(count: number, length: number): AsyncGenerator<Tick> {
  const text = textOf(length)
  for (let id = 0; id < count; id++) yield { id, text }
}

export function listOf(count: number, length: number): Tick[] {
  const text = textOf(length)
  return Array.from({ length: count }, (_, id) => ({ id, text }))
}

export class BenchTicker implements Ticker {
  async absorb(ticks: AsyncIterable<Tick>): Promise<number> {
    let count = 0
    for await (const _ of ticks) count++
    return count
  }

  async list(count: number, length: number): Promise<Tick[]> {
    return listOf(count, length)
  }

  async take(ticks: Tick[]): Promise<number> {
    return ticks.length
  }

  watch(count: number, length: number): AsyncIterable<Tick> {
    return ticksOf(count, length)
  }
}

const NUMBER: Shape = { kind: 'number' }
const TICK: Shape = { kind: 'ref', name: 'Tick' }
const TICKS: Shape = { kind: 'array', of: TICK }
const STREAM: Shape = { kind: 'stream', of: TICK }

function method(name: string, parameters: Record<string, Shape>, result: Shape, more: Partial<Method> = {}): Method {
  const list = Object.entries(parameters).map(([parameter, shape]) => ({
    name: parameter,
    shape,
    optional: false,
    rest: false,
  }))
  return {
    name,
    parameters: list,
    result,
    idempotent: false,
    timeoutMs: undefined,
    key: undefined,
    hash: name,
    ...more,
  }
}

const model: AppModel = {
  components: [
    {
      name: TICKER,
      shortName: 'Ticker',
      declaration: { file: 'src/ticker.ts', start: 0, end: 0 },
      methods: [
        method('absorb', { ticks: STREAM }, NUMBER),
        method('list', { count: NUMBER, length: NUMBER }, TICKS),
        method('take', { ticks: TICKS }, NUMBER),
        method('watch', { count: NUMBER, length: NUMBER }, STREAM, { directStream: true }),
      ],
      implementation: undefined,
      provided: true,
      broken: undefined,
    },
  ],
  apps: [],
  codecs: [],
  errors: [],
  rewrites: [],
  definitions: {
    Tick: {
      kind: 'object',
      members: [
        { name: 'id', shape: NUMBER },
        { name: 'text', shape: { kind: 'string' } },
      ],
    },
  },
}

export const tickerDescriptor = (): Promise<AppDescriptor> => descriptorOf(model, BenchTicker)
