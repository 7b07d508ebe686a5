/**
 * Arrays that have been through a mapped type: `Omit<number[], 'push'>`, type-fest's `FixedLengthArray`. The type has lost that it is an array, and
 * what is left is some of `Array`'s methods beside `0`, `1` and `length`; its values are still arrays. In go its members; out comes the array or
 * tuple that they describe.
 */
import type { CheckerView, Index, Member, TypeDescription } from '../../checker/view.ts'
import { type Refusal, STRIPPED_ARRAY } from './refusals.ts'

type List = TypeDescription & { kind: 'array' | 'tuple' }
type Elements = (TypeDescription & { kind: 'tuple' })['elements']

const LISTS: ReadonlySet<string> = new Set(['Array', 'ReadonlyArray'])
/** Who takes all of these away has made a type of their own. */
const METHODS: ReadonlySet<string> = new Set(['concat', 'slice', 'map', 'forEach'])

/** What TypeScript allows a tuple. */
const LENGTH_MAX = 10_000

/** Undefined for a type that was never an array. */
export function strippedArray(
  view: CheckerView,
  members: readonly Member[],
  indexes: readonly Index[],
): List | Refusal | undefined {
  const isOfArray = ({ origin, symbol }: Member): boolean => {
    const owner = origin === 'lib' ? view.owner(symbol) : undefined
    return owner !== undefined && LISTS.has(view.symbolName(owner))
  }
  if (!members.some((member) => METHODS.has(member.name) && isOfArray(member))) return undefined
  const elements = new Map(members.filter(({ name }) => /^\d+$/.test(name)).map((each) => [Number(each.name), each]))
  const index = indexes.find(({ key }) => key === 'number')
  const further = members.filter(
    (member) => !/^(?:\d+|length)$/.test(member.name) && member.key !== 'symbol' && !isOfArray(member),
  )
  if (further.length > 0 || indexes.some(({ key }) => key !== 'number')) return STRIPPED_ARRAY
  const readonly = [...elements.values(), ...(index ? [index] : [])].every((each) => each.readonly)
  const length = lengthOf(view, members)
  if (length === undefined && elements.size === 0 && index) return { kind: 'array', element: index.type, readonly }
  const listed: Elements[number][] = []
  for (let at = 0; at < (length ?? elements.size); at++) {
    const element = elements.get(at)
    const type = element?.type ?? index?.type
    if (type === undefined) return STRIPPED_ARRAY
    listed.push({ type, kind: element?.optional ? 'optional' : 'required' })
  }
  if (length === undefined) {
    if (index === undefined) return STRIPPED_ARRAY
    listed.push({ type: index.type, kind: 'rest' })
  }
  return { kind: 'tuple', elements: listed, readonly: readonly && listed.length > 0 }
}

/** The greatest there can be: of `[number, string?]` it is `1 | 2`. */
function lengthOf(view: CheckerView, members: readonly Member[]): number | undefined {
  const length = members.find(({ name }) => name === 'length')
  const description = length && view.describe(length.type)
  const parts = description?.kind === 'union' ? description.parts.map((each) => view.describe(each)) : [description]
  const lengths = parts.map((each) =>
    each?.kind === 'literal' && each.literal.type === 'number' ? each.literal.value : LENGTH_MAX + 1,
  )
  const greatest = Math.max(...lengths)
  return greatest <= LENGTH_MAX ? greatest : undefined
}
