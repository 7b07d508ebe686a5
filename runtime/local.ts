/** What generated `Local` classes need for a call inside this process, besides the copies: the deadline of `@timeout`. */
import { systemClock } from './clock.ts'
import { enforceDeadline } from './context.ts'
import { WeaveError } from './errors.ts'
import { shortName } from './names.ts'

/** Runs a co-located call under its `@timeout`, as a remote one would: `WV_DEADLINE` when it passes, for the calls it makes too. */
export function timed<T>(ms: number, component: string, method: string, run: () => Promise<T>): Promise<T> {
  return enforceDeadline(
    { clock: systemClock, ms, from: '@timeout', subject: `${shortName(component)}.${method}` },
    run,
  )
}

/** What methods of a component do for which the transformer has reported an error. */
export function broken(diagnostic: string): Promise<never> {
  return Promise.reject(new WeaveError(diagnostic, { code: 'WV_UNTRANSFORMED', executed: 'no' }))
}
