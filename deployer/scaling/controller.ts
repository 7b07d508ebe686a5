/**
 * How many replicas a group should have, from how busy their event loops are and how many calls are made to them. In: once a second, what is seen of the
 * group. Out: a decision with its reason, and what to remember until the next look. A pure function.
 *
 * Loops that are busy say that more is needed, and not how much. Calls do: what is made to the group in a second, wherever it waits, against what has come to
 * run there, times how busy that has made the loops, is the work that comes, in replicas (demand.ts). Where it is known, replicas are added for it at once, and
 * none for what has piled up while there were too few: that is worked off by those that the work that comes will need anyway, and nobody knows how much it is,
 * since most of it waits where callers are. Where it is not, as when callers wait for their answers and so make as many calls as run, what is asked
 * for is what would keep up if there were no more; the next look asks again. In between, from 50 to 80 %, nothing changes: what a replica less would make of
 * the load is further from the upper bound than load wavers.
 */
import type { ReplicaRange } from '../../runtime/config/configuration.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import { comingTo, type Look } from './demand.ts'

const { scaleOutBusy, scaleOutBusyMin, scaleInBusy, scaleToBusy, scaleOutSeconds, scaleInSeconds, scaleSpareCores } =
  DEPLOYER_LIMITS

/** So many times as long as there were too few replicas, what has piled up meanwhile keeps them busy: 1.5 times at 60 %, more where numbers are small. */
const PATIENCE = 2

/** While it does, as many calls are made as run, give or take what is counted in another second: so many times as many are more. */
const MORE = 1.25

export interface Seen {
  range: ReplicaRange
  /** That are wanted. */
  replicas: number
  /** All of them are ready, and nothing else of the group runs. */
  settled: boolean
  /** Of each: share of the last second in which its event loop was busy. */
  busy: readonly number[]
  /** Calls that were made to the group in a second, and those that have come to run there. */
  made: number
  begun: number
  /** Of the machine, that nobody uses. */
  spareCores: number
}

export interface Remembered {
  /** The youngest last; only since the number of replicas was last another one. */
  looks: readonly Look[]
  /** There were too few replicas for so long until these were added for the work that comes; counted until they are there. */
  pilingSeconds: number
  /** What has piled up may keep them busy for so long from now on. */
  patience: number
}

export const NOTHING: Remembered = { looks: [], pilingSeconds: 0, patience: 0 }

export interface Decision {
  remembered: Remembered
  /** Undefined: as many as there are. */
  to: number | undefined
  /** Of a change; or why there is none where there should be one; else empty. */
  why: string
}

export function decide(before: Remembered, seen: Seen): Decision {
  const { range, replicas, settled, busy, made, begun } = seen
  if (replicas < range.min) return change(range.min, `weave.config.ts asks for ${range.min} at least`)
  if (!settled || busy.length === 0)
    return stay({ ...NOTHING, pilingSeconds: before.pilingSeconds === 0 ? 0 : before.pilingSeconds + 1 })
  const look = { busy: mean(busy), replicas: busy.length, made, begun }
  const looks = [...before.looks, look].slice(-scaleInSeconds)
  const patience = before.pilingSeconds > 0 ? PATIENCE * before.pilingSeconds : Math.max(before.patience - 1, 0)
  const remembered = { looks, pilingSeconds: 0, patience }
  if (isBusy(looks)) return outward(remembered, seen)
  const least = Math.max(range.min, 1)
  const calm = worst(looks)
  const isIdle = looks.length >= scaleInSeconds && replicas > least && (calm * replicas) / (replicas - 1) <= scaleInBusy
  if (!isIdle) return stay(remembered)
  const enough = Math.ceil((replicas * calm) / scaleToBusy)
  const to = Math.max(least, enough, Math.ceil(replicas / 2))
  return change(to, `loop at most ${percent(calm)} busy for ${scaleInSeconds} s`)
}

/** For the last seconds, without a pause. */
function isBusy(looks: readonly Look[]): boolean {
  const lately = looks.slice(-scaleOutSeconds)
  return (
    lately.length === scaleOutSeconds &&
    meanBusy(lately) >= scaleOutBusy &&
    lately.every(({ busy }) => busy >= scaleOutBusyMin)
  )
}

/** Of as many seconds as make a group busy. */
function worst(looks: readonly Look[]): number {
  const spans = looks
    .slice(scaleOutSeconds - 1)
    .map((_, first) => meanBusy(looks.slice(first, first + scaleOutSeconds)))
  return Math.max(0, ...spans)
}

function outward(remembered: Remembered, { range, replicas, spareCores }: Seen): Decision {
  const { looks, patience } = remembered
  const busy = meanBusy(looks.slice(-scaleOutSeconds))
  const seconds = looks.length - 1 - looks.findLastIndex((look) => look.busy < scaleOutBusyMin)
  const why = `loop ${percent(busy)} busy for ${seconds} s`
  const held = (because: string): Decision => stay(remembered, `${why}; ${because}`)
  const coming = comingTo(looks)
  const isMore = coming !== undefined && coming >= replicas * (patience > 0 ? MORE : scaleOutBusy)
  if (!isMore && (coming !== undefined || patience > 0)) return held('what has piled up is being worked off')
  if (replicas >= range.max) return held(`${range.max} is the most that it may have`)
  if (spareCores < scaleSpareCores) return held('the machine has no core to spare for another')
  if (coming === undefined) {
    const enough = Math.ceil((replicas * busy) / scaleToBusy)
    return change(Math.min(Math.max(enough, replicas + 1), replicas * 2, range.max), why)
  }
  const enough = Math.max(Math.ceil(coming / scaleToBusy), replicas + 1)
  const room = replicas + Math.max(1, Math.floor(spareCores))
  return change(Math.min(enough, room, range.max), `${why}, and work comes for ${coming.toFixed(1)}`, seconds)
}

function stay(remembered: Remembered, why = ''): Decision {
  return { remembered, to: undefined, why }
}

function change(to: number, why: string, pilingSeconds = 0): Decision {
  return { remembered: { ...NOTHING, pilingSeconds }, to, why }
}

function meanBusy(looks: readonly Look[]): number {
  return mean(looks.map(({ busy }) => busy))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
