/**
 * Two groups that call each other end well: the request that the first has begun, and the second works on, may come back to the first. Automatic
 * placement makes such groups.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Project } from '../hosts/project.ts'
import { deploy } from './deployment.ts'

const FILES = {
  'src/ledger.ts': `import type { Component } from 'weavets'
export interface Ledger extends Component { write(line: string): Promise<string> }
export class PaperLedger implements Ledger {
  async write(line: string): Promise<string> { return 'written: ' + line }
}
`,
  'src/clerk.ts': `import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Component } from 'weavets'
import type { Ledger } from './ledger.ts'
export interface Clerk extends Component { file(line: string): Promise<string> }
export class SlowClerk implements Clerk {
  readonly #ledger: Ledger
  constructor(ledger: Ledger) { this.#ledger = ledger }
  async file(line: string): Promise<string> {
    console.log('filing')
    while (!existsSync('stopping')) await pause(10)
    return await this.#ledger.write(line)
  }
}
`,
  'src/office.ts': `import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Listener, Main } from 'weavets'
import type { Clerk } from './clerk.ts'
import type { Ledger } from './ledger.ts'
export class Office implements Main {
  readonly #clerk: Clerk
  readonly #web: Listener
  constructor(clerk: Clerk, ledger: Ledger, web: Listener) { this.#clerk = clerk; this.#web = web; void ledger }
  async main(signal: AbortSignal): Promise<void> {
    const server = createServer((_, response) => {
      this.#clerk.file('a letter').then(() => this.#clerk.file('a reply')).then((text) => response.end(text), (error) => response.writeHead(500).end(String(error)))
    })
    await this.#web.listen(server)
    if (!signal.aborted) await once(signal, 'abort')
    server.close()
    await once(server, 'close')
  }
}
`,
  'src/main.ts': `import { run } from 'weavets'
import { Office } from './office.ts'
await run(Office)
`,
  'weave.config.ts': `export default { placement: { groups: [['Office', 'Ledger'], ['Clerk']] } }
`,
}

let project: Project
beforeEach(() => {
  project = new Project('hello')
  project.remove('src')
  for (const [name, text] of Object.entries(FILES)) project.write(name, text)
})
afterEach(() => project.remove())

test('a stop ends what is under way between groups that call each other', { timeout: 60_000 }, async () => {
  await using office = deploy(project.folder)
  const { url } = await office.event('listener')
  await office.event('ready')
  const answer = fetch(url).then(async (response) => [response.status, await response.text()])
  await expect.poll(() => office.errors(), { timeout: 20_000 }).toContain('filing')
  const ended = office.stop()
  // Drains begin with that event; the clerk goes on only after it, and is asked once more then.
  await office.event('stopping')
  writeFileSync(join(project.folder, 'stopping'), '')
  expect(await answer).toEqual([200, 'written: a reply'])
  expect(await ended).toBe(0)
})
