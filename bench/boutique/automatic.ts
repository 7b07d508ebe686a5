/**
 * The shop that places itself. It begins apart, with customers, until it has tried nothing for a while or the time is over; later starts begin where it had
 * settled, as a shop does that was open yesterday, and it goes on deciding. So what it costs to find a placement is told by itself, and what it costs to keep
 * looking is in every figure.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuEverMs } from './kernel.ts'
import { load } from './measure.ts'
import { groupsOf } from './placed.ts'
import type { Settled } from './results.ts'
import type { Part, Running, Variant } from './variants.ts'

const VISITS_PER_SECOND = 60
const LOOK_SECONDS = 5
/** Longer than from one trial to the next one: a plan, moves, settling, measuring. */
const QUIET_SECONDS = 40
const SECONDS_MAX = 240

export function automatic(name: string, start: (part: Part, flags: readonly string[]) => Promise<Running>): Variant {
  return {
    name,
    start: (part, groups) => start(part, ['--placement', groups ? fileOf(groups) : 'apart', '--auto']),
    settle,
  }
}

async function settle(running: Running): Promise<Settled> {
  const [deployer] = running.pids()
  const begunMs = cpuEverMs(deployer!)
  let pages = 0
  let events = 0
  /** As it was when the last trial ended, or none had begun. */
  let settled = { seconds: 0, pages: 0, cpuMs: 0 }
  for (let seconds = 0; seconds < Math.min(SECONDS_MAX, settled.seconds + QUIET_SECONDS); ) {
    const { total } = await load(running, VISITS_PER_SECOND, LOOK_SECONDS)
    seconds += LOOK_SECONDS
    pages += total.count
    const found = running.events.filter(({ type }) => type === 'trial').length
    if (found > events) settled = { seconds, pages, cpuMs: cpuEverMs(deployer!) - begunMs }
    events = found
  }
  const trials = new Set(running.events.flatMap((event) => (event.type === 'trial' ? [event.id] : []))).size
  return { groups: groupsOf(running.events), seconds: settled.seconds, trials, cpuMs: settled.cpuMs / settled.pages }
}

function fileOf(groups: readonly (readonly string[])[]): string {
  const file = join(mkdtempSync(join(tmpdir(), 'weave-bench-')), 'placement.json')
  writeFileSync(file, JSON.stringify({ groups }))
  return file
}
