/** Calls by routing key, written down with who has answered them. */
import type { Component, Key } from 'weavets'

export interface Count {
  /** The replica. */
  by: string
  /** How often the key has come to that replica. */
  times: number
}

export interface Tally extends Component {
  /** Not idempotent: each call counts. `holdMs`: the event loop is held for so long. */
  count(key: Key<string>, holdMs: number): Promise<Count>
}
