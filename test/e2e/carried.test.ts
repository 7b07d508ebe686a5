/**
 * One program whose calls carry streams both ways, abort signals and references: what it prints must not depend on its placement.
 * `Desk` passes itself to `Feed`, which depends on nobody.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Project } from '../hosts/project.ts'

const FILES = {
  'src/feed.ts': `import type { Component } from 'weavets'

export class Closed extends Error {
  override readonly name = 'Closed'
  constructor(readonly after: number) { super('closed after ' + after) }
}
export interface Reading { readonly at: number; tags: string[] }
export interface Desk extends Component {
  tell(text: string): Promise<number>
  begin(): Promise<string>
}
export interface Feed extends Component {
  /** Throws {@link Closed}. */
  watch(from: number, signal?: AbortSignal): AsyncIterable<Reading>
  sum(readings: AsyncIterable<Reading>): Promise<number>
  convert(left: AsyncIterable<number>, right: AsyncIterable<number>): AsyncIterable<string>
  wait(signal: AbortSignal): Promise<string>
  subscribe(desk: Desk, topics: string[]): Promise<{ desk: Desk; told: number[] }>
}
`,
  'src/feed-memory.ts': `import { setTimeout as sleep } from 'node:timers/promises'
import { Closed, type Desk, type Feed, type Reading } from './feed.ts'

export class MemoryFeed implements Feed {
  async *watch(from: number, signal?: AbortSignal) {
    try {
      for (let at = from; at < from + 1000; at++) yield { at, tags: ['t' + at] }
      if (from === 0) await sleep(60_000, undefined, { signal })
      throw new Closed(1000)
    } finally {
      console.log('watch ended')
    }
  }
  async sum(readings: AsyncIterable<Reading>) {
    let sum = 0
    for await (const reading of readings) {
      sum += reading.at
      if (reading.at === 2000) break
    }
    return sum
  }
  async *convert(left: AsyncIterable<number>, right: AsyncIterable<number>) {
    const others = right[Symbol.asyncIterator]()
    for await (const n of left) {
      const other = await others.next()
      yield n + '+' + (other.done ? 'none' : other.value)
    }
  }
  wait(signal: AbortSignal): Promise<string> {
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  async subscribe(desk: Desk, topics: string[]) {
    const told: number[] = []
    for (const topic of topics) told.push(await desk.tell(topic))
    return { desk, told }
  }
}
`,
  'src/desk.ts': `import type { Desk, Feed } from './feed.ts'

export class RealDesk implements Desk {
  readonly #feed: Feed
  #told = 0
  constructor(feed: Feed) { this.#feed = feed }
  async tell(text: string) {
    console.log('told', text)
    return ++this.#told
  }
  async begin() {
    const { desk, told } = await this.#feed.subscribe(this, ['a', 'b'])
    return told.join() + ' ' + (await desk.tell('c'))
  }
}
`,
  'src/main.ts': `import { run, type Main } from 'weavets'
import { Closed, type Desk, type Feed, type Reading } from './feed.ts'

async function* readings(count: number): AsyncGenerator<Reading> {
  try {
    for (let at = 1; at <= count; at++) yield { at, tags: [] }
  } finally {
    console.log('readings ended')
  }
}
async function* upTo(count: number) {
  for (let n = 0; n < count; n++) yield n
}
class Root implements Main {
  readonly #feed: Feed
  readonly #desk: Desk
  constructor(feed: Feed, desk: Desk) { this.#feed = feed; this.#desk = desk }
  async main(): Promise<void> {
    let last = 0
    try {
      for await (const { at } of this.#feed.watch(10)) last = at
    } catch (error) {
      console.log('watched to', last, error instanceof Closed, (error as Closed).after)
    }
    for await (const { at } of this.#feed.watch(0)) if (at === 5) break
    console.log('left')
    console.log('sum', await this.#feed.sum(readings(5)))
    console.log('sum', await this.#feed.sum(readings(1_000_000)))
    const pairs: string[] = []
    for await (const pair of this.#feed.convert(upTo(4), upTo(3))) pairs.push(pair)
    console.log(pairs.join(' '))
    const controller = new AbortController()
    const reason = new Closed(7)
    setTimeout(() => controller.abort(reason), 20)
    const error = await this.#feed.wait(controller.signal).catch((error) => error)
    console.log('waited', error === reason)
    const watching = new AbortController()
    try {
      for await (const { at } of this.#feed.watch(0, watching.signal)) if (at === 999) watching.abort(reason)
    } catch (error) {
      console.log('aborted', (error as Error).name)
    }
    console.log('desk', await this.#desk.begin())
    console.log('again', (await this.#feed.subscribe(this.#desk, ['d'])).told.join())
  }
}

await run(Root)
`,
}

const PRINTED = `watch ended
watched to 1009 true 1000
watch ended
left
readings ended
sum 15
readings ended
sum 2001000
0+0 1+1 2+2 3+none
waited true
watch ended
aborted AbortError
told a
told b
told c
desk 1,2 3
told d
again 4
`

let project: Project
beforeAll(() => {
  project = new Project('hello')
  project.remove('src')
  project.remove('test')
  project.remove('weave.config.ts')
  for (const [name, text] of Object.entries(FILES)) project.write(name, text)
})
afterAll(() => project.remove())

const WAYS = [
  ['run'],
  ['run', '--isolated'],
  ['deploy', '--raw', '--placement', 'together'],
  ['deploy', '--raw', '--placement', 'apart'],
  ['deploy', '--raw', '--placement', 'apart', '--transport', 'tcp'],
  ['deploy', '--raw', '--placement', 'apart', '--transport', 'tls'],
  ['deploy', '--raw', '--placement', 'apart', '--transport', 'grpc'],
]
for (const way of WAYS) {
  test(`${way.join(' ')}: the same lines`, async () => {
    const { stdout, stderr, code } = await project.weave(...way)
    expect(stdout, stderr).toBe(PRINTED)
    expect(code).toBe(0)
  })
}
