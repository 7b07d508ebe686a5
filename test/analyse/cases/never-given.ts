// EXPECT NeverGiven.create(a: ({ email: string; id?: number } by fit | { email: string; posts?: (Numbered having id | Draft else | Draft[] by fit | Numbered[] by fit) } by fit)): undefined
// EXPECT NeverGiven.when(a: (string | date | DateFilter)): undefined
import type { Component } from 'weavets'

// As Prisma's generator writes them: what is in the one and not in the other is never given, whatever the two are.
type Without<T, U> = { [P in Exclude<keyof T, keyof U>]?: never }
type XOR<T, U> = T extends object ? (U extends object ? (Without<T, U> & U) | (Without<U, T> & T) : U) : T
type Enumerable<T> = T | T[]

interface Draft {
  title: string
}
interface Numbered {
  id: number
  title: string
}
interface DateFilter {
  equals?: Date | string
  not?: XOR<DateFilter, Date | string>
}

export interface NeverGiven extends Component {
  when(a: XOR<DateFilter, Date | string>): Promise<void>
  create(
    a: XOR<{ email: string; posts?: XOR<Enumerable<Draft>, Enumerable<Numbered>> }, { id?: number; email: string }>,
  ): Promise<void>
}
