/** The components that the programs of this folder call. A line that must be reported ends in `//! CODE`, one that is missed in `//? CODE`. */
import type { Component, Shared } from 'weavets'

export interface User {
  id: string
  name: string
  roles: string[]
  address: { city: string; zip: string }
  createdAt: Date
}

export interface Line {
  sku: string
  quantity: number
}

export interface Order {
  id: string
  user: User
  lines: Line[]
  total: number
  paid: boolean
}

export interface Page<T> {
  items: T[]
  next: string | undefined
}

export interface Users extends Component {
  get(id: string): Promise<User>
  find(email: string): Promise<User | undefined>
  all(): Promise<User[]>
  page(cursor: string | undefined): Promise<Page<User>>
  save(user: User): Promise<User>
  saveAll(users: User[]): Promise<void>
  remove(id: string): Promise<void>
  roles(): Promise<Set<string>>
}

export interface Orders extends Component {
  get(id: string): Promise<Order>
  of(userId: string): Promise<Order[]>
  place(order: Order): Promise<Order>
  cancel(id: string): Promise<void>
  byStatus(): Promise<Map<string, Order[]>>
}

export interface Stock extends Component {
  count(sku: string): Promise<number>
  counts(skus: string[]): Promise<Record<string, number>>
  reserve(line: Line): Promise<boolean>
  release(line: Line): Promise<void>
  snapshot(): Promise<Shared<Line[]>>
}

export interface Mail extends Component {
  send(to: string, text: string): Promise<void>
  inbox(user: string): AsyncIterable<string>
}

export interface Audit extends Component {
  note(text: string): Promise<void>
}
