// EXPECT Unions.kinds(a: (undefined | null | boolean | "x"|"y" | number | bigint | Uint8Array | date | Map<string, string> | string[] | { a: 1 })): undefined
// EXPECT Unions.collapsed(a: string, b: number, c: boolean, d: string): undefined
// EXPECT Unions.byLiteral(a: ({ kind: "a"; v: string } when kind="a" | { kind: "b"|"c"; v: number } when kind="b"|"c")): undefined
// EXPECT Unions.byBoolean(a: ({ ok: false; why: string } when ok=false | { ok: true; value: number } when ok=true)): undefined
// EXPECT Unions.byEnum(a: ({ a: 1; kind: 0 } when kind=0 | { b: 1; kind: 1 } when kind=1)): undefined
// EXPECT Unions.byShape(a: ({ a: string } having a | { b: string } having b | { c: string } else)): undefined
// EXPECT Unions.byMore(a: ({ a: string; b: string } having b | { a: string } else)): undefined
// EXPECT Unions.mixed(a: ({ kind: "x" } when kind="x" | { id: string } else)): undefined
// EXPECT Unions.named(a: (undefined | Cat when sound="meow" | Dog when sound="woof")): Pet
// EXPECT Unions.exclusive(a: ({ a: number } having a | { b: string } else)): undefined
// EXPECT Unions.definite(a: ({ b: string } having b | { a: (undefined | number) } else)): undefined
// EXPECT Unions.opposite(a: ({ a: number; b: undefined } having a | { a: undefined; b: string } else)): undefined
// EXPECT type Pet = (Cat when sound="meow" | Dog when sound="woof")
import type { Component } from 'weavets'

enum Kind {
  A,
  B,
}
interface Dog {
  sound: 'woof'
}
interface Cat {
  sound: 'meow'
}
type Pet = Dog | Cat

export interface Unions extends Component {
  kinds(
    a: { a: 1 } | string[] | Map<string, string> | Date | Uint8Array | bigint | number | 'y' | 'x' | boolean | null | undefined,
  ): Promise<void>
  collapsed(a: 'a' | string, b: 1 | number, c: true | false, d: `x${string}` | string): Promise<void>
  byLiteral(a: { kind: 'c' | 'b'; v: number } | { kind: 'a'; v: string }): Promise<void>
  byBoolean(a: { ok: true; value: number } | { ok: false; why: string }): Promise<void>
  byEnum(a: { kind: Kind.B; b: 1 } | { kind: Kind.A; a: 1 }): Promise<void>
  byShape(a: { c: string } | { a: string } | { b: string }): Promise<void>
  byMore(a: { a: string } | { a: string; b: string }): Promise<void>
  mixed(a: { id: string } | { kind: 'x' }): Promise<void>
  exclusive(a: { a: number; b?: undefined } | { a?: never; b: string }): Promise<void>
  definite(a: { a: number | undefined } | { b: string }): Promise<void>
  opposite(a: { a: number; b: undefined } | { a: undefined; b: string }): Promise<void>
  named(a: Pet | undefined): Promise<Pet>
}
