/**
 * The shop that places itself. It begins apart, with customers, until it has tried nothing for a while or the time is over; later starts begin
 * where the first had settled, as a shop does that was open yesterday, and it goes on deciding. So what it costs to find a placement is in no figure, but
 * what it costs to keep looking is.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { groupsOf } from './placed.ts'
import type { Part, Running, Variant } from './variants.ts'

/** Longer than from one trial to the next one: a plan, moves, settling, measuring. */
const QUIET_MS = 40_000
const SETTLED_MS_MAX = 240_000

export function automatic(name: string, start: (part: Part, flags: readonly string[]) => Promise<Running>): Variant {
  const placements = new Map<Part, string>()
  return {
    name,
    start: (part) => start(part, ['--placement', placements.get(part) ?? 'apart', '--auto']),
    async warmUp(part, running, load) {
      await load()
      if (placements.has(part)) return
      const untilMs = performance.now() + SETTLED_MS_MAX
      let [tried, triedMs] = [0, performance.now()]
      while (performance.now() < Math.min(untilMs, triedMs + QUIET_MS)) {
        await load()
        const trials = running.events.filter(({ type }) => type === 'trial').length
        if (trials > tried) [tried, triedMs] = [trials, performance.now()]
      }
      const groups = groupsOf(running.events)
      console.error(`${name}, ${part}: settled after ${tried} events of trials as ${JSON.stringify(groups)}`)
      const file = join(mkdtempSync(join(tmpdir(), 'weave-bench-')), 'placement.json')
      writeFileSync(file, JSON.stringify({ groups }))
      placements.set(part, file)
    },
  }
}
