/**
 * The codec of errors: class by name, message, own enumerable fields, stack text, `cause` and `errors`, each within limits
 * (limits.ts). A thrown value that is no error crosses as a value; a function or symbol, which can't, as an `Error` that says so.
 *
 * An error arrives as a native error with the prototype of its class; the class's constructor doesn't run, and private
 * (`#`) fields are gone. A class that the receiver doesn't know arrives as the nearest one that it does, with `name` and all
 * fields as they were.
 */

import type { ErrorDescriptor } from '../boundary.ts'
import { LIMITS } from '../limits.ts'
import { AnyReader, AnyWriter, readQuietly } from './any.ts'
import { classesOf, type ErrorClass, type ErrorClasses, type ErrorRegistry, registryOf } from './error-classes.ts'
import type { ErrorValues } from './error-values.ts'
import { isError, isObject } from './kinds.ts'
import { protocolError, Reader } from './reader.ts'
import { mismatch } from './signal.ts'
import { Writer } from './writer.ts'

const HAS_MESSAGE = 1
const HAS_CAUSE = 2
const HAS_ERRORS = 4
/** `error` and `suppressed` of a `SuppressedError`, which aren't enumerable. */
const HAS_SUPPRESSED = 8
const FLAGS = HAS_MESSAGE | HAS_CAUSE | HAS_ERRORS | HAS_SUPPRESSED

/**
 * Never throws, but for a writer that can't grow. Await `ErrorRegistry.prepare(thrown)` first; without it a class is recognised
 * by its name alone, and only where one class has that name.
 */
export function encodeError(writer: Writer, thrown: unknown, classes: ErrorClasses): void {
  const value =
    typeof thrown === 'function' || typeof thrown === 'symbol'
      ? new Error(`A ${typeof thrown} was thrown, which can't cross a boundary: ${String(thrown).slice(0, 200)}`)
      : thrown
  const start = writer.position
  try {
    new ErrorWriter(writer, classes).any.write(value)
  } catch (reason) {
    // A proxy or getter of the user's threw where nobody can expect it.
    // Not `truncate`: the error may be part of a message whose text has to stay.
    writer.position = start
    const text = `An error was thrown that could not be read: ${reason instanceof Error ? reason.message : typeof reason}`
    new ErrorWriter(writer, classes).any.write(new Error(text))
  }
}

/**
 * What `encodeError` wrote; a promise where a class or a codec has to be loaded first. Throws `WV_PROTOCOL` at once for anything
 * else. The type is `unknown` because anything can be thrown.
 */
export function decodeError(reader: Reader, classes: ErrorClasses): unknown {
  const errors = new ErrorReader(reader, classes)
  const start = reader.position
  const thrown = errors.any.read()
  if (errors.any.incomplete) {
    // The buffer isn't ours while we wait.
    const again = new Reader(Buffer.from(reader.buffer.subarray(start, reader.position)))
    return classes.values.load().then(() => decodeError(again, classes))
  }
  return errors.waiting.length === 0 ? thrown : Promise.all(errors.waiting).then(() => thrown)
}

/** For values of type `Error`, in generated code. */
export function writeError(writer: Writer, value: unknown, descriptors: () => readonly ErrorDescriptor[]): void {
  if (!isError(value)) mismatch()
  encodeError(writer, value, registryOf(descriptors))
}

/** A class that isn't loaded yet is put in as soon as it is; `Boundary.prepare` sees to it that they are. */
export function readError(reader: Reader, descriptors: () => readonly ErrorDescriptor[]): Error {
  const errors = new ErrorReader(reader, registryOf(descriptors))
  const value = errors.any.read()
  if (!isError(value)) throw protocolError('an error is none')
  return value
}

/** A co-located copy: the codec's, with the classes that it would know. */
export function copyError(value: unknown, descriptors: () => readonly ErrorDescriptor[]): Error {
  if (!isError(value)) mismatch()
  const writer = new Writer(1024)
  const classes = new Identities(registryOf(descriptors))
  encodeError(writer, value, classes)
  return new ErrorReader(new Reader(writer.buffer, 0, writer.position), classes).any.read() as Error
}

/** Names classes by number, as they come. */
class Identities implements ErrorClasses {
  readonly #classes: ErrorClass[] = []
  readonly #registry: ErrorRegistry

  constructor(registry: ErrorRegistry) {
    this.#registry = registry
  }

  get values(): ErrorValues {
    return this.#registry.values
  }

