/**
 * What a generated stub does with the call that is due to be looked at (edge-counts.ts): it is made like any other, and beside that timed,
 * now and then measured for its length, and noted where its caller is a call that is recorded (recorder.ts). Some 200 ns.
 */
import { contextStorage, NO_CONTEXT } from '../context.ts'
import type { Target } from '../stub.ts'
import type { EdgeCounts } from './edge-counts.ts'
import type { Child, Recording } from './recorder.ts'

/** What is known of the call while it is under way. */
interface Look {
  readonly method: number
  readonly stoodFor: number
  /** The call, among those of the one that makes it. */
  readonly child: Child | undefined
  /** What is recorded of the call itself. */
  readonly recording: Recording | undefined
  /** Bytes of its arguments, where it is its turn and it stays in the process. */
  readonly requestBytes: number | undefined
  isRemote: boolean
  begun: number
}

export function look(edge: EdgeCounts, target: Target, method: number, args: never[]): Promise<unknown> {
  const { isLocal, observer, methods } = edge
  const { name } = methods[method]!
  const now = edge.now()
  const outer = contextStorage.getStore()
  const sizes = isLocal && observer?.sizes.isDue(now) ? observer.sizes : undefined
  const looked: Look = {
    method,
    stoodFor: edge.look(method, now),
    child: outer?.recording?.child(edge.caller, edge.callee, name),
    recording: isLocal ? observer?.recorder.begin(edge.callee, name) : undefined,
    requestBytes: sizes?.request(methods[method]!, args),
    isRemote: false,
    begun: now,
  }
  const remote = edge.remote(method)
  looked.begun = edge.now()
  looked.child?.begin(looked.begun)
  let call: Promise<unknown>
  try {
    call =
      looked.recording === undefined
        ? target[name]!(...args)
        : contextStorage.run((outer ?? NO_CONTEXT).recorded(looked.recording), invoke, target, name, args)
  } catch (thrown) {
    ended(edge, looked, true)
    throw thrown
  }
  looked.isRemote = edge.remote(method) !== remote
  return watched(edge, looked, call)
}

function invoke(target: Target, name: string, args: never[]): Promise<unknown> {
  return target[name]!(...args)
}

async function watched(edge: EdgeCounts, looked: Look, call: Promise<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await call
  } catch (thrown) {
    ended(edge, looked, true)
    throw thrown
  }
  ended(edge, looked, false)
  const { method, requestBytes } = looked
  const sizes = requestBytes === undefined ? undefined : edge.observer?.sizes
  const replyBytes = sizes?.reply(edge.methods[method]!, value)
  if (requestBytes !== undefined && replyBytes !== undefined) edge.sized(method, requestBytes, replyBytes)
  return value
}

function ended(edge: EdgeCounts, { method, begun, child, recording, stoodFor, isRemote }: Look, failed: boolean): void {
  const now = edge.now()
  edge.timed(method, (now - begun) * 1e6)
  child?.end(now)
  recording?.end()
  if (failed && !isRemote) edge.failedOf(method, stoodFor)
}
