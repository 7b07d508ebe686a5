// EXPECT warning WV2013 at 14:12 'OutOfStock.#secret' does not arrive with the error when it crosses a boundary.
// EXPECT warning WV2013 at 15:3 'OutOfStock.retry' does not arrive with the error when it crosses a boundary.
// EXPECT warning WV2013 at 16:3 'OutOfStock.socket' does not arrive with the error when it crosses a boundary.
// EXPECT warning WV2013 at 17:3 'OutOfStock.shelf' arrives as plain data, without its class, when the error crosses a boundary.
// EXPECT warning WV2013 at 18:3 'OutOfStock.depot' does not arrive with the error when it crosses a boundary.
// EXPECT error OutOfStock export OutOfStock
import type { Socket } from 'node:net'
import type { Codec, Component } from 'weavets'
export class Shelf { number = 1; label() { return String(this.number) } }
export class Price { cents = 1; label() { return String(this.cents) }; static readonly codec: Codec<Price, number> = { encode: (price) => price.cents, decode: () => new Price() } }
export interface Depot extends Component { name(): Promise<string> }
export class OutOfStock extends Error {
  override readonly name = 'OutOfStock'
  readonly #secret = 1
  retry = () => this.#secret
  socket: Socket | undefined
  shelf = new Shelf()
  depot: Depot | undefined
  price = new Price()
  private readonly kept = 'enumerable, so it arrives'
  readonly any: any = this.kept
  describe() { return this.message }
  get short() { return this.message.slice(0, 10) }
}
class Hidden extends Error { readonly #own = 1; own() { return this.#own } }
export const hidden = new Hidden()
export interface Stock extends Component { take(): Promise<void> }
