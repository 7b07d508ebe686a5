/** Calls that are counted at both ends: who makes one writes it down, and so does who runs it, in files that outlive their processes. */
import type { Component, Key } from 'weavets'

export interface Entry {
  id: string
  by: string
}

export interface Ledger extends Component {
  /** Must run once: it isn't idempotent. */
  enter(entry: Entry): Promise<number>
  /** Which process has the key. */
  owner(key: Key<string>): Promise<number>
  /** The numbers below `count`, one after the other. */
  numbers(count: number): AsyncIterable<number>
}

/** Enters for others, from wherever it is. */
export interface Desk extends Component {
  enter(entry: Entry): Promise<number>
}
