/** Whose a sampled stack is: the innermost frame that has an owner, and for those without one what is known of their function. */
import { expect, test } from 'vitest'
import { LIMITS } from '../../runtime/limits.ts'
import { attribute, Helpers, type OwnedPlace, RUNTIME, type StackNode } from '../../runtime/measure/attribute.ts'

const place = (owner: string, fromLine: number, toLine: number): OwnedPlace => ({
  owner,
  scriptId: '1',
  fromLine,
  fromColumn: 0,
  toLine,
  toColumn: 1,
})
const PLACES = [place('Cart', 10, 19), place('Shop', 20, 29), place(RUNTIME, 50, 59)]

const at = (lineNumber: number, weight: number, ...children: StackNode[]): StackNode => ({
  frame: { scriptId: '1', url: 'file:///app.js', functionName: 'f', lineNumber, columnNumber: 4 },
  weight,
  children,
})
const node = (weight: number, ...children: StackNode[]): StackNode => ({
  frame: { scriptId: '9', url: 'node:internal/timers', functionName: 'list', lineNumber: 1, columnNumber: 0 },
  weight,
  children,
})

function shares(root: StackNode, heir?: string, helpers = new Helpers()): Record<string, number> {
  return Object.fromEntries(attribute(root, { places: PLACES, helpers, heir }))
}

test('a helper counts for who calls it', () => {
  expect(shares(node(0, at(12, 1, at(100, 2)), at(22, 3, at(100, 4))))).toEqual({ Cart: 3, Shop: 7 })
})

test('a component that another calls counts for itself, and so does the runtime', () => {
  expect(shares(node(0, at(22, 1, at(52, 2), at(12, 4, node(8)))))).toEqual({ Shop: 1, [RUNTIME]: 2, Cart: 12 })
})

test('what a helper does by itself goes to those that it has worked for, as much as it has for each', () => {
  const helped = [at(12, 0, at(100, 3)), at(22, 0, at(100, 1))]
  expect(shares(node(0, ...helped, at(100, 8, at(101, 4))))).toEqual({ Cart: 3 + 9, Shop: 1 + 3 })
})

test('for whom a helper works is known for a while, of those that are here', () => {
  const helpers = new Helpers()
  shares(node(0, at(12, 0, at(100, 3)), at(22, 0, at(100, 1))), undefined, helpers)
  for (let look = 0; look < 30; look++) helpers.age(() => true)
  expect(shares(node(0, at(100, 8)), 'Shop', helpers)).toEqual({ Cart: 6, Shop: 2 })
  helpers.age((owner) => owner === 'Cart')
  expect(shares(node(0, at(100, 8)), 'Shop', helpers)).toEqual({ Cart: 8 })
  for (let look = 0; look < 100; look++) helpers.age(() => true)
  expect(shares(node(0, at(100, 8)), 'Shop', helpers)).toEqual({ Shop: 8 })
})

test('of so many helpers something is kept', () => {
  const helpers = new Helpers()
  const many = Array.from({ length: 2 * LIMITS.helpersMax }, (_, index) => at(1_000 + index, 1))
  shares(node(0, at(12, 0, ...many)), undefined, helpers)
  const kept = many.filter((_, index) => shares(node(0, at(1_000 + index, 1)), 'Shop', helpers).Cart)
  expect(kept).toHaveLength(LIMITS.helpersMax)
})

test('a function of which nothing is known is its heir’s, where there is one', () => {
  expect(shares(node(0, at(12, 1), at(200, 5)))).toEqual({ Cart: 1 })
  expect(shares(node(0, at(12, 1), at(200, 5)), 'Shop')).toEqual({ Cart: 1, Shop: 5 })
})

test('what Node does by itself is nobody’s', () => {
  expect(shares(node(5, node(6), at(12, 1)), 'Shop')).toEqual({ Cart: 1 })
})
