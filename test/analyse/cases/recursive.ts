// EXPECT Recursive.list(list: Node<string>, tree: Tree, nested: Nested): Branch
// EXPECT type Node<string> = { next?: Node<string>; value: string }
// EXPECT type Node<number> = { next?: Node<number>; value: number }
// EXPECT type Tree = (Branch when kind="branch" | Leaf when kind="leaf")
// EXPECT type Branch = { kind: "branch"; left: Tree; right: Tree }
// EXPECT type Nested = (string | Nested[])
// EXPECT type Employee = { boss: (undefined | Employee); reports: Employee[] }
// EXPECT type Ping = { pong: (null | Pong) }
// EXPECT type Pong = { pings: Map<string, Ping> }
// EXPECT Recursive.ping(ping: Ping): anonymous
// EXPECT type anonymous = { boss?: anonymous; reports?: (undefined | anonymous)[] }
import type { Component } from 'weavets'

interface Node<T> {
  value: T
  next?: Node<T>
}
interface Leaf {
  kind: 'leaf'
}
interface Branch {
  kind: 'branch'
  left: Tree
  right: Tree
}
type Tree = Leaf | Branch
type Nested = string | Nested[]
interface Employee {
  boss: Employee | undefined
  reports: Employee[]
}
interface Ping {
  pong: Pong | null
}
interface Pong {
  pings: Map<string, Ping>
}
type Partially<T> = T extends object ? { [K in keyof T]?: Partially<T[K]> } : T

export interface Recursive extends Component {
  list(list: Node<string>, tree: Tree, nested: Nested): Promise<Branch>
  numbers(list: Node<number>): Promise<Employee>
  ping(ping: Ping): Promise<Partially<Employee>>
}
