// EXPECT Objects.nasty(all: Nasty): undefined
// EXPECT type Nasty = { "": number; 1: string; 2b: string; "__@x": string; __proto__: string; "a-b": boolean; constructor: string; hasOwnProperty: boolean; toString: string; "ünï": null }
// EXPECT Objects.records(a: { [key]: number }, b: { x: Point; y: Point }, c: { id: string; [key]: (number | string) }, d: { readonly [key number]: Point }): { [key ^x-[^]*$]: boolean }
// EXPECT Objects.mapped(a: { x?: number; y?: number }, b: { readonly x: number; readonly y: number }, c: { x: number }, d: { y: number }): { x: string; y: string }
// EXPECT Objects.conditional(a: string, b: Point, c: "x"|"y"): number
// EXPECT Objects.deep(a: { a: 1; b: 2; c: 3; d: 4; x: number; y: number }): undefined
// EXPECT Objects.mutable(a: Mutable<{ readonly "id": string }>): undefined
// EXPECT type Mutable<{ readonly "id": string }> = { id: string }
// EXPECT Objects.merged(a: Merged): undefined
// EXPECT Objects.generics(a: Page<Point>, b: Page<string>, c: Pair<number, Point>): Page<{ "a": 1 }>
// EXPECT type Merged = { first: string; second: number }
// EXPECT type Page<Point> = { items: Point[]; readonly next?: string }
// EXPECT type Page<string> = { items: string[]; readonly next?: string }
// EXPECT type Page<{ "a": 1 }> = { items: { a: 1 }[]; readonly next?: string }
// EXPECT type Pair<number, Point> = { left: number; right: Point }
// EXPECT Objects.absent(a: { a: string; b?: string; c: (undefined | string) }): undefined
// EXPECT Objects.xor(a: ({ a: string } having a | { b: string } else)): undefined
// EXPECT Objects.inner(a: Shapes.Circle): undefined
import type { Component } from 'weavets'

export interface Point {
  x: number
  y: number
}
export interface Nasty {
  __proto__: string
  constructor: string
  hasOwnProperty: boolean
  toString: string
  'a-b': boolean
  '2b': string
  1: string
  '': number
  ünï: null
  '__@x': string
}
export interface Merged {
  second: number
}
export interface Merged {
  first: string
}
interface Page<T> {
  items: T[]
  readonly next?: string
}
type Pair<A, B> = { left: A; right: B }
type If<T> = T extends number ? string : boolean
type Mutable<T> = { -readonly [K in keyof T]: T[K] }
namespace Shapes {
  export interface Circle {
    radius: number
  }
}

export interface Objects extends Component {
  nasty(all: Nasty): Promise<void>
  records(
    a: Record<string, number>,
    b: Record<'y' | 'x', Point>,
    c: { [key: string]: number | string; id: string },
    d: { readonly [key: number]: Point },
  ): Promise<{ [key: `x-${string}`]: boolean }>
  mapped(a: Partial<Point>, b: Readonly<Point>, c: Pick<Point, 'x'>, d: Omit<Point, 'x'>): Promise<{ [K in keyof Point]: string }>
  conditional(a: If<number>, b: Exclude<Point | string, string>, c: keyof Point): Promise<Point['x']>
  deep(a: { a: 1 } & { b: 2 } & ({ c: 3 } & ({ d: 4 } & Point))): Promise<void>
  mutable(a: Mutable<{ readonly id: string }>): Promise<void>
  merged(a: Merged): Promise<void>
  generics(a: Page<Point>, b: Page<string>, c: Pair<number, Point>): Promise<Page<{ a: 1 }>>
  absent(a: { a: string; b?: string; c: string | undefined }): Promise<void>
  xor(a: { a: string; b?: never } | { a?: never; b: string }): Promise<void>
  inner(a: Shapes.Circle): Promise<void>
}
