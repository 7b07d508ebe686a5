/**
 * `weave lsp` over stdio, as an editor drives it: beside the editor's TypeScript server (`companion`, TypeScript 6) and in front of
 * TypeScript 7's (`proxy`); asked for diagnostics, and sending them by itself. Buffers are typed into and never saved.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CodeAction, CompletionItem, Diagnostic, Hover, MarkupContent } from 'vscode-languageserver'
import { brief, EditorClient } from './client.ts'
import { TSCONFIG, Workspace } from './workspace.ts'

const ADD = 'item: CartItem): Promise<void>'
const modes = [
  { mode: 'companion', typescript: 'typescript' },
  { mode: 'proxy', typescript: 'typescript-7' },
] as const

const ours = (found: readonly Diagnostic[]): string[] => found.filter((each) => each.source === 'weave').map(brief)

describe.each(modes)('$mode, asked for diagnostics', ({ mode, typescript }) => {
  let workspace: Workspace
  let editor: EditorClient

  beforeAll(async () => {
    workspace = new Workspace(typescript)
    editor = await EditorClient.start(workspace, { pulls: true })
  })
  afterAll(async () => {
    await editor?.[Symbol.asyncDispose]()
    workspace?.[Symbol.dispose]()
  })

  async function withOpen(names: readonly string[], body: () => Promise<void>): Promise<void> {
    for (const name of names) editor.open(name)
    try {
      await body()
    } finally {
      for (const name of names) editor.close(name)
    }
  }

  test('an error is there as it is typed, and goes with its fix', () =>
    withOpen(['src/cart.ts'], async () => {
      expect(await editor.shown('src/cart.ts')).toEqual([])
      editor.edit('src/cart.ts', ADD, 'item: CartItem): void')
      const found = await editor.diagnostics('src/cart.ts')
      expect(found.map(brief)).toEqual(['WV1001 at 11:45-11:49'])
      expect(found[0]).toMatchObject({ severity: 1, source: 'weave' })
      expect(found[0]!.message).toBe(
        "Method 'add' of component 'Cart' must return a Promise, but it returns 'void'. weave(async-return)\n" +
          'why: the component may run in another process\n' +
          "fix: declare it as 'Promise<void>', make the method of the class 'async', and 'await' it where it is called",
      )
      expect(found[0]!.codeDescription?.href).toMatch(/^file:.*docs\/diagnostics.*wv1001/i)

      const actions = await editor.actions('src/cart.ts', found[0]!, found)
      const fix = actions.find((each) => each.title === "Return 'Promise<void>'")!
      expect(fix).toMatchObject({ kind: 'quickfix', isPreferred: true })
      editor.perform(fix)
      expect(editor.text('src/cart.ts')).toContain(ADD)
      expect(await editor.shown('src/cart.ts')).toEqual([])
    }))

  test('an error of one buffer is shown in another, and the editor is told to ask for it', () =>
    withOpen(['src/cart-memory.ts', 'src/shop.ts'], async () => {
      expect(await editor.shown('src/shop.ts')).toEqual([])
      const before = editor.messages.length
      editor.edit('src/cart-memory.ts', 'class MemoryCart implements Cart', 'class MemoryCart')
      editor.edit('src/cart-memory.ts', 'class EmptyCart implements Cart', 'class EmptyCart')
      await editor.diagnostics('src/cart-memory.ts')
      const told = (message: { method?: string }) => message.method === 'workspace/diagnostic/refresh' || undefined
      await editor.until(told, 'a refresh', before)
      const found = await editor.diagnostics('src/shop.ts')
      expect(ours(found)).toEqual(['WV3001 at 8:21-8:25'])
      expect(found.find((each) => each.source === 'weave')?.relatedInformation).toEqual([
        {
          location: {
            uri: editor.uri('src/cart.ts'),
            range: { start: { line: 7, character: 17 }, end: { line: 7, character: 17 } },
          },
          message: "'Cart' is declared here",
        },
      ])
    }))

  test('an error in a file that is not open is sent, and taken back when it is mended', () =>
    withOpen(['src/cart-memory.ts'], async () => {
      const before = editor.messages.length
      editor.edit('src/cart-memory.ts', 'class MemoryCart implements Cart', 'class MemoryCart')
      editor.edit('src/cart-memory.ts', 'class EmptyCart implements Cart', 'class EmptyCart')
      await editor.untilSent('src/shop.ts', (found) => found.includes('WV3001 at 8:21-8:25'), before)
      const then = editor.messages.length
      editor.edit('src/cart-memory.ts', 'class EmptyCart', 'class EmptyCart implements Cart')
      await editor.untilSent('src/shop.ts', (found) => found.length === 0, then)
    }))

  test('a buffer that is closed unsaved takes its errors along', async () => {
    await withOpen(['src/cart.ts'], async () => {
      editor.edit('src/cart.ts', ADD, 'item: CartItem): void')
      expect(await editor.shown('src/cart.ts')).toHaveLength(1)
    })
    await withOpen(['src/cart.ts'], async () => expect(await editor.shown('src/cart.ts')).toEqual([]))
  })

  test('hover says what crosses', () =>
    withOpen(['src/shop.ts'], async () => {
      const hover = await editor.ask<Hover>('textDocument/hover', editor.at('src/shop.ts', 'items(', 1))
      const shown = (hover.contents as MarkupContent).value
      expect(shown).toContain('boundary method `Cart.items`')
      expect(shown).toContain('items(userId: string): readonly CartItem[]')
      // TypeScript's own text stays, where there is a TypeScript behind.
      expect(shown.includes('(method) Cart.items')).toBe(mode === 'proxy')
      const other = await editor.ask<Hover | null>('textDocument/hover', editor.at('src/shop.ts', 'console', 1))
      expect(JSON.stringify(other)).not.toContain('weave')
    }))

  test('completion offers policies and names', () =>
    withOpen(['src/cart.ts', 'weave.config.ts'], async () => {
      const offered = async (name: string, marker: string, into: number): Promise<CompletionItem[]> => {
        type Answer = { items: CompletionItem[] } | CompletionItem[] | null
        const answer = await editor.ask<Answer>('textDocument/completion', editor.at(name, marker, into))
        return (Array.isArray(answer) ? answer : (answer?.items ?? [])).filter((each) => each.sortText === '0')
      }
      await editor.diagnostics('src/cart.ts')
      editor.edit('src/cart.ts', '  add(', '  /** @ */\n  add(')
      const tags = await offered('src/cart.ts', '@ */', 1)
      expect(tags.map((each) => each.label)).toEqual(['@idempotent', '@timeout'])
      expect(await editor.ask('completionItem/resolve', tags[0]!)).toMatchObject({ label: '@idempotent' })
      editor.apply('src/cart.ts', [tags[1]!.textEdit as { range: Diagnostic['range']; newText: string }])
      expect(editor.text('src/cart.ts')).toContain('/** @timeout 500ms */')

      editor.edit('weave.config.ts', "'MemoryCart'", "''")
      const classes = await offered('weave.config.ts', "''", 1)
      expect(classes.map((each) => each.label)).toEqual(['EmptyCart', 'MemoryCart'])
      editor.apply('weave.config.ts', [classes[0]!.textEdit as { range: Diagnostic['range']; newText: string }])
      expect(editor.text('weave.config.ts')).toContain("{ Cart: 'EmptyCart' }")
    }))

  test('weave.config.ts counts as it is typed, and may be broken meanwhile', () =>
    withOpen(['weave.config.ts', 'src/cart-memory.ts'], async () => {
      editor.edit('weave.config.ts', "implementations: { Cart: 'MemoryCart' },", 'implementations: {')
      expect(await editor.shown('src/cart-memory.ts')).toEqual([])
      editor.edit('weave.config.ts', 'implementations: {', '')
      expect(ours(await editor.diagnostics('src/cart-memory.ts'))).toEqual(['WV3002 at 15:14-15:23'])
      editor.edit('weave.config.ts', 'Shop: {', 'Shp: {')
      expect(ours(await editor.diagnostics('weave.config.ts'))).toEqual(['WV3008 at 5:5-5:8'])
    }))

  test('a file outside of the project has nothing of ours', async () => {
    using outside = new Workspace()
    outside.write('loose.ts', 'export const loose = 1\n')
    const uri = `file://${outside.folder}/loose.ts`
    const text = 'export const loose = 1\n'
    editor.tell('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version: 1, text } })
    const report = await editor.ask<{ items: Diagnostic[] }>('textDocument/diagnostic', { textDocument: { uri } })
    expect(ours(report.items)).toEqual([])
    const hover = await editor.ask('textDocument/hover', {
      textDocument: { uri },
      position: { line: 0, character: 14 },
    })
    expect(JSON.stringify(hover)).not.toContain('weave')
    editor.tell('textDocument/didClose', { textDocument: { uri } })
  })

  test('a question that is cancelled is answered with that', () =>
    withOpen(['src/cart.ts'], async () => {
      editor.edit('src/cart.ts', ADD, 'item: CartItem): void')
      const asked = editor.start('textDocument/diagnostic', { textDocument: { uri: editor.uri('src/cart.ts') } })
      editor.tell('$/cancelRequest', { id: asked.id })
      const { error, result } = await asked.answer
      // It may have been answered already; never is it left open.
      expect(error?.code === -32800 || result !== undefined).toBe(true)
      expect(await editor.shown('src/cart.ts')).toHaveLength(1)
    }))

  test('a tsconfig that changes is followed', () =>
    withOpen(['src/cart.ts'], async () => {
      expect(await editor.shown('src/cart.ts')).toEqual([])
      const change = (tsconfig: object): number => {
        const before = editor.messages.length
        workspace.write('tsconfig.json', JSON.stringify(tsconfig))
        editor.tell('workspace/didChangeWatchedFiles', { changes: [{ uri: editor.uri('tsconfig.json'), type: 2 }] })
        return before
      }
      const compilerOptions = { ...TSCONFIG.compilerOptions, strict: false }
      const loose = change({ ...TSCONFIG, compilerOptions })
      await editor.untilSent('tsconfig.json', (found) => found.some((each) => each.startsWith('WV9001')), loose)
      const strict = change(TSCONFIG)
      await editor.untilSent('tsconfig.json', (found) => found.length === 0, strict)
    }))
})

