/** Random numbers from a seed, so that a search can be repeated: xorshift of 32 bits, good enough to shuffle. */
export class Random {
  #state: number

  constructor(seed: number) {
    // Neighbouring seeds must not give neighbouring beginnings; 0 would stay 0.
    this.#state = (Math.imul((seed | 0) ^ 0x9e3779b9, 0x85ebca6b) ^ 0x6b43a9b5) | 0 || 1
    for (let i = 0; i < 4; i++) this.below(2)
  }

  /** From 0 up to 1. */
  next(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return (state >>> 0) / 2 ** 32
  }

  /** A whole number from 0 up to `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  /** 0 … size − 1 in random order. */
  permutation(size: number): Int32Array {
    const order = new Int32Array(size)
    for (let i = 0; i < size; i++) {
      const j = this.below(i + 1)
      order[i] = order[j]!
      order[j] = i
    }
    return order
  }
}
