/**
 * Values that cross by a codec of the user's own. Shapes name the codec; the application's descriptor knows which module to
 * import for it, which `loadCodecs` does before the first value is encoded (`Boundary.prepare`), and in a process that carries such
 * values only. `toWire` and `fromWire` are what generated code calls, `Wire` values in between being checked like any others.
 *
 * A codec that throws while encoding makes a `Mismatch`, whose report says what it threw; one that throws while decoding fails
 * the call (`WV_VALUE`), not the connection.
 */
import type { CodecDescriptor } from '../boundary.ts'
import { WeaveError } from '../errors.ts'
import { isObject } from './kinds.ts'
import { mismatch } from './signal.ts'

export type Codecs = () => readonly CodecDescriptor[]

export interface LoadedCodec {
  /** False for what is surely none of its values. */
  readonly is: (value: unknown) => boolean
  /** `is` knows exactly its own values: by their class, or because the codec says so itself. */
  readonly tells: boolean
  readonly encode: (value: unknown) => unknown
  readonly decode: (wire: unknown) => unknown
}

const loaded = new WeakMap<Codecs, Map<string, LoadedCodec>>()

/** Imports the codecs of these names; an import that fails says which codec it was for. */
export async function loadCodecs(codecs: Codecs, names: readonly string[]): Promise<void> {
  const known = loaded.get(codecs) ?? new Map<string, LoadedCodec>()
  loaded.set(codecs, known)
  const missing = codecs().filter(({ name }) => names.includes(name) && !known.has(name))
  const found = await Promise.all(missing.map(load))
  for (const [index, { name }] of missing.entries()) known.set(name, found[index]!)
}

async function load({ name, load }: CodecDescriptor): Promise<LoadedCodec> {
  let module: Awaited<ReturnType<CodecDescriptor['load']>>
  try {
    module = await load()
  } catch (cause) {
    throw new WeaveError(`The codec '${name}' could not be imported: ${reason(cause)}`, { code: 'WV_START', cause })
  }
  const { codec, of } = module
  const methods = (isObject(codec) || typeof codec === 'function' ? codec : {}) as Record<string, unknown>
  const { encode, decode, is } = methods
  if (typeof encode !== 'function' || typeof decode !== 'function') {
    throw new WeaveError(`The codec '${name}' has no 'encode' and 'decode' when its module has been imported.`, {
      code: 'WV_START',
    })
  }
  return {
    // Called as methods: a codec may be an object with state.
    encode: (value) => encode.call(codec, value),
    decode: (wire) => decode.call(codec, wire),
    tells: typeof is === 'function' || typeof of === 'function',
    is:
      typeof is === 'function'
        ? (value) => Boolean(is.call(codec, value))
        : typeof of === 'function'
          ? (value) => value instanceof (of as unknown as new () => object)
          : (value) => value !== undefined && value !== null,
  }
}

export function codecOf(codecs: Codecs, name: string): LoadedCodec {
  const codec = loaded.get(codecs)?.get(name)
  if (codec === undefined) {
    throw new WeaveError(`The codec '${name}' is needed before it was imported; this is a bug of weavets.`, {
      code: 'WV_START',
    })
  }
  return codec
}

/** The codec that knows a value for one of its own, among those that are loaded: the first by its place in the application's list. */
export function codecFor(codecs: Codecs, value: unknown): { name: string; codec: LoadedCodec } | undefined {
  const known = loaded.get(codecs)
  if (known === undefined) return undefined
  for (const { name } of codecs()) {
    const codec = known.get(name)
    if (codec?.tells && codec.is(value)) return { name, codec }
  }
  return undefined
}

/** In a union: whether the codec knows the value for one of its own. */
export function isCustom(codecs: Codecs, name: string, value: unknown): boolean {
  try {
    return codecOf(codecs, name).is(value)
  } catch (error) {
    if (error instanceof WeaveError) throw error
    return false
  }
}

export function toWire(codecs: Codecs, name: string, value: unknown): unknown {
  const codec = codecOf(codecs, name)
  try {
    if (codec.is(value)) return codec.encode(value)
  } catch {
    // Asked again by whoever explains the mismatch.
  }
  return mismatch()
}

export function fromWire(codecs: Codecs, name: string, wire: unknown): unknown {
  const codec = codecOf(codecs, name)
  try {
    return codec.decode(wire)
  } catch (cause) {
    throw new WeaveError(`The codec '${name}' could not decode what its 'encode' made: ${reason(cause)}`, {
      code: 'WV_VALUE',
      cause,
    })
  }
}

export function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : `it threw ${String(thrown)}`
}
