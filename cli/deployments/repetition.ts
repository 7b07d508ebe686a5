/**
 * What a process says on stderr while it starts, when the start before failed. In: its chunks. Out: the chunks to show; those that
 * repeat what was said the last time are held back until they differ, so that a process which fails three times in the
 * same way says so once. Remembers no more than a bounded beginning; beyond, nothing is held.
 */

/** Characters; a stack of errors with their causes fits several times. */
const SAID_MAX = 64 * 1024
const NOTHING = Buffer.alloc(0)

export class Repetition {
  readonly #before: string | undefined
  #said = ''
  #held: Buffer[] | undefined

  /** `before`: the start that failed, if one did. */
  constructor(before: Repetition | undefined) {
    this.#before = before === undefined ? undefined : before.#said
    this.#held = before === undefined || before.#said === '' ? undefined : []
  }

  /** It has ended, having said what it said before and nothing else. */
  get complete(): boolean {
    return this.#held !== undefined && this.#said === this.#before
  }

  push(chunk: Buffer): Buffer {
    if (this.#said.length < SAID_MAX) this.#said += chunk.toString('latin1')
    if (this.#held === undefined) return chunk
    this.#held.push(chunk)
    return this.#before!.startsWith(this.#said) ? NOTHING : this.release()
  }

  /** Gives what is held; nothing is held from now on. */
  release(): Buffer {
    const held = this.#held ?? []
    this.#held = undefined
    return Buffer.concat(held)
  }
}
