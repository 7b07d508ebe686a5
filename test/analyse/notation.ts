/**
 * Models as short lines that a case can quote: `Cart.add(userId: string, item: CartItem): undefined`. The case's own file name
 * is left out of names; members of a union say how they are told apart where it isn't by their kind.
 */
import { type Literal, NUMERIC_KEY, type Shape, type Test } from '../../runtime/shape.ts'
import type { AppModel } from '../../transformer/model.ts'

export function describeModel(model: AppModel, module: string): string[] {
  const own = (name: string): boolean => name.startsWith(`${module}.`)
  const short = (text: string): string => text.replaceAll(`${module}.`, '')
  const lines: string[] = []
  for (const component of model.components.filter(({ name }) => own(name))) {
    for (const method of component.methods) {
      const parameters = method.parameters.map(
        ({ name, shape, optional, rest }, at) =>
          `${rest ? '...' : ''}${method.key === at ? 'key ' : ''}${name}${optional ? '?' : ''}: ${notation(shape)}`,
      )
      const policy = `${method.idempotent ? ' idempotent' : ''}${method.timeoutMs ? ` ${method.timeoutMs}ms` : ''}`
      lines.push(`${component.shortName}.${method.name}(${parameters.join(', ')}): ${notation(method.result)}${policy}`)
    }
    if (component.implementation) lines.push(`${component.shortName} by ${implementation(component.implementation)}`)
    if (component.provided) lines.push(`${component.shortName} provided`)
  }
  for (const [name, shape] of Object.entries(model.definitions))
    if (own(name) || name.startsWith('anonymous')) lines.push(`type ${name} = ${notation(shape)}`)
  for (const app of model.apps.filter(({ file }) => file.startsWith(`${module}.`))) {
    lines.push(
      `${app.kind} ${app.root ? `${app.root.name} ${implementation(app.root.implementation)}: ` : ''}${app.components.join(', ')}`,
    )
  }
  for (const error of model.errors) if (own(error.name)) lines.push(`error ${error.name} export ${error.exportName}`)
  return lines.map(short)
}

function implementation({
  className,
  exportName,
  dependencies,
  reaches,
}: NonNullable<AppModel['components'][number]['implementation']>): string {
  const takes = dependencies.map((each) =>
    each.kind === 'component'
      ? each.component
      : each.kind === 'config'
        ? `config ${each.parameter} ${notation(each.shape)}`
        : `${each.kind} ${each.parameter}`,
  )
  const exported = exportName === className ? '' : exportName === undefined ? ' private' : ` export ${exportName}`
  return `${className}${exported}(${takes.join(', ')})${reaches.length > 0 ? ` get ${reaches.join(', ')}` : ''}`
}

export function notation(shape: Shape): string {
  const mark = (readonly: true | undefined): string => (readonly ? 'readonly ' : '')
  switch (shape.kind) {
    case 'literal':
      return literal(shape.literal)
    case 'literals':
      return shape.values.map(literal).join('|')
    case 'array':
      return `${mark(shape.readonly)}${notation(shape.of)}[]`
    case 'tuple': {
      const elements = shape.elements.map(
        (each) => `${each.rest ? '...' : ''}${notation(each.shape)}${each.optional ? '?' : ''}`,
      )
      return `${mark(shape.readonly)}[${elements.join(', ')}]`
    }
    case 'object': {
      const members = shape.members.map(
        (each) =>
          `${mark(each.readonly)}${/^[\w$]+$/.test(each.name) ? each.name : JSON.stringify(each.name)}${each.optional ? '?' : ''}: ${notation(each.shape)}`,
      )
      if (shape.index) {
        const key = shape.index.keys
          ? `key ${shape.index.keys.map((key) => (key === NUMERIC_KEY ? 'number' : key)).join(' ')}`
          : 'key'
        members.push(`${mark(shape.index.readonly)}[${key}]: ${notation(shape.index.of)}`)
      }
      if (shape.omitted) members.push('omitted')
      return `{ ${members.join('; ')} }`
    }
    case 'map':
      return `${mark(shape.readonly)}Map<${notation(shape.key)}, ${notation(shape.value)}>`
    case 'set':
      return `${mark(shape.readonly)}Set<${notation(shape.of)}>`
    case 'shared':
      return `Shared<${notation(shape.of)}>`
    case 'component':
      return `reference ${shape.component}`
    case 'custom':
      return `codec ${shape.codec}${shape.tells ? ' (tells)' : ''} of ${notation(shape.of)}`
    case 'stream':
      return `stream of ${notation(shape.of)}`
    case 'bytes':
      return shape.type
    case 'ref':
      return shape.name
    case 'union':
      return `(${shape.members.map((each) => notation(each.shape) + told(each.test)).join(' | ')})`
    case 'unsupported':
      return `unsupported(${shape.reason})`
    default:
      return shape.kind
  }
}

function told(test: Test): string {
  if (test.by === 'literal') return ` when ${test.property}=${test.values.map(literal).join('|')}`
  if (test.by === 'property') return ` having ${test.property}`
  return test.by === 'else' ? ' else' : test.by === 'match' ? ' by fit' : ''
}

const literal = (each: Literal): string => (each.type === 'bigint' ? `${each.value}n` : JSON.stringify(each.value))
