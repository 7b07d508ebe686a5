import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { OutputStream } from '../../cli/output/colours.ts'
import { DeployOutput } from '../../cli/output/deploy-output.ts'
import type { DeployEvent } from '../../deployer/events.ts'

class TestStream extends EventEmitter implements OutputStream {
  text = ''
  isTTY = false
  columns = 60
  full = false

  write(data: string | Uint8Array): boolean {
    this.text += typeof data === 'string' ? data : Buffer.from(data).toString()
    return !this.full
  }
}

let stdout: TestStream
let stderr: TestStream
beforeEach(() => {
  vi.stubEnv('NO_COLOR', undefined)
  vi.stubEnv('FORCE_COLOR', undefined)
  vi.stubEnv('CI', 'true')
  stdout = new TestStream()
  stderr = new TestStream()
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const DEPLOYING: DeployEvent = {
  type: 'deploying',
  takesOver: false,
  application: 'shop',
  version: '0123456789abcdef',
  processes: [
    { process: 'cart-1', group: 'cart', components: ['src/cart.Cart', 'src/cache.CartCache'] },
    { process: 'checkout-1', group: 'checkout', components: ['src/checkout.Checkout'] },
  ],
}
const exited = (more: Partial<Extract<DeployEvent, { type: 'process-exited' }>> = {}): DeployEvent => ({
  type: 'process-exited',
  process: 'cart-1',
  pid: 1,
  code: null,
  signal: 'SIGKILL',
  expected: false,
  reason: 'was ended by SIGKILL',
  lastLines: [],
  restartInMs: 80,
  ...more,
})
function output(options: { mode?: 'text' | 'json'; raw?: boolean } = {}): DeployOutput {
  const made = new DeployOutput({ mode: 'text', raw: false, stdout, stderr, now: () => new Date(0), ...options })
  made.event(DEPLOYING)
  stdout.text = ''
  stderr.text = ''
  return made
}

test('lines get the name of their process, in whole lines, on the stream they came from', () => {
  const out = output()
  out.chunk('cart-1', 'stdout', Buffer.from('one\ntw'))
  out.chunk('checkout-1', 'stdout', Buffer.from('between\r\n'))
  out.chunk('cart-1', 'stdout', Buffer.from('o\n\nlast'))
  out.chunk('cart-1', 'stderr', Buffer.from('bad\n'))
  expect(stdout.text).toBe('cart-1     │ one\ncheckout-1 │ between\ncart-1     │ two\ncart-1     │ \n')
  expect(stderr.text).toBe('cart-1     │ bad\n')
  stdout.text = ''
  out.event(exited())
  expect(stdout.text).toBe('cart-1     │ last\ndown cart-1 was ended by SIGKILL; it starts again in 80 ms\n')
})

test('characters that come in halves, and lines that never end', () => {
  const out = output()
  const bytes = Buffer.from('é│\n')
  for (const byte of bytes) out.chunk('cart-1', 'stdout', Buffer.of(byte))
  expect(stdout.text).toBe('cart-1     │ é│\n')
  stdout.text = ''
  for (let part = 0; part < 3; part++) out.chunk('cart-1', 'stdout', Buffer.alloc(50_000, 'x'))
  expect(stdout.text.length).toBeGreaterThan(64 * 1024)
})

test("the runtime's log lines become readable; other JSON does not change", () => {
  const out = output()
  const log = {
    time: '2026-11-23T21:00:01.500Z',
    level: 'warn',
    message: 'low stock',
    component: 'src/cart.Cart',
    process: 'cart-1',
    fields: { left: 2 },
  }
  out.chunk('cart-1', 'stderr', Buffer.from(`${JSON.stringify(log)}\n{"time":"x"}\n{"time":"\n`))
  expect(stderr.text).toBe(
    'cart-1     │ 21:00:01.500 warn  src/cart.Cart low stock {"left":2}\ncart-1     │ {"time":"x"}\ncart-1     │ {"time":"\n',
  )
})

test('colour on a terminal only', () => {
  stdout.isTTY = true
  const out = output()
  out.chunk('cart-1', 'stdout', Buffer.from('x\n'))
  out.chunk('cart-1', 'stderr', Buffer.from('x\n'))
  expect(stdout.text).toContain('\x1b[36mcart-1')
  expect(stderr.text).toBe('cart-1     │ x\n')
})

test('the overview folds replicas and wraps components', () => {
  const out = output()
  const many = Array.from({ length: 12 }, (_, index) => `src/c.Component${index}`)
  out.event({
    ...DEPLOYING,
    processes: [1, 2, 3].map((number) => ({ process: `main-${number}`, group: 'main', components: many })),
  })
  out.event({ type: 'listener', name: 'web', url: 'http://127.0.0.1:1' })
  stdout.text = ''
  out.event({ type: 'ready', durationMs: 12 })
  expect(stdout.text).toBe(
    [
      '',
      '  main-1 … main-3  Component0, Component1, Component2, ',
      '                   Component3, Component4, Component5, ',
      '                   Component6, Component7, Component8, ',
      '                   Component9, Component10, Component11',
      '',
      '  web              http://127.0.0.1:1',
      '',
      '  ready in 12 ms · Ctrl-C stops',
      '',
      '',
    ]
      .join('\n')
      .replaceAll(', \n', ',\n'),
  )
})

test('--json: events on stdout, one a line with its time; all else on stderr', () => {
  const out = output({ mode: 'json' })
  out.event({ type: 'ready', durationMs: 5 })
  out.chunk('cart-1', 'stdout', Buffer.from('hello\n'))
  expect(stdout.text).toBe('{"time":"1970-01-01T00:00:00.000Z","type":"ready","durationMs":5}\n')
  expect(stderr.text).toBe('cart-1     │ hello\n')
})

test('--raw: bytes as they are; our words on stderr', () => {
  const out = output({ raw: true })
  out.chunk('cart-1', 'stdout', Buffer.from('no newline'))
  out.event(exited({ restartInMs: null, reason: 'exited with code 3', code: 3, signal: null }))
  expect(stdout.text).toBe('no newline')
  expect(stderr.text).toBe('down cart-1 exited with code 3\n')
})

test('a reader that is slow slows the process down, and one that goes away lets go', async () => {
  const out = output()
  stdout.full = true
  const slow = out.chunk('cart-1', 'stdout', Buffer.from('x\n'))
  expect(slow).toBeInstanceOf(Promise)
  stdout.emit('drain')
  await slow
  const gone = out.chunk('cart-1', 'stdout', Buffer.from('x\n'))
  stdout.emit('close')
  await gone
  expect(stdout.listenerCount('drain')).toBe(0)
})

test('a process that fails once more with the same words says them once', () => {
  const out = output()
  const start = (restarts: number, ...said: string[]) => {
    out.event({ type: 'process-started', process: 'cart-1', pid: 1, components: [], restarts })
    for (const text of said) out.chunk('cart-1', 'stderr', Buffer.from(text))
  }
  start(0, 'Error: no', ' host\n')
  out.event(exited({ reason: 'failed: no host' }))
  expect(stderr.text).toBe('cart-1     │ Error: no host\n')
  start(1, 'Error: no host\n')
  out.event(exited({ reason: 'failed: no host' }))
  expect(stderr.text).toBe('cart-1     │ Error: no host\n')
  expect(stdout.text).toBe(
    'down cart-1 failed: no host; it starts again in 80 ms\ndown cart-1 failed: no host, again; it starts again in 80 ms\n',
  )
  // Whatever differs is shown, from its beginning: other words, fewer of them, a start that goes on.
  stderr.text = ''
  start(2, 'Error: no ', 'disk\n')
  expect(stderr.text).toBe('cart-1     │ Error: no disk\n')
  out.event(exited())
  stderr.text = ''
  start(3, 'Error: ')
  expect(stderr.text).toBe('')
  out.event(exited())
  expect(stderr.text).toBe('cart-1     │ Error: \n')
  stderr.text = ''
  start(4, 'Error: ')
  out.event({ type: 'process-ready', process: 'cart-1', pid: 1, durationMs: 1 })
  out.chunk('cart-1', 'stderr', Buffer.from('after all\n'))
  expect(stderr.text).toBe('cart-1     │ Error: after all\n')
})

test('who is waited for is named', () => {
  const out = output()
  const processes = [
    { process: 'cart-1', component: 'src/cart.Cart' },
    { process: 'checkout-1', component: null },
  ]
  out.event({ type: 'waiting', durationMs: 5_012, processes })
  expect(stdout.text).toBe('waiting for cart-1 (Cart), checkout-1 not ready after 5 s\n')
})
