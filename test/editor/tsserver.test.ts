/** The plugin inside the real tsserver, driven over stdio: buffers are opened, typed into and never saved. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CodeFix, TsServer } from './tsserver.ts'
import { TSCONFIG, Workspace } from './workspace.ts'

let workspace: Workspace
let server: TsServer

beforeAll(async () => {
  workspace = new Workspace()
  server = await TsServer.start(workspace)
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  workspace?.[Symbol.dispose]()
})

/** Opened for one test, and closed without a trace. */
async function withOpen(names: readonly string[], body: () => Promise<void>): Promise<void> {
  for (const name of names) server.open(name)
  try {
    await body()
  } finally {
    for (const name of names) server.close(name)
  }
}

const ADD = 'item: CartItem): Promise<void>'

describe('an error', () => {
  test('is there as it is typed, with its reason, and goes with its fix', () =>
    withOpen(['src/cart.ts'], async () => {
      expect(await server.shown('src/cart.ts')).toEqual([])
      server.edit('src/cart.ts', ADD, 'item: CartItem): void')

      const [found, ...others] = await server.diagnostics('src/cart.ts')
      expect(others).toEqual([])
      expect(found).toMatchObject({ code: 851001, category: 'error', source: 'weave' })
      expect(found!.start).toEqual({ line: 11, offset: 45 })
      expect(found!.end).toEqual({ line: 11, offset: 49 })
      expect(found!.text).toBe(
        "WV1001 Method 'add' of component 'Cart' must return a Promise, but it returns 'void'. weave(async-return)\n" +
          '  why: the component may run in another process\n' +
          "  fix: declare it as 'Promise<void>', make the method of the class 'async', and 'await' it where it is called\n" +
          '  weave explain WV1001',
      )

      const fixes = await server.fixes('src/cart.ts', found!)
      expect(fixes.map((each) => [each.fixName, each.description])).toContainEqual(['weave', "Return 'Promise<void>'"])
      apply(fixes[0]!)
      expect(server.text('src/cart.ts')).toContain(ADD)
      expect(await server.shown('src/cart.ts')).toEqual([])
    }))

  test('of one buffer is shown in another', () =>
    withOpen(['src/cart.ts', 'src/cart-memory.ts', 'src/shop.ts'], async () => {
      expect(await server.shown('src/shop.ts')).toEqual([])
      server.edit('src/cart-memory.ts', 'class MemoryCart implements Cart', 'class MemoryCart')
      server.edit('src/cart-memory.ts', 'class EmptyCart implements Cart', 'class EmptyCart')
      expect(await server.shown('src/shop.ts')).toEqual(['WV3001 at 8:21-8:25'])
      const [missing] = await server.diagnostics('src/shop.ts')
      expect(missing!.relatedInformation?.map((each) => each.message)).toEqual(["'Cart' is declared here"])
      server.edit('src/cart-memory.ts', 'class EmptyCart', 'class EmptyCart implements Cart')
      server.edit('src/cart-memory.ts', 'class MemoryCart', 'class MemoryCart implements Cart')
      expect(await server.shown('src/shop.ts')).toEqual([])
    }))

  test('stands beside the errors of TypeScript', () =>
    withOpen(['src/cart.ts'], async () => {
      server.edit('src/cart.ts', ADD, 'item: CartItm): void')
      expect(await server.shown('src/cart.ts')).toEqual(['TS2552 at 11:34-11:41', 'WV1001 at 11:44-11:48'])
      // Its code, which TypeScript doesn't know, doesn't keep TypeScript from answering.
      const spelling = (await server.diagnostics('src/cart.ts')).find((each) => each.code === 2552)!
      expect((await server.fixes('src/cart.ts', spelling)).map((each) => each.fixName)).toContain('spelling')
    }))

  test('is gone with a buffer that is closed unsaved', async () => {
    await withOpen(['src/cart.ts'], async () => {
      server.edit('src/cart.ts', ADD, 'item: CartItem): void')
      expect(await server.shown('src/cart.ts')).toHaveLength(1)
    })
    await withOpen(['src/cart.ts'], async () => expect(await server.shown('src/cart.ts')).toEqual([]))
  })

  test('of one kind is mended everywhere at once', () =>
    withOpen(['src/cart.ts'], async () => {
      server.edit('src/cart.ts', ADD, 'item: CartItem): void')
      server.edit('src/cart.ts', 'Promise<readonly CartItem[]>', 'readonly CartItem[]')
      const [first] = await server.diagnostics('src/cart.ts')
      const [fix] = await server.fixes('src/cart.ts', first!)
      expect(fix?.fixId).toBe('weave:return-promise')
      const scope = { type: 'file', args: { file: server.file('src/cart.ts') } }
      apply(await server.ask('getCombinedCodeFix', { scope, fixId: fix!.fixId }))
      expect(await server.shown('src/cart.ts')).toEqual([])
    }))

  const apply = ({ changes }: Pick<CodeFix, 'changes'>): void => {
    for (const { fileName, textChanges } of changes)
      server.apply(fileName.slice(workspace.folder.length + 1), textChanges)
  }
})

