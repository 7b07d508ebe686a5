/**
 * Instances among the fields of an error whose class brings a codec, or has one in weave.config.ts: they cross by it, as they do in
 * declared data, and so keep their class on every placement. In goes an instance, out comes the codec's name with what it makes of
 * it, and back. Where a codec isn't there or throws, the instance crosses as the plain data that it holds: the error matters more.
 */
import { type Codecs, codecFor, fromWire, loadCodecs } from './custom.ts'

export interface Crossing {
  readonly name: string
  readonly wire: unknown
}

export class ErrorValues {
  readonly #codecs: Codecs | undefined
  #loading: Promise<void> | undefined
  #ready: boolean

  /** `codecs`: all of the application's; undefined where it has none. */
  constructor(codecs?: Codecs) {
    this.#codecs = codecs
    this.#ready = codecs === undefined
  }

  /** All codecs that can be imported are. */
  get ready(): boolean {
    return this.#ready
  }

  /** Imports them all, once: which one knows an instance is for them to say. One that can't be imported is done without. */
  load(): Promise<void> {
    const codecs = this.#codecs
    if (codecs === undefined) return Promise.resolve()
    this.#loading ??= Promise.allSettled(codecs().map(({ name }) => loadCodecs(codecs, [name]))).then(() => {
      this.#ready = true
    })
    return this.#loading
  }

  encode(value: object): Crossing | undefined {
    try {
      const found = this.#codecs && codecFor(this.#codecs, value)
      return found && { name: found.name, wire: found.codec.encode(value) }
    } catch {
      return undefined
    }
  }

  decode({ name, wire }: Crossing): unknown {
    try {
      return this.#codecs ? fromWire(this.#codecs, name, wire) : wire
    } catch {
      return wire
    }
  }
}