describe.each(modes)('$mode, sending by itself', ({ mode, typescript }) => {
  test('errors come and go with the buffer', async () => {
    using workspace = new Workspace(typescript)
    await using editor = await EditorClient.start(workspace, { pulls: false })
    editor.open('src/cart.ts')
    editor.edit('src/cart.ts', ADD, 'item: CartItem): void')
    const found = await editor.untilSent('src/cart.ts', (shown) => shown.includes('WV1001 at 11:45-11:49'))
    const [fix] = await editor.actions('src/cart.ts', found.find((each) => each.source === 'weave')!)
    const before = editor.messages.length
    editor.perform(fix as CodeAction)
    await editor.untilSent('src/cart.ts', (shown) => shown.length === 0, before)
    const then = editor.messages.length
    editor.edit('src/cart.ts', ADD, 'item: CartItm): void')
    const wanted = mode === 'proxy' ? 'TS2552 at 11:34-11:41' : 'WV2002 at 11:34-11:41'
    await editor.untilSent(
      'src/cart.ts',
      (shown) => shown.includes(wanted) && shown.includes('WV1001 at 11:44-11:48'),
      then,
    )
    expect(await editor.stop()).toBe(0)
  })
})

test('in front of TypeScript 7, everything else is its answer', async () => {
  using workspace = new Workspace('typescript-7')
  await using editor = await EditorClient.start(workspace, { pulls: true })
  editor.open('src/shop.ts')
  const [place] = await editor.ask<{ uri: string }[]>('textDocument/definition', editor.at('src/shop.ts', 'items(', 1))
  expect(place?.uri).toBe(editor.uri('src/cart.ts'))
  await expect(editor.ask('textDocument/nonsense', {})).rejects.toThrow('-32600 InvalidRequest')
  expect(await editor.stop()).toBe(0)
})

