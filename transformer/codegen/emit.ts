/**
 * A builder for one function's text: lines with indentation, and names that are free in that function. Knows nothing of
 * shapes. Text is in the house style (two spaces, no semicolons), so that what is generated can be read.
 */
export class Body {
  readonly #lines: string[] = []
  /** The last line is a condition with its one statement behind it, and no brace. */
  #isBare = false
  readonly #taken = new Map<string, number>()
  #depth: number

  constructor(depth = 0) {
    this.#depth = depth
  }

  line(text: string): void {
    this.#isBare = false
    this.#lines.push('  '.repeat(this.#depth) + text)
  }

  /** `head {`, what `fill` writes, `}` and `tail`; one statement behind a condition or a loop needs no braces and no line. */
  block(head: string, fill: () => void, tail = ''): void {
    this.line(head === '' ? '{' : `${head} {`)
    this.#inside(head, fill, tail)
  }

  #inside(head: string, fill: () => void, tail: string): void {
    const before = this.#lines.length
    this.indented(fill)
    const [only, ...more] = this.#lines.slice(before)
    if (only === undefined) this.append(`}${tail}`)
    else if (more.length === 0 && tail === '' && CONDITION.test(head) && !DECLARATION.test(only)) {
      this.#lines.pop()
      this.#lines.push(`${this.#lines.pop()!.slice(0, -1)}${only.trimStart()}`)
      this.#isBare = true
    } else this.line(`}${tail}`)
  }

  /** Goes on in the last line: `} else …`. */
  append(text: string): void {
    this.#lines.push((this.#lines.pop() ?? '') + (this.#isBare ? ';' : '') + text)
    this.#isBare = false
  }

  /** A block that goes on where another has just ended: `} else {`, `} catch (thrown) {`. */
  follow(head: string, fill: () => void): void {
    this.append(` ${head} {`)
    this.#inside(head, fill, '')
  }

  indented(fill: () => void): void {
    this.#depth++
    fill()
    this.#depth--
  }

  /** `v1`, then `v2`, … */
  fresh(prefix: string): string {
    const count = (this.#taken.get(prefix) ?? 0) + 1
    this.#taken.set(prefix, count)
    return `${prefix}${count}`
  }

  /** Evaluates `expression` once: a name is used as it is, anything else gets one. */
  once(expression: string, prefix: string): string {
    if (/^[A-Za-z_$][\w$]*$/.test(expression)) return expression
    const name = this.fresh(prefix)
    this.line(`const ${name} = ${expression}`)
    return name
  }

  toString(): string {
    return this.#lines.join('\n')
  }
}

const CONDITION = /^(?:if|for|else)\b/
/** What can't stand alone behind a condition, or would take the `else` that follows for its own. */
const DECLARATION = /^\s*(?:const|let|if|for|class|function)\b/
