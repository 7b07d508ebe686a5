/**
 * How much work comes to a group, as opposed to how much it does. In: of each second, how busy loops were, the calls that were made and those that came to
 * run. Out: the work that comes, in replicas that it would keep busy; undefined where the calls don't say.
 *
 * They don't where as many are made as run while loops are busy all the time: then callers may be waiting for answers before they call again, and what they
 * would do with more replicas nobody knows. Those seconds are left out. Of the others the mean counts, with seconds in which hardly any calls came, so that a
 * burst every few seconds is not taken for work that stays.
 */
import { DEPLOYER_LIMITS } from '../limits.ts'

const { scaleOutBusy, scaleOutBusyMin, scaleOutSeconds } = DEPLOYER_LIMITS

/** So far from what runs is what callers have begun to pile up, or to work off: samples of two processes are of different seconds. */
const FLAT_SHARE = 0.25
/** Fewer calls a second say little. */
const CALLS_MIN = 20

/** What calls have told before that is of another load. */
const TELLING_SECONDS = 2 * scaleOutSeconds

/** Of one second. */
export interface Look {
  /** Mean of the replicas. */
  busy: number
  replicas: number
  /** Calls, to all of them. */
  made: number
  begun: number
}

/** In the time that loops have been busy for, and in that before in which callers had begun already to make more calls than run. */
export function comingTo(looks: readonly Look[]): number | undefined {
  const lately = looks.slice(-scaleOutSeconds)
  const begun = lately.reduce((sum, look) => sum + look.begun, 0)
  if (begun < CALLS_MIN * lately.length) return undefined
  // A loop that is blocked is known to be busy some seconds later only, so what a call takes is that of all these seconds.
  const perCall = lately.reduce((sum, { busy, replicas }) => sum + busy * replicas, 0) / begun
  const isCalm = ({ busy, replicas, made }: Look) => busy < scaleOutBusyMin && made * perCall < replicas * scaleOutBusy
  const run = looks.slice(looks.findLastIndex(isCalm) + 1).slice(-TELLING_SECONDS)
  const telling = run.filter((look) => !isFlat(look))
  const [more, less] = [telling.filter(isMore), telling.filter((look) => !isMore(look))]
  // In the last second before they make as many as run, callers have come to what they have under way at the most.
  const whole = more.filter((look) => !isFlat(run[run.indexOf(look) + 1]))
  const counted = [...less, ...(whole.length > 0 ? whole : more)]
  if (counted.length === 0) return undefined
  const made = counted.reduce((sum, look) => sum + look.made, 0) / counted.length
  // A second in which less is made than runs may be chance, and says nothing once it is over; several are not.
  const isLess = lately.reduce((sum, look) => sum + look.made, 0) < (1 - FLAT_SHARE / 2) * begun
  const isOver = made * lately.length < begun && isFlat(looks.at(-1)) && !isLess
  return isOver ? undefined : made * perCall
}

const isMore = ({ made, begun }: Look): boolean => made > begun

/** As many calls are made as run. */
function isFlat(look: Look | undefined): boolean {
  return look !== undefined && Math.abs(look.made - look.begun) < FLAT_SHARE * look.begun
}