test('its codes are among those that the editor asks fixes for', () =>
  withOpen(['src/cart.ts'], async () => {
    const codes = await server.ask<string[]>('getSupportedCodeFixes', { file: server.file('src/cart.ts') })
    expect(codes).toContain('851001')
    expect(codes.length).toBeGreaterThan(300)
  }))

describe('hover', () => {
  const documentation = async (name: string, marker: string, into = 1): Promise<string> => {
    const answer = await server.ask<{ documentation: string }>('quickinfo', server.at(name, marker, into))
    return answer.documentation
  }

  test('on a call says what crosses, and how', () =>
    withOpen(['src/shop.ts'], async () => {
      expect(
        await documentation('src/shop.ts', 'items('),
      ).toBe(`**weave** boundary method \`Cart.items\`: the call may leave this process.

- deadline: \`@timeout 500ms\`, wherever it runs
- \`@idempotent\`: tried again also when it may have been executed
- key: equal values of \`userId\` reach the same replica
- implemented by \`MemoryCart\` (src/cart-memory.ts)

On the wire:
\`\`\`ts
items(userId: string): readonly CartItem[]
CartItem = { readonly productId: string; readonly quantity: number }
\`\`\``)
    }))

  test('on a declaration follows the buffer', () =>
    withOpen(['src/cart.ts'], async () => {
      expect(await documentation('src/cart.ts', 'add(')).toContain('not `@idempotent`')
      server.edit('src/cart.ts', '  add(', '  /** @idempotent @timeout 2m */\n  add(')
      const shown = await documentation('src/cart.ts', 'add(')
      expect(shown).toContain('`@timeout 2m`')
      expect(shown).toContain('- `@idempotent`: tried again')
    }))

  test('on a component says who implements it and who depends on it', () =>
    withOpen(['src/cart.ts'], async () => {
      const shown = await documentation('src/cart.ts', 'Cart extends')
      expect(shown).toContain('component `src/cart.Cart`')
      expect(shown).toContain('implemented by `MemoryCart`')
      expect(shown).toContain('taken by `Shop`')
    }))

  test('on get, run and the implementation says what they mean', () =>
    withOpen(['src/shop.ts', 'src/main.ts', 'src/cart-memory.ts'], async () => {
      expect(await documentation('src/shop.ts', 'get<')).toContain('component `src/cart.Cart`')
      expect(await documentation('src/main.ts', 'run(')).toContain('starts the application: 1 component')
      expect(await documentation('src/cart-memory.ts', 'MemoryCart')).toContain(
        'implements the component `src/cart.Cart`',
      )
      expect(await documentation('src/cart-memory.ts', 'items(')).toContain(
        'implements the boundary method `Cart.items`',
      )
    }))

  test('leaves everything else alone', () =>
    withOpen(['src/shop.ts'], async () => {
      expect(await documentation('src/shop.ts', 'console')).not.toContain('weave')
    }))
})

