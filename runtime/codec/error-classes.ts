/**
 * Which class an error is of, by a name that both processes know, and back. Known are JavaScript's own error classes,
 * `WeaveError`, and the application's exported ones (`AppDescriptor.errors`), whose modules are imported when an error of them is
 * first met. A class that is not known is told by the nearest class above it that is.
 */
import { AssertionError } from 'node:assert'
import type { ErrorDescriptor } from '../boundary.ts'
import { WeaveError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { readQuietly } from './any.ts'
import type { Codecs } from './custom.ts'
import { ErrorValues } from './error-values.ts'
import { isDate, isError, isObject, isPlain } from './kinds.ts'

export type ErrorClass = abstract new (...parameters: never[]) => Error

/** What the codec of errors asks for. */
export interface ErrorClasses {
  /** The name of exactly this class. */
  nameOf(errorClass: ErrorClass): string | undefined
  /** The class of that name, when it is there without waiting. */
  classOf(name: string): ErrorClass | undefined
  /** Gets the class; undefined where there is none. */
  load(name: string): Promise<ErrorClass | undefined>
  /** For instances among the fields. */
  readonly values: ErrorValues
}

/** Comes with `using`, in Node.js 24. */
const { SuppressedError } = globalThis as { SuppressedError?: ErrorClass }

const BUILT_IN: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ['Error', Error],
  ['AggregateError', AggregateError],
  ['AssertionError', AssertionError],
  ['DOMException', DOMException],
  ['EvalError', EvalError],
  ['RangeError', RangeError],
  ['ReferenceError', ReferenceError],
  ...(SuppressedError ? [['SuppressedError', SuppressedError] as const] : []),
  ['SyntaxError', SyntaxError],
  ['TypeError', TypeError],
  ['URIError', URIError],
  ['WeaveError', WeaveError],
])
const BUILT_IN_NAMES = new Map([...BUILT_IN].map(([name, errorClass]) => [errorClass, name]))

export class ErrorRegistry implements ErrorClasses {
  readonly #descriptors = new Map<string, ErrorDescriptor>()
  readonly #classes = new Map<string, ErrorClass | undefined>(BUILT_IN)
  readonly #names = new WeakMap<ErrorClass, string>(BUILT_IN_NAMES)
  /** Classes that were looked for in vain. */
  readonly #strangers = new WeakSet<ErrorClass>()
  readonly values: ErrorValues
  readonly #renamed: boolean

  /** `renamed`: a minifier has given classes other names, so that only the class itself tells which one it is. */
  constructor(descriptors: readonly ErrorDescriptor[], codecs?: Codecs, renamed = false) {
    this.values = new ErrorValues(codecs)
    this.#renamed = renamed
    for (const descriptor of descriptors) this.#descriptors.set(descriptor.name, descriptor)
  }

