/**
 * What V8 tells of the running process, through a session of `node:inspector` within it: which functions are on the stack, sampled all the time,
 * and where a class stands in its source. Nothing listens anywhere for this.
 *
 * Starting a profile where none is taken lists all code that there is, and for that walks the heap: 10 ms in a process that has just begun,
 * 700 ms at 400 MB. So it is done early, and then there is always one under way: the next begins before the last ends, which takes 0.3 ms whatever the
 * heap. Sampling 10 times a second takes 1 ms a second, idle or not, so a small process that does little rests (shares.ts): the interval can't be changed
 * while a profile is taken, nor for another session without a walk. (Sampled allocations would tell whose the heap is, but to read them takes V8 as
 * long as a walk of the heap, too.)
 */
import type { Session } from 'node:inspector'
import type { Frame, Place, StackNode } from './attribute.ts'

export interface Inspector {
  /** The stacks since it was asked last, by samples; idle ones aren't among them. Not while it rests. */
  take(): StackNode
  /** Ends sampling: the stacks since it was asked last. */
  rest(): StackNode
  /** Samples again, which walks the heap. */
  resume(): void
  /** Undefined for what isn't written in JavaScript. */
  place(made: ClassLike): Place | undefined
  close(): void
}

/** A class, or any function. */
export type ClassLike = { readonly prototype?: unknown } & ((...args: never[]) => unknown)

/** Undefined where Node was built without one, or somebody debugs: his profiles would be stopped with ours. */
export async function openInspector(intervalUs: number): Promise<Inspector | undefined> {
  try {
    const { Session, console, url } = await import('node:inspector')
    if (url() !== undefined) return undefined
    const session = new Session()
    session.connect()
    return new NodeInspector(session, console as unknown as Profiles, intervalUs)
  } catch {
    return undefined
  }
}

/** Of the inspector's console, which prints nothing: profiles by title, several at once. */
interface Profiles {
  profile(title: string): void
  profileEnd(title: string): void
}

interface CpuProfile {
  nodes: { id: number; callFrame: Frame; hitCount?: number; children?: number[] }[]
}

class NodeInspector implements Inspector {
  readonly #session: Session
  readonly #profiles: Profiles
  #number = 0
  #finished: CpuProfile | undefined

  constructor(session: Session, profiles: Profiles, interval: number) {
    this.#session = session
    this.#profiles = profiles
    session.on('Profiler.consoleProfileFinished', ({ params }) => {
      this.#finished = params.profile as unknown as CpuProfile
    })
    this.#post('Profiler.enable')
    this.#post('Profiler.setSamplingInterval', { interval })
    profiles.profile(this.#title)
  }

  get #title(): string {
    return `weavets ${this.#number}`
  }

  /** Answered before it returns: the session is of this thread. */
  #post<T>(method: string, params: object = {}): T {
    let answer: { error: Error | null; result: unknown } | undefined
    this.#session.post(method, params, (error: Error | null, result: unknown) => {
      answer = { error, result }
    })
    if (answer === undefined || answer.error) throw answer?.error ?? new Error(`${method} was not answered`)
    return answer.result as T
  }

  take(): StackNode {
    const last = this.#title
    this.resume()
    return this.#end(last)
  }

  rest(): StackNode {
    return this.#end(this.#title)
  }

  resume(): void {
    this.#number++
    this.#profiles.profile(this.#title)
  }

  #end(title: string): StackNode {
    this.#profiles.profileEnd(title)
    const profile = this.#finished
    this.#finished = undefined
    return profile === undefined ? NOTHING : treeOf(profile)
  }

  place(made: ClassLike): Place | undefined {
    const text = Function.prototype.toString.call(made)
    for (const method of methodsOf(made)) {
      const place = this.#placeBy(method, text)
      if (place) return place
    }
    const begins = this.#location(made)
    return begins && placeFrom(begins, text)
  }

  /** Of a class with a constructor V8 names that one's place; a method's is the parenthesis of its parameters, whatever else the class has. */
  #placeBy(method: () => unknown, text: string): Place | undefined {
    const own = Function.prototype.toString.call(method)
    const at = text.indexOf(own)
    const parenthesis = own.indexOf('(')
    const location = at < 0 || parenthesis < 0 ? undefined : this.#location(method)
    if (location === undefined) return undefined
    const before = text.slice(0, at + parenthesis).split('\n')
    const fromLine = location.lineNumber - (before.length - 1)
    // On another line than its method the column at which it begins isn't known: all of the line is its own.
    const fromColumn = before.length === 1 ? location.columnNumber - before[0]!.length : 0
    return placeFrom({ ...location, lineNumber: fromLine, columnNumber: Math.max(0, fromColumn) }, text)
  }

  #location(made: unknown): Location | undefined {
    const holder = globalThis as { [LOCATED]?: unknown }
    holder[LOCATED] = made
    try {
      const expression = `globalThis[Symbol.for(${JSON.stringify(LOCATED.description)})]`
      const { result } = this.#post<{ result: { objectId?: string } }>('Runtime.evaluate', { expression })
      if (result.objectId === undefined) return undefined
      const { objectId } = result
      const asked = { objectId, ownProperties: true }
      const { internalProperties = [] } = this.#post<{ internalProperties?: Internal[] }>(
        'Runtime.getProperties',
        asked,
      )
      this.#post('Runtime.releaseObject', { objectId })
      return internalProperties.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value
    } finally {
      delete holder[LOCATED]
    }
  }

  close(): void {
    this.#profiles.profileEnd(this.#title)
    this.#session.disconnect()
  }
}

const LOCATED = Symbol.for('weavets.located')

interface Location {
  scriptId: string
  lineNumber: number
  columnNumber: number
}

interface Internal {
  name: string
  value?: { value?: Location }
}

const NOTHING: StackNode = {
  frame: { scriptId: '0', url: '', functionName: '(root)', lineNumber: -1, columnNumber: -1 },
  weight: 0,
  children: [],
}

function treeOf(profile: CpuProfile): StackNode {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const of = (id: number): StackNode => {
    const { callFrame: frame, hitCount = 0, children = [] } = nodes.get(id)!
    return { frame, weight: frame.functionName === '(idle)' ? 0 : hitCount, children: children.map(of) }
  }
  return profile.nodes[0] === undefined ? NOTHING : of(profile.nodes[0].id)
}

function placeFrom({ scriptId, lineNumber, columnNumber }: Location, text: string): Place {
  const lines = text.split('\n')
  const last = lines.at(-1)!.length
  return {
    scriptId,
    fromLine: lineNumber,
    fromColumn: columnNumber,
    toLine: lineNumber + lines.length - 1,
    toColumn: lines.length === 1 ? columnNumber + last : last,
  }
}

function methodsOf(made: ClassLike): (() => unknown)[] {
  const { prototype } = made
  if (typeof prototype !== 'object' || prototype === null) return []
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name]) => name !== 'constructor')
    .flatMap(([, { value, get }]) => [value, get])
    .filter((value) => typeof value === 'function')
}
