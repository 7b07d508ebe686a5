/**
 * Which components the data of a component's methods may refer to: whoever calls one of these methods, or implements it, may come to
 * hold a stub of them, so an application that has the component has them too.
 */
import type { Definitions, Shape } from '../../runtime/shape.ts'
import type { Method } from '../model.ts'
import { byCodeUnits } from './canonical.ts'

export function referencesOf(methods: readonly Method[], definitions: Definitions): string[] {
  const found = new Set<string>()
  const seen = new Set<string>()
  const pending: Shape[] = methods.flatMap(({ parameters, result }) => [
    ...parameters.map(({ shape }) => shape),
    result,
  ])
  for (let shape = pending.pop(); shape !== undefined; shape = pending.pop()) {
    if (shape.kind === 'component') found.add(shape.component)
    else if (shape.kind === 'ref') {
      const definition = definitions[shape.name]
      if (definition && !seen.has(shape.name)) pending.push(definition)
      seen.add(shape.name)
    } else pending.push(...insideOf(shape))
  }
  return [...found].sort(byCodeUnits)
}

/** The shapes directly inside of one that is no reference. */
export function insideOf(shape: Shape): Shape[] {
  switch (shape.kind) {
    case 'array':
    case 'set':
    case 'shared':
    case 'custom':
    case 'stream':
      return [shape.of]
    case 'map':
      return [shape.key, shape.value]
    case 'tuple':
      return shape.elements.map((each) => each.shape)
    case 'object':
      return [...shape.members.map((each) => each.shape), ...(shape.index ? [shape.index.of] : [])]
    case 'union':
      return shape.members.map((each) => each.shape)
    default:
      return []
  }
}
