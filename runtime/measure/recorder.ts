/**
 * How the time of a method is made up: of a few of its calls it is recorded which calls they make and when these begin and end. While one
 * is recorded, every call on the edges of its component is looked at (`EdgeCounts.arm`), and those made in its context are its children; so
 * nothing is paid for between recordings. Only where a deployer asks for it.
 *
 * A recording runs until its call has an outcome, and is counted then, or dropped where that took too long or the component called too much. Long calls are seldom counted therefore, which makes means of such methods too small.
 */

import { LIMITS } from '../limits.ts'
import type { EdgeCounts } from './edge-counts.ts'

/** What was recorded of the calls of a method since it was asked last; times are sums, in milliseconds. */
export interface MethodRecord {
  readonly component: string
  readonly method: string
  readonly calls: number
  readonly totalMs: number
  /** When no child was under way that the call had to wait for. */
  readonly ownMs: number
  readonly children: readonly ChildRecord[]
}

export interface ChildRecord {
  readonly component: string
  readonly method: string
  readonly calls: number
  readonly totalMs: number
  /** Of that, what lies on the critical path: time in which the call waited for this child to go on. */
  readonly criticalMs: number
}

export interface RecorderOptions {
  /** Of the component that calls. */
  edges: (component: string) => Iterable<EdgeCounts>
  /** Milliseconds, with fractions. */
  now: () => number
}

interface Method {
  nextMs: number
  calls: number
  totalMs: number
  ownMs: number
  children: Map<string, { -readonly [F in keyof ChildRecord]: ChildRecord[F] }>
}

export class Recorder {
  readonly #options: RecorderOptions
  readonly #methods = new Map<string, Map<string, Method>>()
  readonly #running = new Set<Recording>()

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /** Undefined: this call isn't recorded. Otherwise it is, from now on, when it is made in a context that has the recording. */
  begin(component: string, method: string): Recording | undefined {
    if (this.#running.size >= LIMITS.recordingsMax) return undefined
    const known = this.#method(component, method)
    const now = this.#options.now()
    if (now < known.nextMs) return undefined
    known.nextMs = now + LIMITS.recordingEveryMs
    const edges = [...this.#options.edges(component)]
    for (const edge of edges) edge.arm()
    const recording: Recording = new Recording(component, edges, now, (isWhole) => {
      this.#running.delete(recording)
      if (isWhole) count(known, recording.children, now, this.#options.now())
    })
    this.#running.add(recording)
    return recording
  }

  #method(component: string, method: string): Method {
    const methods = this.#methods.get(component) ?? new Map<string, Method>()
    this.#methods.set(component, methods)
    const known = methods.get(method) ?? { nextMs: 0, calls: 0, totalMs: 0, ownMs: 0, children: new Map() }
    methods.set(method, known)
    return known
  }

  /** What was recorded since it was asked last; drops what takes too long. */
  take(): MethodRecord[] {
    const now = this.#options.now()
    for (const recording of this.#running) if (now - recording.begun > LIMITS.recordedMs) recording.drop()
    const taken: MethodRecord[] = []
    for (const [component, methods] of this.#methods) {
      for (const [method, known] of methods) {
        if (known.calls === 0) continue
        const { calls, totalMs, ownMs, children } = known
        taken.push({ component, method, calls, totalMs, ownMs, children: [...children.values()] })
        Object.assign(known, { calls: 0, totalMs: 0, ownMs: 0, children: new Map() })
      }
    }
    return taken
  }
}

export class Recording {
  readonly begun: number
  readonly children: Child[] = []
  readonly #component: string
  readonly #edges: readonly EdgeCounts[]
  readonly #done: (isWhole: boolean) => void
  #over = false

  constructor(component: string, edges: readonly EdgeCounts[], begun: number, done: (isWhole: boolean) => void) {
    this.#component = component
    this.#edges = edges
    this.begun = begun
    this.#done = done
  }

  /** A call is made in this recording's context; undefined when it isn't one that the recorded call makes itself. */
  child(caller: string, callee: string, method: string): Child | undefined {
    if (this.#over || caller !== this.#component) return undefined
    if (this.children.length >= LIMITS.recordedCallsMax) {
      this.drop()
      return undefined
    }
    const child = new Child(callee, method)
    this.children.push(child)
    return child
  }

  /** The recorded call has an outcome. */
  end(): void {
    this.#finish(!this.#edges.some((edge) => edge.isOverrun))
  }

  drop(): void {
    this.#finish(false)
  }

  #finish(isWhole: boolean): void {
    if (this.#over) return
    this.#over = true
    for (const edge of this.#edges) edge.disarm()
    this.#done(isWhole)
  }
}

export class Child {
  readonly component: string
  readonly method: string
  begun = 0
  /** Infinity while it is under way. */
  ended = Number.POSITIVE_INFINITY

  constructor(component: string, method: string) {
    this.component = component
    this.method = method
  }

  begin(now: number): void {
    this.begun = now
  }

  end(now: number): void {
    this.ended = now
  }
}

function count(method: Method, children: readonly Child[], begun: number, ended: number): void {
  const critical = criticalPath(children, begun, ended)
  method.calls++
  method.totalMs += ended - begun
  method.ownMs += ended - begun
  for (const child of children) {
    const key = `${child.component} ${child.method}`
    const { component, method: name } = child
    const known = method.children.get(key) ?? { component, method: name, calls: 0, totalMs: 0, criticalMs: 0 }
    method.children.set(key, known)
    const ms = Math.min(child.ended, ended) - child.begun
    known.calls++
    known.totalMs += ms
    if (!critical.has(child)) continue
    known.criticalMs += ms
    method.ownMs -= ms
  }
}

/**
 * Backwards from the end: the child that ended last was waited for, before it began the one that had ended last then, and so on. Of
 * children that run at once that is the longest; one that is still under way at the end was not waited for.
 */
export function criticalPath(children: readonly Child[], begun: number, ended: number): Set<Child> {
  const path = new Set<Child>()
  let at = ended
  for (const child of [...children].sort((a, b) => b.ended - a.ended)) {
    if (child.ended > at || child.begun < begun) continue
    path.add(child)
    at = child.begun
  }
  return path
}
