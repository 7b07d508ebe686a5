/** The manifest: what is in it, that the schema describes it and it alone, and what its reader refuses. */
import { readFileSync } from 'node:fs'
import { Ajv2020, type SchemaObject } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Manifest, parseManifest } from '../../runtime/manifest.ts'
import type { Shape } from '../../runtime/shape.ts'
import { createManifest, serialiseManifest } from '../../transformer/codegen/manifest.ts'
import { contentVersion } from '../../transformer/codegen/version.ts'
import type { App, AppModel } from '../../transformer/model.ts'
import { component, implementation, method, modelOf, parameter } from './evaluate.ts'
import { sample } from './shapes.ts'

const schema = JSON.parse(readFileSync(new URL('../../schema/manifest.json', import.meta.url), 'utf8')) as SchemaObject
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile<Manifest>(schema)

const STRING: Shape = { kind: 'string' }

function shop(shape: Shape = STRING, definitions: AppModel['definitions'] = {}): { model: AppModel; app: App } {
  const cart = component(
    'src/cart.Cart',
    [
      method(
        'add',
        [parameter('id', STRING), parameter('rest', { kind: 'array', of: shape }, { rest: true })],
        { kind: 'undefined' },
        { key: 0, hash: 'h1' },
      ),
      method('items', [parameter('limit', { kind: 'number' }, { optional: true })], shape, {
        idempotent: true,
        timeoutMs: 500,
        hash: 'h2',
      }),
    ],
    { implementation: implementation('src/cart-memory.ts', 'MemoryCart', { reaches: ['src/rates.Rates'] }) },
  )
  const rates = component('src/rates.Rates', [], { provided: true })
  const unused = component('src/unused.Unused', [])
  const { model, app } = modelOf([cart, rates, unused], { definitions })
  const root = {
    name: 'src/shop.Shop',
    implementation: implementation('src/shop.ts', 'Shop', {
      dependencies: [
        { kind: 'component', parameter: 'cart', component: 'src/cart.Cart' },
        { kind: 'listener', parameter: 'web' },
        { kind: 'config', parameter: 'config', shape: { kind: 'object', members: [{ name: 'title', shape: STRING }] } },
      ],
    }),
  }
  return { model, app: { ...app, kind: 'run', root, components: ['src/rates.Rates', 'src/cart.Cart'] } }
}

const options = { version: '0123456789abcdef', name: 'shop', entry: 'main.js' }

test('says what the application is', () => {
  const { model, app } = shop()
  expect(createManifest(model, app, options)).toEqual({
    format: 1,
    version: '0123456789abcdef',
    application: 'shop',
    entry: 'main.js',
    root: 'src/shop.Shop',
    components: [
      { name: 'src/rates.Rates', implementation: null, methods: [], dependencies: [], listeners: [], routed: false },
      {
        name: 'src/cart.Cart',
        implementation: 'src/cart-memory.MemoryCart',
        methods: [
          {
            name: 'add',
            hash: 'h1',
            idempotent: false,
            key: 0,
            parameters: [
              { name: 'id', shape: STRING },
              { name: 'rest', shape: { kind: 'array', of: STRING }, rest: true },
            ],
            result: { kind: 'undefined' },
          },
          {
            name: 'items',
            hash: 'h2',
            idempotent: true,
            timeoutMs: 500,
            parameters: [{ name: 'limit', shape: { kind: 'number' }, optional: true }],
            result: STRING,
          },
        ],
        dependencies: ['src/rates.Rates'],
        reaches: ['src/rates.Rates'],
        listeners: [],
        routed: true,
      },
      {
        name: 'src/shop.Shop',
        implementation: 'src/shop.Shop',
        methods: [],
        dependencies: ['src/cart.Cart'],
        listeners: ['web'],
        config: { kind: 'object', members: [{ name: 'title', shape: STRING }] },
        routed: false,
      },
    ],
    edges: [
      { caller: 'src/cart.Cart', callee: 'src/rates.Rates' },
      { caller: 'src/shop.Shop', callee: 'src/cart.Cart' },
    ],
    definitions: {},
  })
})

