/**
 * Runs a served method in its call's context, and nothing else in it. Hot path: once for each call that is served (bench/rpc.bench.ts).
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { type CallContext, contextStorage } from '../context.ts'

export type Implementation = Record<string, (...args: unknown[]) => unknown>

type CallIn = (
  outside: AsyncResource,
  context: CallContext,
  target: Implementation,
  name: string,
  args: unknown[],
) => unknown

/**
 * `outside` is what else the method may see, and what is current again when it has returned. As `contextStorage.run` in it, which makes a frame for what
 * follows too: leaving a resource's scope costs nothing, where frames are values (AsyncContextFrame, since Node 24); where stores belong to resources,
 * this one would keep what was entered. Not `AsyncLocalStorage.snapshot()`, which is such a scope behind a shift of its arguments: 560 ns a call, and 140 without.
 */
export const callIn: CallIn = resourcesStayClean()
  ? (outside, context, target, name, args) => outside.runInAsyncScope(enter, target, context, name, args)
  : (_outside, context, target, name, args) => contextStorage.run(context, call, target, name, args)

type RunIn = <T>(outside: AsyncResource, context: CallContext, work: () => T) => T

/** The same for code of the user's that goes on in a call which has begun. */
export const runIn: RunIn = resourcesStayClean()
  ? (outside, context, work) => outside.runInAsyncScope(enterWork<ReturnType<typeof work>>, undefined, context, work)
  : (outside, context, work) => outside.runInAsyncScope(() => contextStorage.run(context, work))

/**
 * Code of the user's that is given to this sees what is current now. As `AsyncLocalStorage.snapshot()`, which takes a hundred times as long: its function
 * gets accessors that warn of their deprecation, made anew each time.
 */
export function keepCurrent(): <T>(work: () => T) => T {
  const current = new AsyncResource('weavets')
  return (work) => current.runInAsyncScope(work)
}

function enterWork<T>(context: CallContext, work: () => T): T {
  contextStorage.enterWith(context)
  return work()
}

function enter(this: Implementation, context: CallContext, name: string, args: unknown[]): unknown {
  contextStorage.enterWith(context)
  return this[name]!(...args)
}

function call(target: Implementation, name: string, args: unknown[]): unknown {
  return target[name]!(...args)
}

function resourcesStayClean(): boolean {
  const storage = new AsyncLocalStorage<boolean>()
  const resource = new AsyncResource('weavets')
  resource.runInAsyncScope(() => storage.enterWith(true))
  return resource.runInAsyncScope(() => storage.getStore()) === undefined
}
