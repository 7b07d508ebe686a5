/** Keeps what it knows in memory, and takes it along when it moves. */
import type { Component } from 'weavets'

export interface Counter extends Component {
  /** Counts one for `by`, and gives how many there are of it. Must run once: it isn't idempotent. */
  add(by: string): Promise<number>
}
