/**
 * References to components among data. What crosses is that there is one: its component is part of the type. The receiver gets the stub
 * that it would have been constructed with, of its own process and its own edge, whether it has a dependency on the component or not.
 */
import type { Reader } from '../codec/reader.ts'
import { protocolError } from '../codec/reader.ts'
import { mismatch } from '../codec/signal.ts'
import type { Writer } from '../codec/writer.ts'

/** Gives one component's stubs of others; made by whoever owns the application (`Linker.references`). */
export interface References {
  stub(component: string): object
}

/** Filled by the linker: an implementation may pass itself, `this`, and is then passed as a stub. By component, since one object may implement several. */
const implementations = new WeakMap<object, Map<string, References>>()

/** `references`: the component's own. */
export function knowImplementation(implementation: object, component: string, references: References): void {
  const known = implementations.get(implementation) ?? new Map<string, References>()
  implementations.set(implementation, known.set(component, references))
}

/** A stub of the component, or the object that implements it in this process. */
export function isReference(value: unknown, component: string): value is object {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  return (
    (value as { $component?: unknown }).$component === component || implementations.get(value)?.has(component) === true
  )
}

/** One byte, so that a list of references isn't a count of nothing. */
export function encodeReference(writer: Writer, value: unknown, component: string): void {
  if (!isReference(value, component)) mismatch()
  writer.uint8(1)
}

export function decodeReference(reader: Reader, component: string): object {
  if (reader.uint8() !== 1) throw protocolError(`a reference to ${component} is malformed`)
  if (reader.references === undefined)
    throw protocolError(`a reference to ${component} came where nothing can be referred to`)
  return reader.references.stub(component)
}

/** Whose copy is being made. Copying is synchronous, so one place for all will do. */
let receiver: References | undefined

/** Before a co-located copy in which references may be: they become stubs of who gets it. */
export function receive(references: References | undefined): void {
  receiver = references
}

/** For a co-located receiver. */
export function copyReference(value: unknown, component: string): object {
  if (!isReference(value, component)) mismatch()
  if (receiver !== undefined) return receiver.stub(component)
  return implementations.get(value)?.get(component)?.stub(component) ?? value
}