describe('completion', () => {
  interface Entry {
    name: string
    insertText?: string
  }
  const offered = async (name: string, marker: string, into: number): Promise<string[]> => {
    const answer = await server.ask<{ entries: Entry[] } | undefined>('completionInfo', server.at(name, marker, into))
    return (answer?.entries ?? []).map((each) => each.insertText ?? each.name)
  }

  test('offers the policies of a method, and only there', () =>
    withOpen(['src/cart.ts'], async () => {
      server.edit('src/cart.ts', '  add(', '  /** @i */\n  add(')
      expect((await offered('src/cart.ts', '@i */', 2)).slice(0, 2)).toEqual(['@idempotent', '@timeout 500ms'])
      const details = await server.ask<{ documentation: { text: string }[] }[]>('completionEntryDetails', {
        ...server.at('src/cart.ts', '@i */', 2),
        entryNames: ['@timeout'],
      })
      expect(details[0]!.documentation[0]!.text).toContain('deadline')
      server.edit('src/cart.ts', '@i */', '@timeout  */')
      expect((await offered('src/cart.ts', '@timeout  */', 9)).slice(0, 2)).toEqual(['100ms', '500ms'])
      server.edit('src/cart.ts', '  readonly productId', '  /** @ */\n  readonly productId')
      expect(await offered('src/cart.ts', '@ */', 1)).not.toContain('@idempotent')
    }))

  test('offers the names of weave.config.ts', () =>
    withOpen(['weave.config.ts'], async () => {
      server.edit('weave.config.ts', "'MemoryCart'", "''")
      expect(await offered('weave.config.ts', "''", 1)).toEqual(["'EmptyCart'", "'MemoryCart'"])
      server.edit('weave.config.ts', "title: 'Corner shop'", "title: 'Corner shop', ")
      expect(await offered('weave.config.ts', "shop', ", 7)).toContain('open')
      server.edit('weave.config.ts', "{ Cart: '' },", '{ },\n  listeners: {  },\n  replicas: {  },')
      expect(await offered('weave.config.ts', '{  },', 2)).toContain('_web')
      expect(await offered('weave.config.ts', 'replicas: {  }', 12)).toEqual(expect.arrayContaining(['Cart', 'Shop']))
      server.edit('weave.config.ts', 'replicas: {  }', "replicas: {  }, pins: { apart: [['']] }")
      expect(await offered('weave.config.ts', "['']", 2)).toEqual(expect.arrayContaining(["'Cart'", "'Shop'"]))
    }))
})

describe('weave.config.ts', () => {
  test('has its errors at the name that they are about', () =>
    withOpen(['weave.config.ts', 'src/shop.ts'], async () => {
      server.edit('weave.config.ts', 'Shop: {', 'Shp: {')
      server.edit('weave.config.ts', "'MemoryCart'", "'MemryCart'")
      expect(await server.shown('weave.config.ts')).toEqual(['WV3008 at 5:5-5:8', 'WV3008 at 7:28-7:39'])
    }))

  test('counts as it is typed: the choice of a class', () =>
    withOpen(['weave.config.ts', 'src/cart-memory.ts'], async () => {
      expect(await server.shown('src/cart-memory.ts')).toEqual([])
      server.edit('weave.config.ts', "implementations: { Cart: 'MemoryCart' },", '')
      expect(await server.shown('src/cart-memory.ts')).toEqual(['WV3002 at 15:14-15:23'])
    }))

  test('may be broken meanwhile: what was last understood holds', () =>
    withOpen(['weave.config.ts', 'src/cart-memory.ts', 'src/shop.ts'], async () => {
      expect(await server.shown('src/cart-memory.ts')).toEqual([])
      server.edit('weave.config.ts', "implementations: { Cart: 'MemoryCart' },", 'implementations: {')
      expect(await server.shown('src/cart-memory.ts')).toEqual([])
      expect(await server.shown('src/shop.ts')).toEqual([])
    }))
})

test('without a config file, and with a tsconfig that changes, it answers on', async () => {
  using bare = new Workspace()
  await using other = await TsServer.start(bare)
  other.open('src/cart.ts')
  other.edit('src/cart.ts', ADD, 'item: CartItem): void')
  expect(await other.shown('src/cart.ts')).toEqual(['WV1001 at 11:45-11:49'])
  // tsserver takes a closed project's tsconfig anew.
  other.close('src/cart.ts')
  const { plugins: _, ...compilerOptions } = TSCONFIG.compilerOptions
  bare.write('tsconfig.json', JSON.stringify({ ...TSCONFIG, compilerOptions }))
  await other.ask('reloadProjects', {}).catch(() => undefined)
  other.open('src/cart.ts')
  other.edit('src/cart.ts', ADD, 'item: CartItem): void')
  expect(await other.shown('src/cart.ts')).toEqual([])
})
