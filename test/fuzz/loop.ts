/**
 * A coverage-guided fuzz loop: mutate what is kept in batches, ask V8 after each which blocks have run, and keep the inputs that ran a
 * block which none had run before. In go a target, its corpus and a seed; out come what was kept and the first failure, made small.
 * The method is that of AFL (Zalewski, 2013), with block coverage in the place of edges.
 *
 * A failure is whatever a target throws: a target knows what its bytes may do, and throws when they did something else. An input that takes
 * unreasonably long, or makes the process much larger than itself, is one too.
 */
import type { Coverage } from './coverage.ts'
import { mutate, type Random } from './mutate.ts'

export interface Target {
  readonly name: string
  /** Valid inputs, from which everything begins. */
  readonly seeds: readonly Uint8Array[]
  readonly tokens: readonly Uint8Array[]
  /** Throws when the bytes did what bytes may not. */
  run(input: Uint8Array): void | Promise<void>
}

export interface Options {
  readonly coverage: Coverage
  readonly random: Random
  /** Kept by earlier runs. */
  readonly corpus: readonly Uint8Array[]
  /** It ends after so many inputs, or when `enough` says so. */
  readonly runsMax: number
  readonly enough?: () => boolean
}

export interface Failure {
  readonly input: Uint8Array
  readonly error: unknown
}

export interface Outcome {
  readonly runs: number
  readonly blocks: number
  /** Seeds and corpus that run something of their own, and what was found. */
  readonly kept: readonly Uint8Array[]
  readonly failure: Failure | undefined
}

/** `take` costs as much as some hundred inputs of a decoder. */
const BATCH = 256
/** CPU time of one input of at most 4 KiB: a hundred times what the largest takes, so a busy machine doesn't reach it. */
const CPU_MS_MAX = 2_000
/** What one batch may leave or hold at once. An input has 4 KiB; a decoder that believes a length makes gigabytes of one. */
const GROWTH_BYTES_MAX = 512 * 1024 * 1024
/** Attempts to make a failing input smaller. */
const SHRINKS_MAX = 2_000

export async function fuzz(target: Target, options: Options): Promise<Outcome> {
  const { coverage, random, corpus, runsMax, enough } = options
  const seen = new Set<number>()
  const kept: Uint8Array[] = []
  let runs = 0

  /** Runs the inputs; keeps those of them that reach something new, which are looked for by halves. */
  async function explore(inputs: readonly Uint8Array[]): Promise<Failure | undefined> {
    const failure = await runAll(target, inputs)
    runs += inputs.length
    const fresh = coverage.take().filter((block) => !seen.has(block))
    if (failure || fresh.length === 0) return failure
    if (inputs.length === 1) {
      for (const block of fresh) seen.add(block)
      kept.push(inputs[0]!)
      return undefined
    }
    const middle = inputs.length >> 1
    return (await explore(inputs.slice(0, middle))) ?? (await explore(inputs.slice(middle)))
  }

  coverage.take()
  let failure: Failure | undefined
  for (const input of [...target.seeds, ...corpus]) failure ??= await explore([input])
  while (!failure && runs < runsMax && !enough?.()) {
    const pool = { inputs: kept, tokens: target.tokens }
    const batch = Array.from({ length: BATCH }, () => mutate(chosen(kept, random), pool, random))
    failure = await explore(batch)
  }
  if (failure) failure = await shrunk(target, failure)
  return { runs, blocks: seen.size, kept, failure }
}

/** Late finds stand for deeper places, so half of the draws are from the newest quarter. */
function chosen(kept: readonly Uint8Array[], random: Random): Uint8Array {
  const from = random() < 0.5 ? Math.floor((kept.length * 3) / 4) : 0
  return kept[from + Math.floor(random() * (kept.length - from))] ?? new Uint8Array(1)
}

async function runAll(target: Target, inputs: readonly Uint8Array[]): Promise<Failure | undefined> {
  const before = memory()
  for (const input of inputs) {
    const started = process.cpuUsage()
    try {
      await target.run(input)
    } catch (error) {
      return { input, error }
    }
    const { user } = process.cpuUsage(started)
    if (user > CPU_MS_MAX * 1000) return { input, error: new Error(`It took ${Math.round(user / 1000)} ms of CPU.`) }
  }
  if (memory() - before < GROWTH_BYTES_MAX) return undefined
  for (const input of inputs) {
    const before = memory()
    await target.run(input)
    const growth = memory() - before
    if (growth > GROWTH_BYTES_MAX / 4) return { input, error: new Error(`It took ${growth} bytes of memory.`) }
  }
  return undefined
}

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Takes away halves, quarters … single bytes for as long as it fails in the same words. */
async function shrunk(target: Target, failure: Failure): Promise<Failure> {
  const words = String(failure.error).replaceAll(/\d+/g, '')
  let best = failure
  let left = SHRINKS_MAX
  for (let size = best.input.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < best.input.length && left > 0; left--) {
      const input = Buffer.concat([best.input.subarray(0, at), best.input.subarray(at + size)])
      const again = await runAll(target, [input])
      if (again && String(again.error).replaceAll(/\d+/g, '') === words) best = again
      else at += size
    }
  }
  return best
}
