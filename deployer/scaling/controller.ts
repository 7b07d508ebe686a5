/**
 * How many replicas a group should have, from how busy their event loops are. In: once a second, what is seen of the group. Out: a decision with its
 * reason, and what to remember until the next look. A pure function.
 *
 * A loop that is busy all the time says nothing of how much more there is to do, so what is asked for then is what would keep up if
 * there were no more; the next look asks again. That errs on the side of too few, never of too many. In between, from 50 to 80 %, nothing changes: what a
 * replica less would make of the load is further from the upper bound than load wavers.
 */
import type { ReplicaRange } from '../../runtime/configuration.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'

const { scaleOutBusy, scaleOutBusyMin, scaleInBusy, scaleToBusy, scaleOutSeconds, scaleInSeconds, scaleSpareCores } =
  DEPLOYER_LIMITS

export interface Seen {
  range: ReplicaRange
  /** That are wanted. */
  replicas: number
  /** All of them are ready, and nothing else of the group runs. */
  settled: boolean
  /** Of each: share of the last second in which its event loop was busy. */
  busy: readonly number[]
  /** Of the machine, that nobody uses. */
  spareCores: number
}

/** What earlier looks have found: mean of the replicas, the youngest last; only since the number of replicas was last another one. */
export type Remembered = readonly number[]

export interface Decision {
  remembered: Remembered
  /** Undefined: as many as there are. */
  to: number | undefined
  /** Of a change; or why there is none where there should be one; else empty. */
  why: string
}

export function decide(remembered: Remembered, seen: Seen): Decision {
  const { range, replicas, settled, busy } = seen
  if (replicas < range.min) return change(range.min, `weave.config.ts asks for ${range.min} at least`)
  if (!settled || busy.length === 0) return { remembered: [], to: undefined, why: '' }
  const all = [...remembered, mean(busy)].slice(-scaleInSeconds)
  if (isBusy(all)) return outward(all, seen)
  const least = Math.max(range.min, 1)
  const calm = worst(all)
  const isIdle = all.length >= scaleInSeconds && replicas > least && (calm * replicas) / (replicas - 1) <= scaleInBusy
  if (!isIdle) return { remembered: all, to: undefined, why: '' }
  const enough = Math.ceil((replicas * calm) / scaleToBusy)
  const to = Math.max(least, enough, Math.ceil(replicas / 2))
  return change(to, `loop at most ${percent(calm)} busy for ${scaleInSeconds} s`)
}

/** For the last seconds, without a pause. */
function isBusy(all: Remembered): boolean {
  const lately = all.slice(-scaleOutSeconds)
  return (
    lately.length === scaleOutSeconds && mean(lately) >= scaleOutBusy && lately.every((each) => each >= scaleOutBusyMin)
  )
}

/** Of as many seconds as make a group busy. */
function worst(all: Remembered): number {
  const spans = all.slice(scaleOutSeconds - 1).map((_, first) => mean(all.slice(first, first + scaleOutSeconds)))
  return Math.max(0, ...spans)
}

function outward(remembered: Remembered, { range, replicas, spareCores }: Seen): Decision {
  const busy = mean(remembered.slice(-scaleOutSeconds))
  const calm = remembered.findLastIndex((each) => each < scaleOutBusyMin)
  const why = `loop ${percent(busy)} busy for ${remembered.length - 1 - calm} s`
  const held = (because: string): Decision => ({ remembered, to: undefined, why: `${why}; ${because}` })
  if (replicas >= range.max) return held(`${range.max} is the most that it may have`)
  if (spareCores < scaleSpareCores) return held('the machine has no core to spare for another')
  const enough = Math.ceil((replicas * busy) / scaleToBusy)
  return change(Math.min(Math.max(enough, replicas + 1), replicas * 2, range.max), why)
}

function change(to: number, why: string): Decision {
  return { remembered: [], to, why }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
