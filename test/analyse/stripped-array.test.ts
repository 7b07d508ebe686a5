/** Arrays and dates whose type has been through a mapped type, as type-fest makes them: what is left says what they are. */
import { afterAll, expect, test } from 'vitest'
import { describeModel } from './notation.ts'
import { openProject } from './project.ts'

const project = openProject()
afterAll(() => project[Symbol.dispose]())

/** Up to type-fest 4, and since 5. */
const TYPES = `type Changing = 'splice' | 'push' | 'pop' | 'shift' | 'unshift'
export type Fixed4<Element, Length extends number, ArrayPrototype = [Element, ...Element[]]> =
  Pick<ArrayPrototype, Exclude<keyof ArrayPrototype, Changing>> & { [index: number]: Element; [Symbol.iterator]: () => IterableIterator<Element>; readonly length: Length }
type Cut<Tuple extends unknown[]> = Tuple extends unknown ? Omit<Tuple, Changing | number | 'length'> & { readonly length: Tuple['length'] } : never
type Set = { [K in keyof Date]: K extends \`set\${string}\` ? K : never }[keyof Date]
export interface ReadonlyDate extends Readonly<Omit<Date, Set>> {}
export type Fixed5<Tuple extends unknown[]> = Cut<Tuple>
`

function crosses(parameter: string) {
  project.write({
    'src/types.ts': TYPES,
    'src/x.ts': `import type { Component } from 'weavets'\nimport type { Fixed4, Fixed5, ReadonlyDate } from './types.ts'
export interface Dot { x: number }
export interface X extends Component { put(a: ${parameter}): Promise<void> }\n`,
  })
  const { model, diagnostics } = project.analyse()
  const line = describeModel(model, 'src/x').find((each) => each.startsWith('X.put')) ?? ''
  const name = line.replace('X.put(a: ', '').replace('): undefined', '')
  return diagnostics.length > 0
    ? diagnostics.map(({ code, message, fix }) => `${code} ${message} ${fix}`)
    : (model.definitions[name] ?? name)
}

test('with a name of its own it is a definition', () => {
  const number = { shape: { kind: 'number' } }
  expect(crosses('Fixed4<number, 3>')).toEqual({ kind: 'tuple', elements: [number, number, number] })
})

test.each([
  ["Fixed5<['x', Dot]>", '["x", Dot]'],
  ['Fixed5<[Dot, number?]>', '[Dot, number?]'],
  ['Fixed5<[]>', '[]'],
  ['ReadonlyDate | null', '(null | date)'],
  ["Omit<Date, 'setTime'>", 'date'],
  ["Omit<Dot[], 'push' | 'pop'>", 'Dot[]'],
  ["Omit<readonly string[], 'at'>", 'readonly string[]'],
  ["Omit<[Dot, ...Dot[]], 'push'>", '[Dot, ...Dot]'],
])('%s is %s', (parameter, shape) => {
  expect(crosses(parameter)).toBe(shape)
})

test.each(["Pick<Dot[], 'map' | 'length'>", "Omit<Dot[], 'push'> & { total: number }"])(
  '%s is one report',
  (parameter) => {
    expect(crosses(parameter)).toEqual([
      "WV2003 'put(a)' is what is left of an array, and does not say what the array holds. write the array or the tuple that is meant",
    ])
  },
)
