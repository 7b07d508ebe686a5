/**
 * Structured logs: a call becomes one JSON line on stderr, or one readable line when stderr is a terminal. Stdout is the
 * application's. Writing never throws: a field that JSON can't say is written as text.
 */
import { contextStorage } from './context.ts'
import type { Logger } from './types.ts'

export type Level = 'debug' | 'info' | 'warn' | 'error'
export type Fields = Readonly<Record<string, unknown>>

export interface LogLine {
  time: string
  level: Level
  message: string
  component: string
  process?: string
  trace?: string
  fields?: unknown
}

/** Where lines go; tests pass their own. */
export type LogSink = (line: LogLine) => void

export class ComponentLogger implements Logger {
  readonly #sink: LogSink
  readonly #component: string
  readonly #process: string | undefined

  constructor(sink: LogSink, component: string, process: string | undefined) {
    this.#sink = sink
    this.#component = component
    this.#process = process
  }

  debug(message: string, fields?: Fields): void {
    this.#write('debug', message, fields)
  }

  info(message: string, fields?: Fields): void {
    this.#write('info', message, fields)
  }

  warn(message: string, fields?: Fields): void {
    this.#write('warn', message, fields)
  }

  error(message: string, fields?: Fields): void {
    this.#write('error', message, fields)
  }

  #write(level: Level, message: string, fields: Fields | undefined): void {
    const line: LogLine = {
      time: new Date().toISOString(),
      level,
      message: String(message),
      component: this.#component,
    }
    if (this.#process !== undefined) line.process = this.#process
    const traceparent = contextStorage.getStore()?.traceparent
    if (traceparent !== undefined) line.trace = traceparent.slice(3, 35)
    if (fields !== undefined) line.fields = plain(fields, [])
    this.#sink(line)
  }
}

/** The runtime's own lines say this where a component's say its name. */
export const RUNTIME_COMPONENT = 'weavets'

export const stderrSink: LogSink = (line) => {
  process.stderr.write(`${process.stderr.isTTY ? prettyLine(line) : JSON.stringify(line)}\n`)
}

const COLOURS: Record<Level, number> = { debug: 90, info: 36, warn: 33, error: 31 }

/** For people: one line, and the stacks of its errors below it. */
export function prettyLine(line: LogLine): string {
  const stacks: string[] = []
  const text = JSON.stringify(line.fields, (key, value: unknown) => {
    if (key !== 'stack' || typeof value !== 'string') return value
    stacks.push(`\n  ${value.replaceAll('\n', '\n  ')}`)
    return undefined
  })
  const fields = text === undefined ? '' : ` \x1b[90m${text}${stacks.join('')}\x1b[39m`
  const place = line.process === undefined ? line.component : `${line.process} ${line.component}`
  return `\x1b[90m${line.time.slice(11, 23)}\x1b[39m \x1b[${COLOURS[line.level]}m${line.level.padEnd(5)}\x1b[39m \x1b[90m${place}\x1b[39m ${line.message}${fields}`
}

const DEPTH_MAX = 8

/** What `JSON.stringify` writes without throwing or losing an error's text. `above`: the objects that contain `value`. */
function plain(value: unknown, above: readonly object[]): unknown {
  switch (typeof value) {
    case 'bigint':
    case 'symbol':
      return String(value)
    case 'function':
      return '[function]'
    case 'object':
      break
    default:
      return value
  }
  if (value === null) return null
  if (above.includes(value)) return '[circular]'
  if (above.length >= DEPTH_MAX) return '[…]'
  const inside = [...above, value]
  try {
    if (value instanceof Error) return plainError(value, inside)
    if (Array.isArray(value)) return value.map((item) => plain(item, inside))
    if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON(), inside)
    if (value instanceof Map) return plain(Object.fromEntries(value), inside)
    if (value instanceof Set) return plain([...value], inside)
    const entries = Object.entries(value).map(([name, member]) => [name, plain(member, inside)] as const)
    return Object.fromEntries(entries)
  } catch (error) {
    // A getter or `toJSON` of the user's threw; a log line is no reason to fail.
    return `[unreadable: ${String(error)}]`
  }
}

function plainError(error: Error, inside: readonly object[]): unknown {
  const { name, message, stack, cause } = error
  const fields = Object.entries(error).map(([key, member]) => [key, plain(member, inside)] as const)
  return {
    name,
    message,
    ...Object.fromEntries(fields),
    stack,
    ...(cause === undefined ? {} : { cause: plain(cause, inside) }),
  }
}
