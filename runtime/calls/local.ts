/**
 * What generated `Local` classes need for a call inside this process, besides the copies: the deadline of `@timeout`, and the
 * refusal of a call whose deadline has passed, in the words of a remote one (caller.ts).
 * Hot path: `isLate` (bench/call.bench.ts).
 */
import { systemClock } from '../clock.ts'
import { contextStorage, enforceDeadline } from '../context.ts'
import { type Edge, WeaveError } from '../errors.ts'
import { shortName } from '../names.ts'

/** Whether the code that asks runs under a deadline that has ended; whoever's timer ended it has marked the context, so no clock is read. */
export function isLate(): boolean {
  const context = contextStorage.getStore()
  return context !== undefined && context.deadline === Number.NEGATIVE_INFINITY
}

/** What a call gives when `isLate` says so; nothing has run. `caller` is known where a linker has made the target. */
export function late(caller: string | undefined, component: string, method: string): Promise<never> {
  const from = contextStorage.getStore()?.deadlineFrom
  const text = `${shortName(component)}.${method} was not called: the deadline had passed; it came from ${from}.`
  const edge = edgeOf(caller, component, method)
  return Promise.reject(new WeaveError(text, { code: 'WV_DEADLINE', edge, executed: 'no' }))
}

/** Runs a co-located call under its `@timeout`, as a remote one would: `WV_DEADLINE` when it passes, for the calls it makes too. */
export function timed<T>(
  ms: number,
  component: string,
  method: string,
  run: () => Promise<T>,
  caller?: string,
): Promise<T> {
  const subject = `${shortName(component)}.${method}`
  const edge = edgeOf(caller, component, method)
  return enforceDeadline({ clock: systemClock, ms, from: '@timeout', subject, edge }, run)
}

function edgeOf(caller: string | undefined, callee: string, method: string): Edge | undefined {
  return caller === undefined ? undefined : { caller, callee, method }
}

/** What methods of a component do for which the transformer has reported an error. */
export function broken(diagnostic: string): Promise<never> {
  return Promise.reject(new WeaveError(diagnostic, { code: 'WV_UNTRANSFORMED', executed: 'no' }))
}
