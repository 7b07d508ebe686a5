/**
 * From times of methods to what a request of an entry point waits for. In: the call graph. Out, for each entry point: what a request takes
 * when no call leaves its process, and for each edge how many of a request's calls lie on its critical path, so that the latency of
 * another placement is that time plus what those calls take longer there.
 *
 * A method is visited `perCall × criticalShare` times for each critical visit of its caller. Callers are taken before callees, so one round
 * does unless methods call each other in a circle: then the next round has what came back, a geometric series, of which a millionth
 * of a request is the end, or `ROUNDS_MAX`.
 */
import type { CallGraph, EntryPoint } from './model.ts'

export interface CriticalPath {
  entry: EntryPoint
  /** Milliseconds, with all in one process that is idle. */
  ownMs: number
  calls: CriticalCalls[]
}

export interface CriticalCalls {
  caller: string
  callee: string
  method: string
  /** On the critical path of one request. */
  perRequest: number
}

/** Of a circle in which each call makes nine tenths of another one, a millionth is left after 131. */
const ROUNDS_MAX = 256
const NEGLIGIBLE = 1e-6

interface Method {
  component: string
  ownMs: number
  calls: Call[]
}

interface Call {
  callee: string
  method: string
  /** Number of the called method; −1 where its time isn't known. */
  target: number
  perVisit: number
}

export function criticalPaths(graph: CallGraph): CriticalPath[] {
  const numbers = new Map(graph.methods.map(({ component, method }, number) => [`${component} ${method}`, number]))
  const methods = graph.methods.map(({ component, ownMs, calls }): Method => {
    const critical = calls.filter(({ perCall, criticalShare }) => perCall * criticalShare > 0)
    return {
      component,
      ownMs,
      calls: critical.map(({ component: callee, method, perCall, criticalShare }) => ({
        callee,
        method,
        target: numbers.get(`${callee} ${method}`) ?? -1,
        perVisit: perCall * criticalShare,
      })),
    }
  })
  return graph.entries.map((entry) => {
    const start = numbers.get(`${entry.component} ${entry.method}`)
    return start === undefined ? { entry, ownMs: 0, calls: [] } : criticalPath(entry, methods, start)
  })
}

function criticalPath(entry: EntryPoint, methods: readonly Method[], start: number): CriticalPath {
  const order = callersFirst(methods, start)
  const visits = new Float64Array(methods.length)
  const pending = new Float64Array(methods.length)
  pending[start] = 1
  for (let round = 0, left = true; left && round < ROUNDS_MAX; round++) {
    left = false
    for (const number of order) {
      const now = pending[number]!
      if (now < NEGLIGIBLE) continue
      left = true
      visits[number]! += now
      pending[number] = 0
      for (const { target, perVisit } of methods[number]!.calls) if (target >= 0) pending[target]! += now * perVisit
    }
  }
  const calls = new Map<string, CriticalCalls>()
  let ownMs = 0
  for (const number of order) {
    const { component, ownMs: own, calls: made } = methods[number]!
    ownMs += visits[number]! * own
    for (const { callee, method, perVisit } of made) {
      const edge = `${component} ${callee} ${method}`
      const known = calls.get(edge)
      const perRequest = visits[number]! * perVisit
      if (known !== undefined) known.perRequest += perRequest
      else calls.set(edge, { caller: component, callee, method, perRequest })
    }
  }
  return { entry, ownMs, calls: [...calls.values()] }
}

/** What `start` reaches, each method before those that it calls, circles aside: a depth-first walk, backwards. */
function callersFirst(methods: readonly Method[], start: number): number[] {
  const finished: number[] = []
  const seen = new Uint8Array(methods.length)
  const path: { number: number; next: number }[] = [{ number: start, next: 0 }]
  seen[start] = 1
  while (path.length > 0) {
    const top = path.at(-1)!
    const call = methods[top.number]!.calls[top.next++]
    if (call === undefined) {
      finished.push(top.number)
      path.pop()
    } else if (call.target >= 0 && seen[call.target] === 0) {
      seen[call.target] = 1
      path.push({ number: call.target, next: 0 })
    }
  }
  return finished.reverse()
}
