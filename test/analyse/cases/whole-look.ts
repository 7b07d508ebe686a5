// EXPECT WholeLook.arrays(a: (number[] by fit | string[] by fit)): undefined
// EXPECT WholeLook.tuples(a: (string[] by fit | [number] by fit)): undefined
// EXPECT WholeLook.maps(a: (Map<number, string> by fit | Map<string, string> by fit)): undefined
// EXPECT WholeLook.objects(a: ({ a: number } by fit | { a: string } by fit)): undefined
// EXPECT WholeLook.nested(a: { x: (Cat by fit | Dog by fit) }): undefined
// EXPECT WholeLook.index(a: ({ [key]: string } by fit | { a: number } by fit)): undefined
// EXPECT WholeLook.json(a: ({ a: date } by fit | json by fit)): undefined
import type { Component, Json } from 'weavets'

interface Cat { name: string; lives?: number }
interface Dog { name: string; tricks?: string[] }

export interface WholeLook extends Component {
  arrays(a: string[] | number[]): Promise<void>
  tuples(a: string[] | [number]): Promise<void>
  maps(a: Map<string, string> | Map<number, string>): Promise<void>
  objects(a: { a: string } | { a: number }): Promise<void>
  nested(a: { x: Cat | Dog }): Promise<void>
  index(a: { a: number } | Record<string, string>): Promise<void>
  json(a: Json | { a: Date }): Promise<void>
}
