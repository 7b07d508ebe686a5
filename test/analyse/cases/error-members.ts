// EXPECT warning WV2013 at 9:12 'OutOfStock.#secret' does not arrive with the error when it crosses a boundary.
// EXPECT warning WV2013 at 10:3 'OutOfStock.retry' does not arrive with the error when it crosses a boundary.
// EXPECT warning WV2013 at 11:3 'OutOfStock.socket' does not arrive with the error when it crosses a boundary.
// EXPECT error OutOfStock export OutOfStock
import type { Socket } from 'node:net'
import type { Component } from 'weavets'
export class OutOfStock extends Error {
  override readonly name = 'OutOfStock'
  readonly #secret = 1
  retry = () => this.#secret
  socket: Socket | undefined
  private readonly kept = 'enumerable, so it arrives'
  readonly any: any = this.kept
  describe() { return this.message }
  get short() { return this.message.slice(0, 10) }
}
class Hidden extends Error { readonly #own = 1; own() { return this.#own } }
export const hidden = new Hidden()
export interface Stock extends Component { take(): Promise<void> }
