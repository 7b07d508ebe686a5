/**
 * What calls between co-located components copy, for `weave check --copies`: in goes the model of an application, out a line for each
 * argument and result that is more than a primitive, with what makes a copy necessary and what would spare it.
 */
import { notation } from '../runtime/codec/notation.ts'
import { inner, isMutable } from '../runtime/codec/traits.ts'
import type { Definitions, Shape } from '../runtime/shape.ts'
import type { App, AppModel, Component, Method, SourceSpan } from './model.ts'

export interface Copy {
  /** `Cart.add` */
  readonly method: string
  /** Of the parameter; undefined: the result. */
  readonly parameter: string | undefined
  readonly type: string
  readonly place: SourceSpan
  /** `copied`, or `readonly` to the bottom and handed over. */
  readonly kind: 'copied' | 'readonly'
  /** What can be changed; empty where nothing can. */
  readonly because: readonly string[]
  /** Whether `readonly` at each of those would spare the copy. */
  readonly sparable: boolean
}

export function copiesIn(model: AppModel, app: App | undefined): Copy[] {
  const reached = app && new Set(app.components)
  return model.components
    .filter(({ name, broken }) => broken === undefined && (reached === undefined || reached.has(name)))
    .flatMap((component) => component.methods.flatMap((method) => copiesOf(component, method, model.definitions)))
}

function copiesOf(component: Component, method: Method, definitions: Definitions): Copy[] {
  const about = (parameter: string | undefined, shape: Shape): Copy[] => {
    if (!isCompound(shape, definitions)) return []
    const changeable = changeableIn(shape, definitions)
    return [
      {
        method: `${component.shortName}.${method.name}`,
        parameter,
        type: notation(shape),
        place: method.declaration ?? component.declaration,
        kind: changeable.length > 0 ? 'copied' : 'readonly',
        because: changeable.map(({ text }) => text),
        sparable: changeable.every(({ sparable }) => sparable),
      },
    ]
  }
  const given = method.parameters.flatMap(({ name, shape, rest }) => {
    // The array of a rest parameter is made by the call.
    return about(name, rest && shape.kind === 'array' ? shape.of : shape)
  })
  return [...given, ...about(undefined, method.result)]
}

const PRIMITIVES: ReadonlySet<Shape['kind']> = new Set(
  'boolean number bigint string null undefined literal literals signal stream component'.split(' ') as Shape['kind'][],
)

/** Something that two could hold. */
function isCompound(shape: Shape, definitions: Definitions): boolean {
  if (shape.kind === 'ref') return isCompound(definitions[shape.name]!, definitions)
  if (shape.kind === 'union') return shape.members.some((member) => isCompound(member.shape, definitions))
  return !PRIMITIVES.has(shape.kind)
}

interface Changeable {
  readonly text: string
  readonly sparable: boolean
}

/** The places of a type where a value can be changed: those of each named type once. */
function changeableIn(shape: Shape, definitions: Definitions): Changeable[] {
  const found = new Map<string, Changeable>()
  const seen = new Set<string>()
  const add = (text: string, sparable: boolean) => found.set(text, { text, sparable })
  const visit = (part: Shape, name: string): void => {
    switch (part.kind) {
      case 'ref':
        if (seen.has(part.name)) return
        seen.add(part.name)
        visit(definitions[part.name]!, shortName(part.name))
        return
      case 'shared':
        return
      case 'array':
      case 'tuple':
      case 'map':
      case 'set':
        if (!part.readonly) add(`${notation(part)} is not readonly`, true)
        break
      case 'object': {
        const own = part.members.filter((member) => !member.readonly).map((member) => member.name)
        if (own.length > 0) add(`${name}: ${own.join(', ')} ${own.length === 1 ? 'is' : 'are'} not readonly`, true)
        else if (part.index && !part.index.readonly) add(`the index signature of ${name} is not readonly`, true)
        else if (part.omitted || part.index?.keys || (part.members.length === 0 && !part.index))
          add(`${name} may hold more than is declared`, false)
        break
      }
      default:
        if (inner(part).length === 0 && isMutable(part)) add(`${notation(part)} can be changed`, false)
    }
    for (const next of inner(part)) visit(next, name)
  }
  visit(shape, 'the object')
  return [...found.values()]
}

const shortName = (name: string): string => name.replace(/^.*\.(?=[^.]+$)/, '')
