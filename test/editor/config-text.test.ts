import { describe, expect, test } from 'vitest'
import { configPlaceOf, configSpotAt, readConfigText, staticValue } from '../../transformer/editor/config-text.ts'

const wrapped = (object: string): string =>
  `import { defineConfig } from 'weavets'\n\nexport default defineConfig(${object})\n`

const read = (text: string) => {
  const tree = readConfigText(text)
  return tree && staticValue(tree)
}

/** `|` is the cursor. */
const spotIn = (object: string) => {
  const text = wrapped(object)
  const offset = text.indexOf('|')
  const tree = readConfigText(text.replace('|', ''))
  return tree && configSpotAt(tree, offset)
}

describe('what a config says', () => {
  test('is read without running it', () => {
    const text = wrapped(`{
  name: 'corner', // the shop
  "config": { 'src/cart.Cart': { size: 1_000, on: true, none: null, /* no */ list: ['a', \`b\`], } },
  placement: { groups: [['Shop', 'Cart']] },
} satisfies object`)
    expect(read(text)).toEqual({
      whole: true,
      value: {
        name: 'corner',
        config: { 'src/cart.Cart': { size: 1000, on: true, none: null, list: ['a', 'b'] } },
        placement: { groups: [['Shop', 'Cart']] },
      },
    })
  })

  test('is read from a plain object too', () => {
    expect(read("export default { entry: 'src/app.ts' } as const\n")).toEqual({
      whole: true,
      value: { entry: 'src/app.ts' },
    })
  })

  test('is known in part where some of it is computed', () => {
    const text = wrapped(
      "{ name: process.env.NAME ?? 'x', replicas: 1 + 1, entry: 'a.ts', ...more, listeners: make({ a: 1 }), f() { return 1 } }",
    )
    expect(read(text)).toEqual({ whole: false, value: { entry: 'a.ts' } })
  })

  test('by a name, where more may be put into it later', () => {
    const text = "const config: WeaveConfig = { name: 'x' }\nexport default config\n"
    expect(read(text)).toEqual({ value: { name: 'x' }, whole: false })
    expect(read(text.replace('{', 'defineConfig({').replace('}', '})'))).toEqual({ value: { name: 'x' }, whole: false })
  })

  test('is unknown where the file exports something else', () => {
    expect(read('const config = make()\nexport default config\n')).toBeUndefined()
    expect(read('')).toBeUndefined()
  })

  test('survives any prefix of a text', () => {
    const text = wrapped(
      "{ config: { Shop: { title: 'a /* b', path: `x$" +
        "{'}'}y` } }, placement: { groups: [['Shop']] }, x: /[/]}/.test('') }",
    )
    for (let end = 0; end <= text.length; end++) {
      const tree = readConfigText(text.slice(0, end))
      if (tree === undefined) continue
      staticValue(tree)
      for (let at = 0; at <= end; at++) configSpotAt(tree, at)
    }
  })
})

describe('where the cursor is', () => {
  test.each([
    ['{ | }', [], 'key'],
    ['{ config: { | } }', ['config'], 'key'],
    ['{ config: { Sh| } }', ['config'], 'key'],
    ["{ config: { 'src/sh|' } }", ['config'], 'key'],
    ['{ config: { Shop: { t|itle: 1 } } }', ['config', 'Shop'], 'key'],
    ["{ implementations: { Cart: '|' } }", ['implementations', 'Cart'], 'value'],
    ['{ implementations: { Cart: | } }', ['implementations', 'Cart'], 'value'],
    ["{ placement: { groups: [['Shop', '|']] } }", ['placement', 'groups', '[]', '[]'], 'value'],
    ['{ placement: { groups: [[|]] } }', ['placement', 'groups', '[]', '[]'], 'value'],
    ['{ listeners: { |\n', ['listeners'], 'key'],
    ["{ config: { Shop: {} }, replicas: { Ca|\n  }, name: 'x' }", ['replicas'], 'key'],
  ])('%s', (object, path, expects) => {
    expect(spotIn(object)).toMatchObject({ path, expects })
  })

  test('is told what stands beside it', () => {
    expect(spotIn('{ config: { Shop: {}, | } }')?.siblings).toEqual(['Shop'])
    expect(spotIn("{ placement: { groups: [['Shop', '|']] } }")?.siblings).toEqual(['Shop'])
  })

  test('is nowhere outside of the object', () => {
    const text = wrapped('{ name: 1 }')
    expect(configSpotAt(readConfigText(text)!, 3)).toBeUndefined()
  })
})

test('a path leads to the name that it means', () => {
  const text = wrapped(
    "{ config: { 'src/cart.Cart': { size: { min: 1 } } }, placement: { groups: [['Shop', 'Crat']] } }",
  )
  const tree = readConfigText(text)!
  const at = (path: string) => {
    const place = configPlaceOf(tree, path)
    return place && text.slice(place.start, place.end)
  }
  expect(at('config.src/cart.Cart.size.min')).toBe('min')
  expect(at('config.src/cart.Cart.size.max')).toBe('size')
  expect(at('placement.groups[0][1]')).toBe("'Crat'")
  expect(at('listeners.web')).toBeUndefined()
})
