/**
 * Runs a served method in its call's context, and nothing else in it. Hot path: once for each call that is served (bench/rpc.bench.ts).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type CallContext, contextStorage } from './context.ts'

export type Implementation = Record<string, (...args: unknown[]) => unknown>

/** `AsyncLocalStorage.snapshot()`: what else the method may see, and what is current again when it has returned. */
export type Outside = <T, Args extends unknown[]>(work: (...args: Args) => T, ...args: Args) => T

type CallIn = (outside: Outside, context: CallContext, target: Implementation, name: string, args: unknown[]) => unknown

/**
 * As `contextStorage.run` outside, which makes a frame for what follows too: half of what it costs. Leaving by a snapshot costs nothing, where frames
 * are values (AsyncContextFrame, since Node 24); where stores belong to resources, the snapshot's would keep what was entered.
 */
export const callIn: CallIn = snapshotsStayClean()
  ? (outside, context, target, name, args) => outside(enter, context, target, name, args)
  : (_outside, context, target, name, args) => contextStorage.run(context, call, target, name, args)

function enter(context: CallContext, target: Implementation, name: string, args: unknown[]): unknown {
  contextStorage.enterWith(context)
  return target[name]!(...args)
}

function call(target: Implementation, name: string, args: unknown[]): unknown {
  return target[name]!(...args)
}

function snapshotsStayClean(): boolean {
  const storage = new AsyncLocalStorage<boolean>()
  const snapshot = AsyncLocalStorage.snapshot()
  snapshot(() => storage.enterWith(true))
  return snapshot(() => storage.getStore()) === undefined
}
