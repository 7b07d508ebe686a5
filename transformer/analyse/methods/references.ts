/**
 * What shapes lead to: definitions that a model needs, and components that the data of a component's methods may refer to. Whoever calls one of
 * these methods, or implements it, may come to hold a stub of them, so an application that has the component has them too.
 */
import type { Definitions, Shape } from '../../../runtime/shape.ts'
import { reaching, refsOf } from '../../definitions.ts'
import type { Component, Implementation, Method } from '../../model.ts'
import { byCodeUnits } from '../types/canonical.ts'

/** What a settled shape itself refers to. Shapes are kept from analysis to analysis, and so is this. */
interface Inside {
  readonly refs: readonly string[]
  readonly components: readonly string[]
}

const known = new WeakMap<Shape, Inside>()

function inside(shape: Shape): Inside {
  let found = known.get(shape)
  if (found === undefined) {
    const components = new Set<string>()
    const visit = (each: Shape): void => {
      if (each.kind === 'component') components.add(each.component)
      for (const inner of insideOf(each)) visit(inner)
    }
    visit(shape)
    found = { refs: [...refsOf(shape, insideOf)], components: [...components] }
    known.set(shape, found)
  }
  return found
}

type WithMethods = Pick<Component, 'name'> & { readonly methods: readonly Pick<Method, 'parameters' | 'result'>[] }

const shapesOf = ({ methods }: WithMethods): Shape[] =>
  methods.flatMap(({ parameters, result }) => [...parameters.map(({ shape }) => shape), result])

/** Names of the definitions that `shapes` reach, in no order. */
function reached(shapes: readonly Shape[], definitions: Definitions): Set<string> {
  const names = new Set(shapes.flatMap((shape) => inside(shape).refs))
  for (const name of names) {
    const definition = definitions[name]
    if (definition === undefined) names.delete(name)
    else for (const ref of inside(definition).refs) names.add(ref)
  }
  return names
}

/** Component → components that it may hand to its callers or get from them, in code unit order. */
export function referencesOf(components: readonly WithMethods[], definitions: Definitions): Map<string, string[]> {
  const entries = Object.entries(definitions)
  const holders = entries.filter(([, shape]) => inside(shape).components.length > 0).map(([name]) => name)
  const edges = new Map(holders.length === 0 ? [] : entries.map(([name, shape]) => [name, new Set(inside(shape).refs)]))
  const leading = reaching(edges, holders)
  return new Map(
    components.map((component) => {
      const shapes = shapesOf(component)
      const found = new Set(shapes.flatMap((shape) => inside(shape).components))
      if (shapes.some((shape) => inside(shape).refs.some((name) => leading.has(name)))) {
        for (const name of reached(shapes, definitions)) {
          for (const each of inside(definitions[name]!).components) found.add(each)
        }
      }
      return [component.name, [...found].sort(byCodeUnits)]
    }),
  )
}

/** Definitions that healthy components, their states and configs need, by name. */
export function reachedDefinitions(
  components: readonly Component[],
  roots: readonly (Implementation | undefined)[],
  definitions: Definitions,
): Definitions {
  const healthy = components.filter((each) => each.broken === undefined)
  const configs = [...healthy.map((each) => each.implementation), ...roots].flatMap((implementation) =>
    (implementation?.dependencies ?? []).flatMap((each) => (each.kind === 'config' ? [each.shape] : [])),
  )
  const states = healthy.flatMap(({ implementation }) => implementation?.state ?? [])
  const names = reached([...healthy.flatMap(shapesOf), ...configs, ...states], definitions)
  return Object.fromEntries([...names].sort().map((name) => [name, definitions[name]!]))
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
