/**
 * Which blocks of our own code have run, as V8 counts them (block coverage of the inspector, in this very process). In go the sources
 * to watch, out come the blocks that ran since it was asked last, as numbers that stay the same for one process.
 *
 * V8 tells a block apart only while its count differs from that of the block around it. So each range that was ever told is
 * remembered, and what a later answer says of it is what it says of the smallest range that holds it.
 */
import { type Profiler, Session } from 'node:inspector'

export class Coverage {
  readonly #session = new Session()
  readonly #watched: (url: string) => boolean
  /** By script, name and place. The watched sources bound it. */
  readonly #functions = new Map<string, Block[]>()
  #blocks = 0

  constructor(watched: (url: string) => boolean) {
    this.#watched = watched
    this.#session.connect()
    this.#session.post('Profiler.enable')
    // With counts: they begin anew at each `take`, so a block is told again whenever it has run again.
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Costs milliseconds, so it is asked once a batch of inputs. */
  take(): number[] {
    let result: readonly Profiler.ScriptCoverage[] = []
    // In one process the answer is there before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error) throw error
      result = taken.result
    })
    const ran: number[] = []
    for (const { url, functions } of result)
      if (this.#watched(url)) for (const each of functions) this.#ran(url, each, ran)
    return ran
  }

  #ran(url: string, { functionName, ranges }: Profiler.FunctionCoverage, ran: number[]): void {
    const whole = ranges[0]
    if (whole === undefined || whole.count === 0) return
    const key = `${url} ${functionName} ${whole.startOffset}`
    const blocks = this.#functions.get(key) ?? []
    this.#functions.set(key, blocks)
    for (const { startOffset: start, endOffset: end } of ranges)
      if (!blocks.some((block) => block.start === start && block.end === end))
        blocks.push({ start, end, number: this.#blocks++ })
    for (const block of blocks) {
      // Ranges come outer first, so the last one that holds a block is the smallest.
      const around = ranges.findLast(
        ({ startOffset, endOffset }) => startOffset <= block.start && block.end <= endOffset,
      )
      if (around !== undefined && around.count > 0) ran.push(block.number)
    }
  }

  stop(): void {
    this.#session.disconnect()
  }
}

interface Block {
  readonly start: number
  readonly end: number
  readonly number: number
}
