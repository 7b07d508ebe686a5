/**
 * Where work comes from outside: requests to a server that listens at a `Listener`. They are counted and timed by the first part of their
 * path, `web GET /product`, since what follows names things and not work; and a few are recorded like calls (recorder.ts), so that it is
 * known which calls a page makes. Only where a deployer asks for it; in other processes servers are left as they are.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as NetServer } from 'node:net'
import { contextStorage, NO_CONTEXT } from '../context.ts'
import { LIMITS } from '../limits.ts'
import type { EdgeDelta } from './edge-counts.ts'
import { bucketOf, LATENCY_BUCKETS } from './latency.ts'
import type { Recorder } from './recorder.ts'

/** The caller of an entry point, which is no component. */
export const OUTSIDE = ''

export interface EntriesOptions {
  recorder: Recorder
  now: () => number
}

interface Entry {
  component: string
  name: string
  calls: number
  errors: number
  timed: number
  timedNs: number
  latency: Uint32Array
}

export class Entries {
  readonly #options: EntriesOptions
  readonly #entries = new Map<string, Entry>()

  constructor(options: EntriesOptions) {
    this.#options = options
  }

  /** `listener` is the component's, and `server` listens there. */
  watch(component: string, listener: string, server: NetServer): void {
    const emit = server.emit
    const served = (request: IncomingMessage, response: ServerResponse, go: () => boolean) =>
      this.#served(component, `${listener} ${requestName(request)}`, response, go)
    // Not a listener of its own: what is recorded has to run in a context.
    server.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
      const go = () => (emit as (...args: unknown[]) => boolean).call(this, event, ...args)
      if (event !== 'request') return go()
      return served(args[0] as IncomingMessage, args[1] as ServerResponse, go)
    } as typeof server.emit
  }

  #served(component: string, name: string, response: ServerResponse, go: () => boolean): boolean {
    const { recorder, now } = this.#options
    const entry = this.#entry(component, name)
    const begun = now()
    entry.calls++
    const recording = recorder.begin(component, entry.name)
    response.once('close', () => {
      const ended = now()
      const ns = (ended - begun) * 1e6
      entry.timed++
      entry.timedNs += ns
      entry.latency[bucketOf(ns)]!++
      if (response.statusCode >= 500) entry.errors++
      recording?.end()
    })
    if (recording === undefined) return go()
    return contextStorage.run((contextStorage.getStore() ?? NO_CONTEXT).recorded(recording), go)
  }

  #entry(component: string, name: string): Entry {
    const key = `${component} ${name}`
    const known = this.#entries.get(key)
    if (known) return known
    const full = this.#entries.size >= LIMITS.entriesMax
    if (full && name !== OTHERS) return this.#entry(component, OTHERS)
    const entry: Entry = {
      component,
      name,
      calls: 0,
      errors: 0,
      timed: 0,
      timedNs: 0,
      latency: new Uint32Array(LATENCY_BUCKETS),
    }
    this.#entries.set(key, entry)
    return entry
  }

  /** What was counted since it was asked last. */
  take(): EdgeDelta[] {
    const taken: EdgeDelta[] = []
    for (const entry of this.#entries.values()) {
      const { component, name, calls, errors, timed, timedNs, latency } = entry
      if (calls === 0 && timed === 0) continue
      taken.push({
        caller: OUTSIDE,
        callee: component,
        method: name,
        calls,
        errors,
        errorsVariance: 0,
        remote: 0,
        timed,
        timedNs,
        sized: 0,
        requestBytes: 0,
        replyBytes: 0,
        latency: pairsOf(latency),
      })
      Object.assign(entry, { calls: 0, errors: 0, timed: 0, timedNs: 0 })
      latency.fill(0)
    }
    return taken
  }
}

function pairsOf(latency: Uint32Array): number[] {
  const pairs: number[] = []
  for (const [bucket, count] of latency.entries()) if (count > 0) pairs.push(bucket, count)
  return pairs
}

/** For requests of too many kinds. */
const OTHERS = '(others)'
/** A part of a path that is longer, or holds a figure, names a thing. */
const PART_LENGTH_MAX = 24

function requestName({ method = 'GET', url = '/' }: IncomingMessage): string {
  const path = url.split(/[?#]/, 1)[0]!
  const part = path.split('/', 2)[1] ?? ''
  return `${method} /${part.length > PART_LENGTH_MAX || /[\d%]/.test(part) ? '*' : part}`
}
