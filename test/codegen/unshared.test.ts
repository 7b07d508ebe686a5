/** A result that is proven unshared is handed over as it is by the object that the proof is about, and copied by any other. */
import { expect, test, vi } from 'vitest'
import { constructed } from '../../runtime/made.ts'
import type { Shape } from '../../runtime/shape.ts'
import { boundariesOf, component, descriptorOf, method, modelOf, parameter } from './evaluate.ts'

const STRINGS: Shape = { kind: 'array', of: { kind: 'string' } }

const [boundary] = boundariesOf(
  (() => {
    const methods = [method('ids', [parameter('kept', STRINGS)], STRINGS), method('other', [], STRINGS)]
    const { model, app } = modelOf([component('src/shelf.Shelf', methods, { unshared: ['ids'] })])
    return descriptorOf(model, app)
  })(),
)

class Wood {
  given: string[] = []
  readonly last: string[][] = []
  async ids(given: string[]) {
    this.given = given
    this.last.push(['a'])
    return this.last.at(-1)!
  }
  async other() {
    this.last.push(['b'])
    return this.last.at(-1)!
  }
}

interface Shelf {
  ids(kept: string[]): Promise<string[]>
  other(): Promise<string[]>
}

const local = (implementation: object) => new boundary!.Local(implementation) as unknown as Shelf

/** Whether the caller holds what the implementation has made. */
async function isHandedOver(shelf: Shelf, wood: Wood): Promise<boolean> {
  const result = await shelf.ids([])
  expect(result).toEqual(['a'])
  return result === wood.last.at(-1)
}

function made(): Wood {
  const wood = new Wood()
  constructed(wood, Wood)
  return wood
}

test('an instance of the class hands it over; arguments and other results are copied all the same', async () => {
  const wood = made()
  const shelf = local(wood)
  expect(await isHandedOver(shelf, wood)).toBe(true)
  const kept = ['x']
  await shelf.ids(kept)
  expect(wood.given).toEqual(kept)
  expect(wood.given).not.toBe(kept)
  const other = await shelf.other()
  expect(other).toEqual(['b'])
  expect(other).not.toBe(wood.last.at(-1))
})

test('what nobody has proven copies: a given object, a subclass, a Proxy', async () => {
  const given = new Wood()
  expect(await isHandedOver(local(given), given)).toBe(false)

  class Oak extends Wood {}
  const oak = new Oak()
  constructed(oak, Wood)
  expect(await isHandedOver(local(oak), oak)).toBe(false)

  const behind = new Wood()
  const proxy = new Proxy(behind, {})
  constructed(proxy, Wood)
  expect(await isHandedOver(local(proxy), behind)).toBe(false)
})

test('a method that is put over the proven one copies, from then on', async () => {
  const wood = made()
  const shelf = local(wood)
  wood.ids = async () => {
    wood.last.push(['a'])
    return wood.last.at(-1)!
  }
  expect(await isHandedOver(shelf, wood)).toBe(false)

  const spied = made()
  const watched = local(spied)
  const spy = vi.spyOn(Wood.prototype, 'ids')
  expect(await isHandedOver(watched, spied)).toBe(false)
  spy.mockRestore()
  expect(await isHandedOver(watched, spied)).toBe(true)
})
