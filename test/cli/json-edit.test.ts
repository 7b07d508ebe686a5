import { describe, expect, test } from 'vitest'
import { insertJson, type JsonInsert } from '../../cli/init/json-edit.ts'
import { loadTypeScript } from '../../transformer/checker/load.ts'

const ts = loadTypeScript(import.meta.dirname)
const insert = (text: string, what: JsonInsert) => insertJson(ts, text, what)
const plugin: JsonInsert = { path: ['compilerOptions', 'plugins'], value: { transform: 'x', transformProgram: true } }

describe('insertJson', () => {
  test('adds a line with the indentation and line ends of its neighbours', () => {
    const text = '{\r\n    "dependencies": {\r\n        "a": "1"\r\n    }\r\n}\r\n'
    expect(insert(text, { path: ['dependencies'], key: 'b', value: '2' })).toBe(
      '{\r\n    "dependencies": {\r\n        "a": "1",\r\n        "b": "2"\r\n    }\r\n}\r\n',
    )
  })

  test('keeps comments and trailing commas', () => {
    const text = '{\n  // strict is on\n  "compilerOptions": {\n    "strict": true, // always\n  },\n}\n'
    expect(insert(text, plugin)).toBe(
      '{\n  // strict is on\n  "compilerOptions": {\n    "strict": true,\n    "plugins": [{ "transform": "x", "transformProgram": true }], // always\n  },\n}\n',
    )
  })

  test('makes the objects on the way', () => {
    expect(insert('{ "files": [] }', plugin)).toBe(
      '{ "files": [], "compilerOptions": { "plugins": [{ "transform": "x", "transformProgram": true }] } }',
    )
    expect(insert('{}', { path: ['dependencies'], key: 'a', value: '1' })).toBe('{ "dependencies": { "a": "1" } }')
  })

  test('adds to an array', () => {
    const text = '{ "compilerOptions": { "plugins": [{ "transform": "y" }] } }'
    expect(JSON.parse(insert(text, plugin)!).compilerOptions.plugins).toEqual([{ transform: 'y' }, plugin.value])
  })

  test('leaves what is there', () => {
    const text = '{ "dependencies": { "a": "^1" } }'
    expect(insert(text, { path: ['dependencies'], key: 'a', value: '2' })).toBe(text)
  })

  test('refuses what it can not read, and what is not an object on the way', () => {
    expect(insert('{ "a": ', plugin)).toBeUndefined()
    expect(insert('{ "compilerOptions": true }', plugin)).toBeUndefined()
    expect(insert('[]', plugin)).toBeUndefined()
  })
})
