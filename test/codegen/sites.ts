/** Single faults in values, with the path that must be reported. */
import { fitterOf } from '../../runtime/codec/check.ts'
import { Choice } from '../../runtime/codec/choice.ts'
import type { Definitions, Shape, UnionMember } from '../../runtime/shape.ts'
import { isContainer, ownCodecs } from './own.ts'
import { define } from './values.ts'

/** A place in a value where something else can be put, and the path by which it must be reported. */
export interface Site {
  path: string
  shape: Shape
  put(value: unknown): unknown
}

/**
 * Every place inside of `value`; discriminators are left out, since changing one is another fault, and what a whole look tells, since one
 * fault may make it another member.
 */
export function sitesOf(shape: Shape, definitions: Definitions, value: unknown, path: string): Site[] {
  switch (shape.kind) {
    case 'ref':
      return sitesOf(definitions[shape.name] as Shape, definitions, value, path)
    case 'shared':
      return sitesOf(shape.of, definitions, value, path)
    case 'custom': {
      const at = `${path} (as its codec encodes it)`
      const own: Site = { path: at, shape: shape.of, put: (other) => define(value as object, 'content', other) }
      const { content } = value as { content: unknown }
      return content === undefined ? [own] : [own, ...sitesOf(shape.of, definitions, content, at)]
    }
    case 'array':
      return elementSites(value as unknown[], () => shape.of, definitions, path)
    case 'tuple': {
      const list = value as unknown[]
      const rest = shape.elements.findIndex((each) => each.rest)
      const after = rest < 0 ? 0 : shape.elements.length - rest - 1
      return elementSites(
        list,
        (at) => {
          const fromEnd = list.length - at
          return shape.elements[rest < 0 || at < rest ? at : fromEnd <= after ? shape.elements.length - fromEnd : rest]!
            .shape
        },
        definitions,
        path,
      )
    }
    case 'object':
      return Object.keys(value as object).flatMap((name) => {
        const member = shape.members.find((each) => each.name === name)
        const of = (member?.shape ?? shape.index?.of) as Shape
        const at = /^[A-Za-z_$][\w$]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`
        const inside = Object.getOwnPropertyDescriptor(value, name)?.value
        const own: Site = { path: at, shape: of, put: (other) => define(value as object, name, other) }
        return inside === undefined ? [own] : [own, ...sitesOf(of, definitions, inside, at)]
      })
    case 'map':
      return [...(value as Map<unknown, unknown>)].flatMap(([key, item]) => {
        if (typeof key !== 'string' || key.length > 40) return []
        const at = `${path}.get(${JSON.stringify(key)})`
        const put = (other: unknown) => (value as Map<unknown, unknown>).set(key, other)
        const own: Site = { path: at, shape: shape.value, put }
        return [own, ...sitesOf(shape.value, definitions, item, at)]
      })
    case 'union': {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || isContainer(value)) return []
      const chosen = chosenOf(shape.members, definitions, value)
      if (chosen === undefined || chosen.test.by === 'match') return []
      return sitesOf(chosen.shape, definitions, value, path).filter((site) => site.path !== `${path}.kind`)
    }
    default:
      return []
  }
}

function elementSites(list: unknown[], of: (at: number) => Shape, definitions: Definitions, path: string): Site[] {
  return list.flatMap((item, at) => {
    const own: Site = { path: `${path}[${at}]`, shape: of(at), put: (other) => list.splice(at, 1, other) }
    return item === undefined ? [own] : [own, ...sitesOf(of(at), definitions, item, `${path}[${at}]`)]
  })
}

/** The member of a union that the value is of. */
export function chosenOf(
  members: readonly UnionMember[],
  definitions: Definitions,
  value: unknown,
): UnionMember | undefined {
  const resolve = (shape: Shape): Shape =>
    shape.kind === 'ref' ? resolve(definitions[shape.name]!) : shape.kind === 'shared' ? resolve(shape.of) : shape
  const fitter = () => fitterOf(definitions, ownCodecs)
  return members[new Choice(members, { resolve, codecs: ownCodecs, fitter }).index(value)]
}
