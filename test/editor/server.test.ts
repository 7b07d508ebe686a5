/** The server by itself, its streams, its clock and its analysis handed in: when it looks, and what it does when an analysis fails. */
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Diagnostic } from 'vscode-languageserver'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node'
import { serve } from '../../transformer/hosts/lsp/server.ts'
import type { ThreadEvents, WorkspaceThread } from '../../transformer/hosts/lsp/worker.ts'

const CAPABILITIES = { push: {}, pull: { textDocument: { diagnostic: {} } } }
const DOCUMENT = { uri: 'file:///shop/src/cart.ts', languageId: 'typescript', version: 1, text: 'let a = 1\n' }

function diagnostic(message: string): Diagnostic {
  const at = { line: 0, character: 0 }
  return { range: { start: at, end: at }, code: 'WV1001', source: 'weave', severity: 1, message }
}

/** A server whose workspace answers with `analyse`; the clock goes on when `pass` is called. */
async function start(analyse: () => Diagnostic[], capabilities: object) {
  const [toServer, fromServer] = [new PassThrough(), new PassThrough()]
  const waiting = new Set<() => void>()
  const logged: string[] = []
  const threads: ThreadEvents[] = []
  const told: unknown[][] = []
  let asked = 0
  const thread = {
    tell: (...args: unknown[]) => told.push(args),
    ask: async (method: string) => {
      if (method !== 'diagnostics') throw new Error(`no ${method} today`)
      asked++
      return [{ path: '/shop/src/cart.ts', items: analyse() }]
    },
    close: async () => undefined,
  }
  const exited = new Promise<number>((exit) => {
    serve({
      input: toServer,
      output: fromServer,
      version: '0.0.0',
      upstream: false,
      typescript: undefined,
      // The cast: what a server asks of a thread is all here.
      startThread(events) {
        threads.push(events)
        return thread as unknown as WorkspaceThread
      },
      after(_ms, run) {
        waiting.add(run)
        return () => waiting.delete(run)
      },
      exit,
      logError: (text) => logged.push(text),
    })
  })
  const editor = createMessageConnection(new StreamMessageReader(fromServer), new StreamMessageWriter(toServer))
  const sent: string[][] = []
  let wake: () => void = () => undefined
  editor.onNotification('textDocument/publishDiagnostics', ({ diagnostics }: { diagnostics: Diagnostic[] }) => {
    sent.push(diagnostics.map((each) => String(each.message)))
    wake()
  })
  editor.listen()
  await editor.sendRequest('initialize', { processId: null, rootUri: 'file:///shop', capabilities })
  await editor.sendNotification('initialized', {})
  return {
    editor,
    logged,
    threads,
    told,
    exited,
    sent,
    asked: () => asked,
    timers: () => waiting.size,
    pass() {
      for (const run of [...waiting]) {
        waiting.delete(run)
        run()
      }
    },
    async untilSent(count: number) {
      while (sent.length < count) await new Promise<void>((resolve) => (wake = resolve))
      return sent.at(-1)
    },
    /** What was told before is done when this is answered. */
    settle: () => editor.sendRequest('completionItem/resolve', { label: 'x', data: { weave: true } }),
  }
}

const change = (version: number) => ({
  textDocument: { uri: DOCUMENT.uri, version },
  contentChanges: [{ text: `let a = ${version}\n` }],
})

test('an editor that types fast is analysed for once, when it pauses', async () => {
  let text = 'first'
  const server = await start(() => [diagnostic(text)], CAPABILITIES.push)
  await server.editor.sendNotification('textDocument/didOpen', { textDocument: DOCUMENT })
  for (let version = 2; version < 20; version++)
    await server.editor.sendNotification('textDocument/didChange', change(version))
  await server.settle()
  expect(server.asked()).toBe(0)
  expect(server.timers()).toBe(1)
  server.pass()
  expect(await server.untilSent(1)).toEqual(['first'])
  expect(server.asked()).toBe(1)

  text = 'second'
  await server.editor.sendNotification('textDocument/didChange', change(20))
  await server.settle()
  server.pass()
  expect(await server.untilSent(2)).toEqual(['second'])
})

test('an editor that asks is not sent what it asks for, and questions about one text are one analysis', async () => {
  const server = await start(() => [diagnostic('error')], CAPABILITIES.pull)
  await server.editor.sendNotification('textDocument/didOpen', { textDocument: DOCUMENT })
  const ask = () =>
    server.editor.sendRequest<{ items: Diagnostic[] }>('textDocument/diagnostic', { textDocument: DOCUMENT })
  const reports = await Promise.all([ask(), ask(), ask()])
  expect(reports.map((each) => each.items.length)).toEqual([1, 1, 1])
  expect(server.asked()).toBe(1)
  server.pass()
  await server.settle()
  expect(server.sent).toEqual([])
  // Closed, it is a file like any other: the editor no longer asks.
  await server.editor.sendNotification('textDocument/didClose', { textDocument: { uri: DOCUMENT.uri } })
  await server.settle()
  server.pass()
  expect(await server.untilSent(1)).toEqual(['error'])
})

test('an analysis that fails leaves what was known, and the server alive', async () => {
  let fails = false
  const server = await start(() => {
    if (fails) throw new Error('the checker is confused')
    return [diagnostic('known')]
  }, CAPABILITIES.pull)
  await server.editor.sendNotification('textDocument/didOpen', { textDocument: DOCUMENT })
  const ask = () =>
    server.editor.sendRequest<{ items: Diagnostic[] }>('textDocument/diagnostic', { textDocument: DOCUMENT })
  expect((await ask()).items.map((each) => each.message)).toEqual(['known'])
  fails = true
  await server.editor.sendNotification('textDocument/didChange', change(2))
  expect((await ask()).items.map((each) => each.message)).toEqual(['known'])
  expect(server.logged.join()).toContain('the checker is confused')
  const position = { line: 0, character: 4 }
  expect(await server.editor.sendRequest('textDocument/hover', { textDocument: DOCUMENT, position })).toBeNull()
  expect(
    await server.editor.sendRequest('textDocument/codeAction', {
      textDocument: DOCUMENT,
      range: { start: position, end: position },
      context: { diagnostics: [] },
    }),
  ).toEqual([])
})

test('a thread that ends is replaced, with the buffers that are open, but not for ever', async () => {
  const server = await start(() => [diagnostic('error')], CAPABILITIES.push)
  await server.editor.sendNotification('textDocument/didOpen', { textDocument: DOCUMENT })
  await server.settle()
  server.told.length = 0
  server.threads[0]!.ended()
  expect(server.told).toEqual([['setBuffer', '/shop/src/cart.ts', DOCUMENT.text]])
  server.pass()
  expect(await server.untilSent(1)).toEqual(['error'])
  for (let at = 1; at < 10; at++) server.threads[at]?.ended()
  expect(server.threads.length).toBe(5)
  expect(server.logged.at(-1)).toContain('ended too often')
})

test.each([
  [true, 0],
  [false, 1],
])('it ends when it is told to; after a shutdown: %s', async (shutdown, code) => {
  const server = await start(() => [], CAPABILITIES.push)
  if (shutdown) await server.editor.sendRequest('shutdown')
  await server.editor.sendNotification('exit')
  expect(await server.exited).toBe(code)
})
