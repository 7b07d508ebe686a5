/**
 * Shapes as people write them, for messages: `{ productId: string; quantity: number }[]`. Named types appear by their own
 * name, so the text is short whatever the type; what doesn't fit `LENGTH_MAX` is cut with `…`.
 */

import type { Index, Literal, Member, Shape } from '../shape.ts'
import { NUMERIC_KEY } from '../shape.ts'

/** Longer than this a type is no longer read, only looked at. */
const LENGTH_MAX = 160

export function notation(shape: Shape): string {
  const text = write(shape)
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX - 1)}…` : text
}

function write(shape: Shape): string {
  switch (shape.kind) {
    case 'boolean':
    case 'number':
    case 'bigint':
    case 'string':
    case 'null':
    case 'undefined':
      return shape.kind
    case 'literal':
      return literal(shape.literal)
    case 'literals':
      return shape.values.map(literal).join(' | ')
    case 'array':
      return `${readonly(shape)}${element(shape.of)}[]`
    case 'tuple':
      return `${readonly(shape)}[${shape.elements
        .map(({ shape, optional, rest }) =>
          rest ? `...${element(shape)}[]` : optional ? `${element(shape)}?` : write(shape),
        )
        .join(', ')}]`
    case 'object':
      return object(shape.members, shape.index)
    case 'map':
      return `${shape.readonly ? 'ReadonlyMap' : 'Map'}<${write(shape.key)}, ${write(shape.value)}>`
    case 'set':
      return `${shape.readonly ? 'ReadonlySet' : 'Set'}<${write(shape.of)}>`
    case 'date':
      return 'Date'
    case 'url':
      return 'URL'
    case 'regexp':
      return 'RegExp'
    case 'bytes':
      return shape.type
    case 'error':
      return 'Error'
    case 'json':
      return 'Json'
    case 'shared':
      return `Shared<${write(shape.of)}>`
    case 'component':
      return shortName(shape.component)
    case 'custom':
      return codecName(shape.codec)
    case 'stream':
      return `AsyncIterable<${write(shape.of)}>`
    case 'signal':
      return 'AbortSignal'
    case 'union':
      return shape.members.map((member) => write(member.shape)).join(' | ')
    case 'ref':
      return refName(shape.name)
    case 'unsupported':
      return 'never'
  }
}

function readonly(shape: { readonly?: true }): string {
  return shape.readonly ? 'readonly ' : ''
}

function element(shape: Shape): string {
  const text = write(shape)
  const compound = shape.kind === 'union' || shape.kind === 'literals' || text.startsWith('readonly ')
  return compound ? `(${text})` : text
}

function object(members: readonly Member[], index: Index | undefined): string {
  const parts = members.map(
    ({ name, shape, optional, readonly }) =>
      `${readonly ? 'readonly ' : ''}${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}${optional ? '?' : ''}: ${write(shape)}`,
  )
  if (index) parts.push(`[key: ${index.keys ? index.keys.map(keyNotation).join(' | ') : 'string'}]: ${write(index.of)}`)
  return parts.length === 0 ? '{}' : `{ ${parts.join('; ')} }`
}

const HOLE = '$\u007b…}'

/** A pattern of keys as a template; what stands in its holes is a `string` as far as a message is concerned. */
function keyNotation(pattern: string): string {
  if (pattern === NUMERIC_KEY) return 'number'
  const text = pattern.slice(1, -1).replace(/\(\?:(?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|\[\^\]\*/g, HOLE)
  return `\`${text.replace(/\\(.)/g, '$1')}\``
}

function literal(value: Literal): string {
  switch (value.type) {
    case 'string':
      return JSON.stringify(value.value)
    case 'number':
    case 'boolean':
      return String(value.value)
    case 'bigint':
      return `${value.value}n`
  }
}

/** `src/money.Money` is the class; of `src/codecs.dateTime` the name says as much as there is to say. */
function codecName(name: string): string {
  return shortName(name)
}

/** A recursive type that nobody has named has a name of ours, and of two that share one the second has a number. */
function refName(name: string): string {
  return /^anonymous(?:~\d+)?$/.test(name) ? '{ … }' : shortName(name).replace(/~\d+/g, '')
}

/** `src/list.Node<src/cart.Item>` → `Node<Item>`. */
export function shortName(name: string): string {
  return name.replace(/[^<>,|&\s[\]]*\.(?=[^.<>,|&\s[\]]*)/g, '')
}
