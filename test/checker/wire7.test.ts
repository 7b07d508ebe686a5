/** What is sent ahead of a question, over a channel that writes down what passes. */
import { describe, expect, test } from 'vitest'
import { loadTypeScript7, type Sync } from '../../transformer/checker/view7-api.ts'
import { Wire7 } from '../../transformer/checker/wire7.ts'
import { repository, TYPESCRIPT_7 } from './both.ts'

/** As TypeScript's own: a loop that writes a request and reads until its answer is there; the compiler answers in order. */
class Channel {
  readonly passed: string[] = []
  readonly #unread: string[] = []
  broken = false

  requestBytesSync(method: string, payload: string | Uint8Array): Uint8Array {
    this.writeTuple(1, Buffer.from(method), payload)
    const answer = this.#unread.shift()
    this.passed.push(`read ${answer}`)
    if (answer === undefined || answer.startsWith('refuse')) throw new Error(`no: ${answer}`)
    return Buffer.from(`${answer}!`)
  }

  writeTuple(_: number, name: Uint8Array, payload: string | Uint8Array): void {
    if (this.broken) throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
    this.passed.push(`write ${name} ${payload}`)
    this.#unread.push(`${name} ${payload}`)
  }
}

function over(channel: object) {
  const wire = new Wire7({ client: { channel } } as unknown as Sync.API)
  const ask = (method: string, parameters: unknown): string =>
    Buffer.from((channel as Channel).requestBytesSync(method, JSON.stringify(parameters))).toString()
  return { wire, ask }
}

describe('a request that was sent ahead', () => {
  test('is answered without being sent again', () => {
    const channel = new Channel()
    const { wire, ask } = over(channel)
    wire.send('types', [1])
    expect(channel.passed).toEqual(['write types [1]'])
    expect(ask('types', [1])).toBe('types [1]!')
    expect(channel.passed).toEqual(['write types [1]', 'read types [1]'])
    expect(ask('types', [1])).toBe('types [1]!')
    expect(channel.passed).toHaveLength(4)
  })

  test('does not answer another question, and is there when it is asked after all', () => {
    const { wire, ask } = over(new Channel())
    wire.send('types', [1])
    expect(ask('types', [2])).toBe('types [2]!')
    expect(ask('symbols', [1])).toBe('symbols [1]!')
    expect(ask('types', [1])).toBe('types [1]!')
  })

  test('is read before the next one is sent, and only the last that was read is kept', () => {
    const channel = new Channel()
    const { wire, ask } = over(channel)
    for (const at of [1, 2, 3]) wire.send('types', [at])
    expect(channel.passed.at(-2)).toBe('read types [2]')
    const before = channel.passed.length
    expect(ask('types', [2])).toBe('types [2]!')
    expect(ask('types', [3])).toBe('types [3]!')
    expect(channel.passed.slice(before)).toEqual(['read types [3]'])
    expect(ask('types', [1])).toBe('types [1]!')
    expect(channel.passed.slice(before + 1)).toEqual(['write types [1]', 'read types [1]'])
  })

  test('is refused to whoever asks', () => {
    const { wire, ask } = over(new Channel())
    wire.send('refuse', [1])
    expect(ask('types', [2])).toBe('types [2]!')
    expect(() => ask('refuse', [1])).toThrow('no: refuse [1]')
  })

  test('does not fail by itself when the compiler has ended', () => {
    const channel = new Channel()
    const { wire, ask } = over(channel)
    channel.broken = true
    wire.send('types', [1])
    expect(() => ask('types', [1])).toThrow('EPIPE')
  })
})

test('a channel of another form is left as it is', () => {
  const channel = { requestBytesSync: () => Buffer.from('own') }
  const { wire, ask } = over(channel)
  wire.send('types', [1])
  expect(ask('types', [1])).toBe('own')
})

test("TypeScript's own channel has the form that is expected", () => {
  const { sync } = loadTypeScript7(TYPESCRIPT_7)
  const api = new sync.API({ cwd: repository })
  try {
    const { channel } = (api as unknown as { client: { channel: Channel } }).client
    const written: string[] = []
    const write = channel.writeTuple.bind(channel)
    channel.writeTuple = (type, name, payload) => {
      written.push(Buffer.from(name).toString())
      write(type, name, payload)
    }
    const wire = new Wire7(api)
    api.readConfigFile('tsconfig.json')
    const asked = api.parseConfigFile.gen('tsconfig.json').next().value as { method: string; params: unknown }
    wire.send(asked.method, asked.params)
    expect(api.parseConfigFile('tsconfig.json').fileNames.length).toBeGreaterThan(0)
    expect(written).toEqual(['initialize', 'readConfigFile', 'parseConfigFile'])
  } finally {
    api.close()
  }
})