describe('schema', () => {
  test('every manifest is valid, and is read as it was written', () => {
    fc.assert(
      fc.property(sample, ({ shape, definitions }) => {
        const { model, app } = shop(shape, definitions)
        const text = serialiseManifest(createManifest(model, app, options))
        validate(JSON.parse(text))
        expect(validate.errors).toBeNull()
        expect(serialiseManifest(parseManifest(text))).toBe(text)
      }),
      { numRuns: Number(process.env.WEAVE_RUNS ?? 50) },
    )
  })

  test('unknown members are errors', () => {
    const { model, app } = shop()
    const manifest = createManifest(model, app, options)
    expect(validate({ ...manifest, more: 1 })).toBe(false)
    expect(validate({ ...manifest, components: [] })).toBe(false)
  })

  test('every property has a description', () => {
    const missing: string[] = []
    const walk = (value: unknown, path: string) => {
      if (typeof value !== 'object' || value === null) return
      for (const [key, inside] of Object.entries(value)) {
        if (key === 'properties') {
          for (const [name, property] of Object.entries(inside as Record<string, { description?: string }>)) {
            if (!property.description) missing.push(`${path}.${name}`)
          }
        }
        walk(inside, `${path}.${key}`)
      }
    }
    walk(schema, '')
    expect(missing).toEqual([])
  })
})

test.each<[string, (manifest: Record<string, unknown>) => void, string]>([
  [
    'another format',
    (manifest) => (manifest.format = 2),
    'The manifest has format 2 where this weavets reads 1; build the application again with `weave build`.',
  ],
  [
    'no root',
    (manifest) => delete manifest.root,
    'The manifest has no "root"; build the application again with `weave build`.',
  ],
  [
    'a wrong part',
    (manifest) => (manifest.components = [{ name: 1 }]),
    'The manifest has a "components" that is malformed; build the application again with `weave build`.',
  ],
  [
    'a name that leads nowhere',
    (manifest) => (manifest.root = 'src/x.X'),
    'The manifest names the component "src/x.X" but does not list it; build the application again with `weave build`.',
  ],
])('a manifest with %s is refused', (_, change, message) => {
  const { model, app } = shop()
  const manifest = JSON.parse(serialiseManifest(createManifest(model, app, options))) as Record<string, unknown>
  change(manifest)
  expect(() => parseManifest(JSON.stringify(manifest))).toThrow(message)
})

test('what is not JSON is refused', () => {
  expect(() => parseManifest('{', 'dist/weave.manifest.json')).toThrow('dist/weave.manifest.json is not JSON; build')
  expect(() => parseManifest('[]')).toThrow('The manifest is not an object; build')
})

describe('version', () => {
  const files: [string, string][] = [
    ['src/b.ts', 'export {}\n'],
    ['src/a.ts', 'one\ntwo\n'],
  ]

  test('does not depend on order, line ends, separators or a byte order mark', () => {
    const version = contentVersion(files)
    expect(version).toMatch(/^[0-9a-f]{16}$/)
    expect(contentVersion([...files].reverse())).toBe(version)
    expect(contentVersion(new Map(files))).toBe(version)
    expect(
      contentVersion([
        ['src\\b.ts', '\uFEFFexport {}\r\n'],
        ['src\\a.ts', 'one\r\ntwo\r\n'],
      ]),
    ).toBe(version)
  })

  test('depends on every path and text', () => {
    const versions = [
      contentVersion(files),
      contentVersion(files.slice(1)),
      contentVersion([...files, ['src/c.ts', '']]),
      contentVersion([['src/b.ts', 'export {} \n'], files[1]!]),
      contentVersion([['src/c.ts', 'export {}\n'], files[1]!]),
    ]
    expect(new Set(versions).size).toBe(versions.length)
  })
})

test('who is given a reference may call it, and so may who gets one from what it holds', () => {
  const to = (name: string) => ({ kind: 'component' as const, component: name })
  const { model } = modelOf([
    component('src/a.A', [method('find', [], to('src/b.B'))]),
    component('src/b.B', [method('more', [], { kind: 'stream', of: to('src/c.C') })]),
    component('src/c.C', [method('tell', [parameter('a', to('src/a.A'))], { kind: 'undefined' })]),
  ])
  const root = implementation('src/shop.ts', 'Shop', {
    dependencies: [{ kind: 'component', parameter: 'a', component: 'src/a.A' }],
  })
  const app: App = {
    kind: 'run',
    file: 'src/main.ts',
    root: { name: 'src/shop.Shop', implementation: root },
    components: ['src/a.A', 'src/b.B', 'src/c.C'],
  }
  const callees = (caller: string) =>
    createManifest(model, app, options)
      .edges.filter((edge) => edge.caller === caller)
      .map(({ callee }) => callee)
  expect(callees('src/shop.Shop')).toEqual(['src/a.A', 'src/b.B', 'src/c.C'])
  // C is given an A, whose `find` gives a B, whose `more` gives itself.
  expect(callees('src/c.C')).toEqual(['src/a.A', 'src/b.B'])
  expect(callees('src/a.A')).toEqual([])
})
