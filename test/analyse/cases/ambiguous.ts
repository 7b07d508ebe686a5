// EXPECT error WV2007 at 14:13 'arrays(a)' is a union in which nothing at run time tells one array from another.
// EXPECT error WV2007 at 15:13 'tuples(a)' is a union in which nothing at run time tells one array from one tuple.
// EXPECT error WV2007 at 16:11 'maps(a)' is a union in which nothing at run time tells one 'map' from another.
// EXPECT error WV2007 at 17:14 'objects(a)' is a union in which nothing at run time tells '{ a }' from another.
// EXPECT error WV2007 at 18:18 'nested(a).x' is a union in which nothing at run time tells 'Cat' from 'Dog'.
// EXPECT error WV2007 at 19:12 'index(a)' is a union in which nothing at run time tells '{ [key] }' from '{ a }'.
// EXPECT error WV2007 at 20:11 'json(a)' is a union in which nothing at run time tells '{ a }' from one 'json'.
import type { Component, Json } from 'weavets'

interface Cat { name: string; lives?: number }
interface Dog { name: string; tricks?: string[] }

export interface Ambiguous extends Component {
  arrays(a: string[] | number[]): Promise<void>
  tuples(a: string[] | [number]): Promise<void>
  maps(a: Map<string, string> | Map<number, string>): Promise<void>
  objects(a: { a: string } | { a: number }): Promise<void>
  nested(a: { x: Cat | Dog }): Promise<void>
  index(a: { a: number } | Record<string, string>): Promise<void>
  json(a: Json | { a: Date }): Promise<void>
}