  nameOf(errorClass: ErrorClass): string | undefined {
    if (!this.#registry.mayKnow(errorClass)) return undefined
    const index = this.#classes.indexOf(errorClass)
    return String(index < 0 ? this.#classes.push(errorClass) - 1 : index)
  }

  classOf(name: string): ErrorClass | undefined {
    return this.#classes[Number(name)]
  }

  load(): Promise<undefined> {
    return Promise.resolve(undefined)
  }
}

class ErrorWriter {
  readonly any: AnyWriter
  readonly #writer: Writer
  readonly #classes: ErrorClasses
  #causes = 0

  constructor(writer: Writer, classes: ErrorClasses) {
    this.#writer = writer
    this.#classes = classes
    this.any = new AnyWriter(writer, classes.values, (error) => this.#error(error))
  }

  /** class name | name | flags | [message] | stack | fields | [cause] | [errors] | [error | suppressed] */
  #error(error: Error): void {
    const writer = this.#writer
    const name = this.#className(error)
    const message = readQuietly(error, 'message')
    const hasMessage = Object.hasOwn(error, 'message') || (message !== '' && message !== undefined)
    const cause = readQuietly(error, 'cause')
    const hasCause =
      Object.hasOwn(error, 'cause') && this.#causes < LIMITS.causesMax && (!isObject(cause) || this.any.fits(cause))
    const errors = error instanceof AggregateError ? readQuietly(error, 'errors') : undefined
    writer.string(name)
    writer.string(this.any.cut(String(readQuietly(error, 'name'))))
    const suppressed = name === 'SuppressedError' && this.#causes < LIMITS.causesMax
    writer.uint8(
      (hasMessage ? HAS_MESSAGE : 0) |
        (hasCause ? HAS_CAUSE : 0) |
        (Array.isArray(errors) ? HAS_ERRORS : 0) |
        (suppressed ? HAS_SUPPRESSED : 0),
    )
    if (hasMessage) writer.string(this.any.cut(String(message)))
    writer.string(stackText(error))
    this.any.fields(
      error,
      (key) => !['message', 'stack', 'cause'].includes(key) && !(key === 'errors' && Array.isArray(errors)),
    )
    if (hasCause) {
      this.#causes++
      this.any.write(cause)
      this.#causes--
    }
    if (Array.isArray(errors)) this.any.write(errors)
    if (!suppressed) return
    this.#causes++
    this.any.write(readQuietly(error, 'error'))
    this.any.write(readQuietly(error, 'suppressed'))
    this.#causes--
  }

  /** The nearest class that has one. */
  #className(error: Error): string {
    for (const errorClass of classesOf(error)) {
      const name = this.#classes.nameOf(errorClass)
      if (name !== undefined) return name
    }
    return 'Error'
  }
}

/** Whole lines, as many as fit. Without a stack, what its first line would be, because a stack is what gets printed of an error. */
function stackText(error: Error): string {
  const stack = readQuietly(error, 'stack')
  if (typeof stack !== 'string' || stack === '') {
    const message = readQuietly(error, 'message')
    const name = String(readQuietly(error, 'name')).slice(0, 200)
    return message === undefined || message === '' ? name : `${name}: ${String(message).slice(0, LIMITS.stackBytesMax)}`
  }
  if (stack.length <= LIMITS.stackBytesMax) return stack
  const cut = stack.slice(0, LIMITS.stackBytesMax)
  return cut.slice(0, Math.max(cut.lastIndexOf('\n'), 0) || cut.length)
}

class ErrorReader {
  readonly any: AnyReader
  /** Classes that are on their way; what was read may be shown once they have come. */
  readonly waiting: Promise<void>[] = []
  readonly #reader: Reader
  readonly #classes: ErrorClasses

  constructor(reader: Reader, classes: ErrorClasses) {
    this.#reader = reader
    this.#classes = classes
    this.any = new AnyReader(reader, classes.values, () => this.#error())
  }

  #error(): Error {
    const reader = this.#reader
    const className = reader.string()
    const name = reader.string()
    const flags = reader.uint8()
    if (flags > FLAGS) throw protocolError(`the flags of an error are ${flags}`)
    const message = flags & HAS_MESSAGE ? reader.string() : undefined
    const stack = reader.string()
    const errorClass = this.#classes.classOf(className)
    const error = makeError(errorClass ?? Error, message, name)
    define(error, 'stack', stack)
    this.any.fields(error)
    if (flags & HAS_CAUSE) define(error, 'cause', this.any.read())
    if (flags & HAS_ERRORS) define(error, 'errors', this.any.read())
    if (flags & HAS_SUPPRESSED) {
      define(error, 'error', this.any.read())
      define(error, 'suppressed', this.any.read())
    }
    if (errorClass) setName(error, name)
    else this.waiting.push(this.#complete(error, className, name))
    return error
  }

  async #complete(error: Error, className: string, name: string): Promise<void> {
    const errorClass = await this.#classes.load(className)
    if (errorClass) Object.setPrototypeOf(error, errorClass.prototype)
    setName(error, name)
  }
}

/** A native error of the class, without running its constructor; only `DOMException` keeps its content out of reach. */
function makeError(errorClass: ErrorClass, message: string | undefined, name: string): Error {
  if ((errorClass as unknown) === DOMException) return new DOMException(message ?? '', name)
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const error = Reflect.construct(Error, message === undefined ? [] : [message], errorClass) as Error
  Error.stackTraceLimit = limit
  return error
}

/** Where the class gives another name than the error had. */
function setName(error: Error, name: string): void {
  if (readQuietly(error, 'name') !== name) define(error, 'name', name)
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: false, configurable: true, writable: true })
}

export { type ErrorClasses, ErrorRegistry } from './error-classes.ts'
