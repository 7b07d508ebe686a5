/**
 * Offsets of a text as editors count them: lines and characters (UTF-16 units) from 0. Made once a text; what lies outside
 * is moved to the nearest place inside, since an editor may ask about a text that it has just changed.
 */
export interface Position {
  line: number
  character: number
}

export interface Range {
  start: Position
  end: Position
}

export class Lines {
  readonly text: string
  readonly #starts: number[] = [0]

  constructor(text: string) {
    this.text = text
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1)
  }

  position(offset: number): Position {
    const inside = Math.max(0, Math.min(offset, this.text.length))
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle]! <= inside) low = middle
      else high = middle - 1
    }
    return { line: low, character: inside - this.#starts[low]! }
  }

  range(start: number, end: number): Range {
    return { start: this.position(start), end: this.position(end) }
  }

  offset({ line, character }: Position): number {
    if (line < 0) return 0
    const start = this.#starts[line]
    if (start === undefined) return this.text.length
    return Math.min(start + Math.max(0, character), this.#starts[line + 1] ?? this.text.length)
  }

  /** Where the line of `offset` begins. */
  lineStart(offset: number): number {
    return this.#starts[this.position(offset).line]!
  }
}