test('with --no-upstream the editor has a TypeScript server of its own', async () => {
  using workspace = new Workspace('typescript-7')
  await using editor = await EditorClient.start(workspace, { pulls: true, args: ['--no-upstream'] })
  editor.open('src/cart.ts')
  editor.edit('src/cart.ts', ADD, 'item: CartItm): void')
  expect((await editor.diagnostics('src/cart.ts')).map((each) => each.source)).toEqual(['weave', 'weave'])
  await expect(editor.ask('textDocument/definition', editor.at('src/cart.ts', 'CartItm', 1))).rejects.toThrow(/-32601/)
})

test('two projects of one window have their own answers', async () => {
  using workspace = new Workspace('typescript')
  for (const name of [
    'package.json',
    'tsconfig.json',
    'weave.config.ts',
    'src/cart.ts',
    'src/cart-memory.ts',
    'src/shop.ts',
    'src/main.ts',
  ])
    workspace.write(`other/${name}`, workspace.read(name))
  workspace.write('tsconfig.json', JSON.stringify({ ...TSCONFIG, exclude: ['other'] }))
  await using editor = await EditorClient.start(workspace, { pulls: true })
  editor.open('src/cart.ts')
  editor.open('other/src/cart.ts')
  editor.edit('other/src/cart.ts', ADD, 'item: CartItem): void')
  expect(await editor.shown('src/cart.ts')).toEqual([])
  expect(await editor.shown('other/src/cart.ts')).toEqual(['WV1001 at 11:45-11:49'])
})

test('a project without weave costs no analysis', async () => {
  using workspace = new Workspace('typescript')
  for (const name of ['weave.config.ts', 'src/cart.ts', 'src/shop.ts', 'src/main.ts', 'src/cart-memory.ts'])
    workspace.remove(name)
  workspace.remove('node_modules/weavets')
  workspace.write('package.json', '{ "name": "plain", "type": "module" }')
  workspace.write('src/plain.ts', 'export const plain: number = 1\n')
  await using editor = await EditorClient.start(workspace, { pulls: true })
  editor.open('src/plain.ts')
  expect(await editor.shown('src/plain.ts')).toEqual([])
  expect(editor.messages.filter((each) => JSON.stringify(each).includes('tsconfig.json: TypeScript'))).toEqual([])
})