  /**
   * Learns the classes of `thrown` and of the errors it holds, so that `encodeError` can name them, and the codecs of instances
   * that they hold. Undefined when all is known: await what is given, and nothing where nothing is.
   */
  prepare(thrown: unknown): Promise<void> | undefined {
    const unknown = new Set<ErrorClass>()
    let values: Promise<void> | undefined
    try {
      const errors = errorsIn(thrown)
      if (!this.values.ready && holdInstances(errors)) values = this.values.load()
      for (const error of errors) {
        for (const errorClass of classesOf(error)) {
          if (this.#names.has(errorClass)) break
          if (!this.#strangers.has(errorClass)) unknown.add(errorClass)
        }
      }
    } catch {
      // A proxy that won't be looked at; `encodeError` says so.
    }
    if (unknown.size === 0) return values
    return Promise.all([this.#learn(unknown), values]).then(() => {})
  }

  async #learn(classes: ReadonlySet<ErrorClass>): Promise<void> {
    for (const errorClass of classes) {
      await Promise.all(this.#namesLike(errorClass).map((name) => this.load(name)))
      if (!this.#names.has(errorClass)) this.#strangers.add(errorClass)
    }
  }

  /** Loads every class and codec, for values of type `Error` among arguments and results, which are decoded without waiting. */
  async loadAll(): Promise<void> {
    await Promise.all([this.values.load(), ...[...this.#descriptors.keys()].map((name) => this.load(name))])
  }

  /** Where names say nothing all are looked at, which loads their modules; each class that is met costs that once. */
  #namesLike(errorClass: ErrorClass): string[] {
    if (this.#renamed) return [...this.#descriptors.keys()]
    return [...this.#descriptors.keys()].filter((name) => name.slice(name.lastIndexOf('.') + 1) === errorClass.name)
  }

  /** By its name alone where its module isn't loaded: what crosses to another process is known by then. */
  mayKnow(errorClass: ErrorClass): boolean {
    return this.#names.has(errorClass) || this.#namesLike(errorClass).length > 0
  }

  nameOf(errorClass: ErrorClass): string | undefined {
    const known = this.#names.get(errorClass)
    if (known !== undefined || this.#strangers.has(errorClass)) return known
    // Nobody has asked `prepare`: the only class of that name is it in all likelihood. Look, for the next time.
    const names = this.#namesLike(errorClass).filter((name) => !this.#classes.has(name))
    for (const name of names) void this.load(name)
    return names.length === 1 && !this.#renamed ? names[0] : undefined
  }

  classOf(name: string): ErrorClass | undefined {
    return this.#classes.get(name)
  }

  async load(name: string): Promise<ErrorClass | undefined> {
    if (this.#classes.has(name)) return this.#classes.get(name)
    const errorClass = await this.#descriptors
      .get(name)
      ?.load()
      // The module doesn't load here; the error is what matters now, and it arrives as an `Error` with its name and fields.
      .catch(() => undefined)
    if (!this.#descriptors.has(name)) return undefined
    this.#classes.set(name, errorClass)
    if (errorClass) this.#names.set(errorClass, name)
    return errorClass
  }
}

const registries = new WeakMap<() => readonly ErrorDescriptor[], ErrorRegistry>()

/**
 * The registry that generated code uses for values of type `Error`, known by the function that lists the classes. Whoever asks first
 * (`Boundary.prepare`) names the codecs.
 */
export function registryOf(descriptors: () => readonly ErrorDescriptor[], codecs?: Codecs): ErrorRegistry {
  let registry = registries.get(descriptors)
  if (!registry) {
    registry = new ErrorRegistry(descriptors(), codecs, descriptors.name !== '__weave_errors')
    registries.set(descriptors, registry)
  }
  return registry
}

/** The constructors of an error, its own first. */
export function* classesOf(error: object): Generator<ErrorClass> {
  for (let prototype = Object.getPrototypeOf(error); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    const own = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
    if (typeof own === 'function') yield own as ErrorClass
  }
}

/** An error, its causes, what it suppresses, and the errors of aggregates among them. */
function errorsIn(thrown: unknown): Set<object> {
  const found = new Set<object>()
  const pending: unknown[] = [thrown]
  while (pending.length > 0 && found.size < LIMITS.errorItemsMax) {
    const next = pending.pop()
    if (!isObject(next) || found.has(next)) continue
    found.add(next)
    pending.push(readQuietly(next, 'cause'))
    pending.push(readQuietly(next, 'error'), readQuietly(next, 'suppressed'))
    const errors = readQuietly(next, 'errors')
    if (Array.isArray(errors)) pending.push(...errors.slice(0, LIMITS.errorItemsMax))
  }
  return found
}

/** A map or a set may hold anything; it isn't looked into. */
function isData(value: object): boolean {
  return isPlain(value) || Array.isArray(value) || isError(value) || isDate(value)
}

/** Some field of the errors is, or holds, an object that is more than data: a codec may know it. */
function holdInstances(errors: ReadonlySet<object>): boolean {
  const seen = new Set<object>(errors)
  for (const holder of seen) {
    if (seen.size > LIMITS.errorItemsMax) return true
    if (!errors.has(holder) && !isData(holder)) return true
    for (const key of Object.keys(holder)) {
      const held = readQuietly(holder, key)
      if (isObject(held)) seen.add(held)
    }
  }
  return false
}
