/**
 * Shapes: the normal form of a type on the wire. The analysis makes them, the code generator reads only them, the manifest
 * holds them, and the runtime walks them when a value has to be explained (which member is wrong, what was found) or a
 * config checked. Everything here is JSON.
 */

/** Typed arrays (`Float16Array` from Node.js 24 on), `ArrayBuffer`, and Node's own `Buffer`, cross as their bytes. */
export type BytesKind =
  | 'Uint8Array'
  | 'Uint8ClampedArray'
  | 'Int8Array'
  | 'Uint16Array'
  | 'Int16Array'
  | 'Uint32Array'
  | 'Int32Array'
  | 'Float16Array'
  | 'Float32Array'
  | 'Float64Array'
  | 'BigInt64Array'
  | 'BigUint64Array'
  | 'ArrayBuffer'
  | 'Buffer'

export type Literal =
  | { type: 'string'; value: string }
  | { type: 'number'; value: number }
  | { type: 'boolean'; value: boolean }
  /** In decimal digits, since JSON has no bigint. */
  | { type: 'bigint'; value: string }

export interface Member {
  name: string
  shape: Shape
  /** The member may be absent. `undefined` as a value is a matter of its shape. */
  optional?: true
  /** Declared `readonly`. When all that a value can reach is readonly it isn't copied between co-located components. */
  readonly?: true
}

export interface TupleElement {
  shape: Shape
  optional?: true
  /** Any number of elements of this shape; at most one element of a tuple. */
  rest?: true
}

/**
 * `keys`: regular expressions, in canonical order, of which a key must fit one, as for `[id: \`user-${string}\`]` and `[id: number]`;
 * a key that fits none is a member that isn't declared. Absent: every key fits.
 */
export interface Index {
  of: Shape
  keys?: string[]
  readonly?: true
}

/** The key of `[id: number]`: what a number is as text. */
export const NUMERIC_KEY = '^(?:-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:e[+-]\\d+)?|-?Infinity|NaN)$'

/** How a value tells which member of its union it is; members are tried in the union's (canonical) order. */
export type Test =
  /** `value[property] === one of values`. */
  | { by: 'literal'; property: string; values: Literal[] }
  /** The value itself is a primitive or a built-in class: decided by the member's shape kind. */
  | { by: 'kind' }
  /** An object that has this property, not `undefined` unless its type allows that; no later member has it. */
  | { by: 'property'; property: string }
  /** The last object member, when all others have been told apart. */
  | { by: 'else' }
  /** Nothing but the whole value tells: of all members with this test, the one that fits best (codec/fit.ts). */
  | { by: 'match' }

export interface UnionMember {
  test: Test
  shape: Shape
}

export type Shape =
  | { kind: 'boolean' }
  | { kind: 'number' }
  | { kind: 'bigint' }
  | { kind: 'string' }
  | { kind: 'null' }
  | { kind: 'undefined' }
  | { kind: 'literal'; literal: Literal }
  /** Two or more literals, none of them null or undefined; `values` in canonical order, the wire carries the index. */
  | { kind: 'literals'; values: Literal[] }
  | { kind: 'array'; of: Shape; readonly?: true }
  | { kind: 'tuple'; elements: TupleElement[]; readonly?: true }
  /**
   * Members in canonical (code unit) order of their names. `index`: keys that no member names. `omitted`: weave.config.ts
   * leaves members out that the type has, so even a readonly object isn't passed as it is.
   */
  | { kind: 'object'; members: Member[]; index?: Index; omitted?: true }
  | { kind: 'map'; key: Shape; value: Shape; readonly?: true }
  | { kind: 'set'; of: Shape; readonly?: true }
  | { kind: 'date' }
  | { kind: 'url' }
  | { kind: 'regexp' }
  | { kind: 'bytes'; type: BytesKind }
  /** `Error` or an error class; crosses as errors that are thrown do. */
  | { kind: 'error' }
  /** `mutable`: declared as something else, which weave.config.ts says is Json, so nothing says that it isn't changed. */
  | { kind: 'json'; mutable?: true }
  /** A component's interface: a reference to it, which arrives as the receiver's own stub. Full name. */
  | { kind: 'component'; component: string }
  /**
   * Crosses as what a codec of the user's makes of it: `of`. `codec`: its name (`src/money.Money`, `src/codecs.dateTime`), by which the
   * application's descriptor knows where it is. `tells`: it knows its own values among others of a union.
   */
  | { kind: 'custom'; codec: string; of: Shape; tells?: true }
  /** `AsyncIterable<T>`: a parameter, or the result, and nowhere else. */
  | { kind: 'stream'; of: Shape }
  /** `AbortSignal`: the last parameter, and nowhere else. */
  | { kind: 'signal' }
  /** `Shared<T>`: on the wire as T, never copied between co-located components. */
  | { kind: 'shared'; of: Shape }
  /** Members in canonical order; the wire carries the index. `null` and `undefined` are members like others. */
  | { kind: 'union'; members: UnionMember[] }
  /** A named (or recursive) type: its shape is in the definitions under this name. */
  | { kind: 'ref'; name: string }
  | Unsupported

/** A type that can't cross, as a value of the model; a diagnostic reports it and no code is generated from it. */
export interface Unsupported {
  kind: 'unsupported'
  /** One clause: "it is a function". */
  reason: string
  /** From the boundary to the culprit: `add(order).lines[].onDone`. */
  path: string
  fix: string
}

/** Named shapes, by unique and stable name: `src/cart.CartItem`, `src/list.Node<string>`. */
export type Definitions = Record<string, Shape>
