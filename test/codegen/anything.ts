/** Values of all sorts, most of which are of no given type: what a cast, a library or a careless author puts in a value's place. */
import { runInNewContext } from 'node:vm'

class Empty {}
class Fewer extends Map<unknown, unknown> {
  override *[Symbol.iterator](): MapIterator<[unknown, unknown]> {
    yield* [...super[Symbol.iterator]()].slice(1) as unknown as MapIterator<[unknown, unknown]>
  }
}
class More extends Set<unknown> {
  override get size(): number {
    return 7
  }
}
const proxyOf = (value: object): object => new Proxy(value, {})
function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(16)
  structuredClone(buffer, { transfer: [buffer] })
  return buffer
}
function detachedView(): Float64Array {
  const view = new Float64Array(2)
  structuredClone(view.buffer, { transfer: [view.buffer] })
  return view
}
function outOfBounds(): Float64Array {
  const buffer = new ArrayBuffer(16, { maxByteLength: 32 })
  const view = new Float64Array(buffer, 8, 1)
  buffer.resize(8)
  return view
}
function cyclic(): object {
  const made: Record<string, unknown> = {}
  for (const name of ['a', 'next', 'content', 'p0']) made[name] = made
  return made
}
function cyclicList(): unknown[] {
  const made: unknown[] = []
  made.push(made)
  return made
}

/** Made anew each time, by name. */
export const ANYTHING: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  'a number': () => 1,
  '-0': () => -0,
  NaN: () => Number.NaN,
  'a bigint': () => 1n,
  'a string': () => 'x',
  'an empty string': () => '',
  'a symbol': () => Symbol('x'),
  'a function': () => () => 0,
  'a class': () => Empty,
  'an empty object': () => ({}),
  'an object without a prototype': () => Object.create(null),
  'an object with a member': () => ({ a: 1 }),
  'an instance': () => new Empty(),
  'an empty list': () => [],
  'a list': () => [1, 'x'],
  'a list with a hole': () => new Array(1),
  'a list of undefined': () => [undefined],
  'a map': () => new Map([['a', 1]]),
  'an empty map': () => new Map(),
  'a set': () => new Set([1]),
  'an empty set': () => new Set(),
  'a date': () => new Date(1),
  'a regular expression': () => /x/g,
  'a regular expression whose lastIndex is none': () => Object.assign(/x/g, { lastIndex: 'x' }),
  'a URL': () => new URL('http://a.b/'),
  'an error': () => new RangeError('x'),
  'an aggregate': () => new AggregateError([1, new Error('x')], 'x', { cause: 1 }),
  'an exception of the platform': () => new DOMException('x', 'AbortError'),
  bytes: () => new Uint8Array([1]),
  'a buffer': () => Buffer.from('x'),
  'an ArrayBuffer': () => new ArrayBuffer(8),
  'a SharedArrayBuffer': () => new SharedArrayBuffer(8),
  'a DataView': () => new DataView(new ArrayBuffer(8)),
  'a Float64Array': () => new Float64Array([1]),
  'a boxed number': () => Object(1),
  'a boxed string': () => Object('x'),
  'a promise': () => Promise.resolve(1),
  'a weak map': () => new WeakMap(),
  'an iterator': () => [1].values(),
  arguments: () =>
    (function () {
      // biome-ignore lint/complexity/noArguments: that is what is meant
      return arguments
    })(),
  'a proxy of a map': () => proxyOf(new Map([['a', 1]])),
  'a proxy of a set': () => proxyOf(new Set([1])),
  'a proxy of a date': () => proxyOf(new Date(1)),
  'a proxy of bytes': () => proxyOf(new Uint8Array([1])),
  'a proxy of a URL': () => proxyOf(new URL('http://a.b/')),
  'a proxy of a regular expression': () => proxyOf(/x/),
  'a proxy of an error': () => proxyOf(new Error('x')),
  'a revoked proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
  'nothing but the prototype of a map': () => Object.create(Map.prototype),
  'nothing but the prototype of a URL': () => Object.create(URL.prototype),
  'nothing but the prototype of an error': () => Object.create(Error.prototype),
  'nothing but the prototype of a date': () => Object.create(Date.prototype),
  'nothing but the prototype of bytes': () => Object.create(Uint8Array.prototype),
  'a map that shows fewer': () => new Fewer([['a', 1]]),
  'a set that says more': () => new More([1]),
  'an object that throws': () =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        ['a', 'b', 'p0', 'p1', 'kind', 'next', 'm0'].map((name) => [
          name,
          {
            get: () => {
              throw new RangeError('not now')
            },
            enumerable: true,
          },
        ]),
      ),
    ),
  'a detached ArrayBuffer': detached,
  'a detached Float64Array': detachedView,
  'a Float64Array out of bounds': outOfBounds,
  'a cycle': cyclic,
  'a list that holds itself': cyclicList,
  'a value that says it is a map': () => ({ [Symbol.toStringTag]: 'Map' }),
  'a map of another realm': () => runInNewContext('new Map([["a", 1]])'),
  'an error of another realm': () => runInNewContext('new RangeError("x")'),
  'an object of another realm': () => runInNewContext('({ a: 1 })'),
  'a null-prototype class': () => {
    class Nothing {}
    Object.setPrototypeOf(Nothing.prototype, null)
    return new Nothing()
  },
}
