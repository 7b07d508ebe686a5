/** Generated text as modules: each has what it names, all that is wanted of it, and changes only when something in it does. */
import { expect, test } from 'vitest'
import { type GeneratedText, splitApart } from '../../transformer/codegen/apart.ts'

const FUNCTIONS = 600

/** Each calls another one, some further on and some before. */
function generated(edited?: number): string {
  const texts = Array.from({ length: FUNCTIONS }, (_, at) => {
    const filling = `  // ${'filling '.repeat(100)}\n\n  // function __weave_none() {}\n`.repeat(1 + (at % 3))
    const other = (at * 7 + 3) % FUNCTIONS
    return `function __weave_f${at}(depth) {\n${filling}  return depth === 0 ? ${at === edited ? -1 : at} : __weave_f${other}(depth - 1)\n}`
  })
  const used = '// Of what follows is used above: __weave_f0, __weave_f9, __weave_f599'
  return `\n// What weavets generates\n\nfunction __weave_app() {\n  return [__weave_f0, __weave_f9, __weave_f599]\n}\n\n${used}\n\n${texts.join('\n\n')}\n`
}

const options = { specifier: './main.ts.apart', several: true }

/** What a bundler makes of it: imports and exports that meet, in one scope. */
function results(texts: readonly GeneratedText[]): number[] {
  const [inFile, ...modules] = texts
  const declared = new Map(
    modules.map(({ name, text }) => [name, new Set([...text.matchAll(/^function (\w+)/gm)].map(([, each]) => each))]),
  )
  const exportsOf = (name: string): Set<string> => {
    const { text } = modules.find((each) => each.name === name)!
    const lists = [...text.matchAll(/^export \{ (.*) \}(?: from "\.\/main\.ts\.apart\/(\w+)")?$/gm)]
    return new Set(
      lists.flatMap(([, names = '', from]) => {
        const has = from === undefined ? declared.get(name)! : exportsOf(from)
        for (const each of names.split(', ')) if (!has.has(each)) throw new Error(`${from ?? name} has no ${each}`)
        return names.split(', ')
      }),
    )
  }
  for (const { text } of texts) {
    const imported = [...text.matchAll(/^import \{ (.*) \} from "\.\/main\.ts\.apart"$/gm)].flatMap(([, names = '']) =>
      names.split(', '),
    )
    for (const name of imported) expect(exportsOf('').has(name), name).toBe(true)
    const known = new Set([...imported, ...[...text.matchAll(/^function (\w+)/gm)].map(([, name]) => name)])
    for (const [name] of text.replace(/^export .*$/gm, '').matchAll(/__weave_f\d+/g))
      expect(known.has(name), name).toBe(true)
  }
  const program = [...modules.map(({ text }) => text), inFile!.text].join('\n').replace(/^(?:import|export) .*$/gm, '')
  return new Function(`${program}\nreturn __weave_app().map((each) => each(5))`)() as number[]
}

test('several modules are the text', () => {
  const texts = splitApart(generated(), options)
  expect(texts.length).toBeGreaterThan(4)
  const expected = new Function(`${generated()}\nreturn __weave_app().map((each) => each(5))`)() as number[]
  expect(results(texts)).toEqual(expected)
  expect(results(splitApart(generated(), { ...options, several: false }))).toEqual(expected)
})

test('an edit changes one module', () => {
  const before = new Map(splitApart(generated(), options).map(({ name, text }) => [name, text]))
  for (const edited of [0, 123, 444, 599]) {
    const after = splitApart(generated(edited), options)
    expect(after.map(({ name }) => name)).toEqual([...splitApart(generated(), options)].map(({ name }) => name))
    expect(after.filter(({ name, text }) => name !== '' && before.get(name) !== text)).toHaveLength(1)
  }
})

test('little text is one module, and what names classes of its file is none', () => {
  const text = generated().slice(0, generated().indexOf('\n\nfunction __weave_f9('))
  expect(splitApart(text, options).map(({ name }) => name)).toEqual(['', ''])
  expect(splitApart(generated().replace('// Of what follows', '// None'), options)).toEqual([])
})
