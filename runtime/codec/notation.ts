/**
 * Shapes as people write them, for messages: `{ productId: string; quantity: number }[]`. Named types appear by their own
 * name, so the text is short whatever the type; what doesn't fit `LENGTH_MAX` is cut with `…`.
 */
import type { Literal, Member, Shape } from '../shape.ts'

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
      return object(shape.members, shape.index?.of)
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
    case 'union':
      return shape.members.map((member) => write(member.shape)).join(' | ')
    case 'ref':
      return shortName(shape.name)
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

function object(members: readonly Member[], index: Shape | undefined): string {
  const parts = members.map(
    ({ name, shape, optional, readonly }) =>
      `${readonly ? 'readonly ' : ''}${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}${optional ? '?' : ''}: ${write(shape)}`,
  )
  if (index) parts.push(`[key: string]: ${write(index)}`)
  return parts.length === 0 ? '{}' : `{ ${parts.join('; ')} }`
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

/** `src/list.Node<src/cart.Item>` → `Node<Item>`. */
export function shortName(name: string): string {
  return name.replace(/[^<>,|&\s[\]]*\.(?=[^.<>,|&\s[\]]*)/g, '')
}
