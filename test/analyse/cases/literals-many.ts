// EXPECT Many.event(event: Event): undefined
import type { Component } from 'weavets'

type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9'
type Code = `${'a' | 'b' | 'c'}${Digit}${Digit}`
type Event = { [K in Code]: { type: K; at: number; only: { [P in K]: true } } }[Code]

export interface Many extends Component {
  code(code: Code): Promise<number>
  event(event: Event): Promise<void>
}
