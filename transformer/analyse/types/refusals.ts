/** Wording of what can't cross: each a code, a clause that continues `'add(order).lines[]' …`, why, and what to do. */
import type { Shape } from '../../../runtime/shape.ts'
import type { Code } from '../../diagnostics/catalogue.ts'
import { type Bound, STREAMS } from './builtins.ts'

export interface Refusal {
  readonly code: Code
  readonly says: string
  readonly why: string
  readonly fix: string
}

const refusal = (code: Code, says: string, why: string, fix: string): Refusal => ({ code, says, why, fix })
const article = (name: string): string => (/^[AEIOU]/.test(name) ? 'an' : 'a')

export const ANY = refusal(
  'WV2001',
  "is 'any': its shape is not known at build time.",
  'codecs are made from types',
  "write its type, or use 'Json'",
)

export const UNRESOLVED = refusal(
  'WV2002',
  'has a type that could not be resolved.',
  'the compiler reports an error in it, such as an import that was not found',
  'repair that error first',
)

export const SYMBOL = refusal(
  'WV2006',
  "is a 'symbol', which cannot leave its process.",
  'another process has other symbols',
  'use a string literal',
)

export const SYMBOL_KEY = refusal(
  'WV2017',
  'has a symbol as its key, which cannot leave its process.',
  'another process has other symbols',
  "use a string as its key; a brand is written '?: never', and is left out",
)

export const SYMBOL_INDEX = refusal(
  'WV2017',
  'is indexed by symbols, which cannot leave their process.',
  'another process has other symbols',
  "use 'string' as the index",
)

export const vague = (text: string): Refusal =>
  refusal(
    'WV2003',
    `is '${text}', which says too little to encode.`,
    'it accepts nearly every value, functions and sockets included',
    "name its members, or use 'Json'",
  )

export const openParameter = (text: string): Refusal =>
  refusal(
    'WV2008',
    `depends on the type parameter '${text}'.`,
    'it is another type at each use',
    'write the type that is meant',
  )

export const unresolvedGeneric = (text: string): Refusal =>
  refusal(
    'WV2008',
    `is '${text}', which does not resolve to one type.`,
    'it depends on a type parameter',
    'write the type that is meant',
  )

export const endless = (name: string): Refusal =>
  refusal(
    'WV2009',
    `contains '${name}', which expands without end.`,
    'it contains itself with other type arguments, those with others again, and after two dozen such steps no end is expected',
    'let it contain itself with the same type arguments',
  )

export const overgrown = (name: string): Refusal =>
  refusal(
    'WV2009',
    `contains '${name}', which expands too far.`,
    'it is met with hundreds of different type arguments, and all these types together are more than any codec should hold',
    "let it be met with fewer type arguments, or use 'Json' in its place",
  )

export const functionValue = (what: 'class' | 'function'): Refusal =>
  refusal(
    'WV2004',
    `is a ${what}, which cannot leave its process.`,
    'its code and what it closes over live in this process',
    what === 'function'
      ? 'return what it would be called with (a Promise, or an AsyncIterable where it is called often), or make what it belongs to a component'
      : 'pass the data that it would work on',
  )

export const anyComponent: Refusal = refusal(
  'WV2010',
  "is 'Component' itself, which says nothing of what it can do.",
  'a reference arrives as a stub with the methods of one interface',
  'name the interface that is meant',
)

export const implementationValue = (name: string, component: string): Refusal =>
  refusal(
    'WV2010',
    `is the class '${name}', which implements the component '${component}'.`,
    'the object stays where it is, and only a reference to the component can be passed',
    `declare it as '${component}'; the receiver calls it wherever it is`,
  )

/** `unnamed`: why an interface below `Component` is none of the application's. */
export const unnamedComponent = (text: string, unnamed: { code: Code; why: string; fix: string }): Refusal =>
  refusal(
    unnamed.code,
    `is '${text}', which extends 'Component' and is none of this application.`,
    unnamed.why,
    unnamed.fix,
  )

export const badCodec = (says: string, fix: string): Refusal =>
  refusal('WV2019', `has a codec that cannot be used: ${says}.`, 'generated code imports the codec and calls it', fix)

export const omittedType = (name: string): Refusal =>
  refusal(
    'WV2003',
    `is '${name}', which weave.config.ts leaves out, and only a member can be left out.`,
    'an element, an argument or a result has to be something',
    `answer 'json' for it in weave.config.ts, or give it a codec`,
  )

export function boundValue(name: string, { code, why, fix }: Bound): Refusal {
  if (code === 'WV2003') return refusal(code, `is '${name}', which says too little to encode.`, why, fix)
  if (code === 'WV2005') return refusal(code, `is the wrapper object '${name}'.`, why, fix)
  const cannot: Partial<Record<Code, string>> = {
    WV2015: STREAMS.has(name) ? 'cannot be a part of data' : 'does not cross as what it is',
    WV2016: 'cannot stand here',
  }
  return refusal(code, `is ${article(name)} '${name}', which ${cannot[code] ?? 'cannot leave its process'}.`, why, fix)
}

export const errorClass = (name: string, inProject: boolean): Refusal =>
  refusal(
    'WV2018',
    `is the error class '${name}', which the receiver cannot import.`,
    inProject ? 'it is not exported from its module' : 'it belongs to a package and not to this project',
    inProject ? `export '${name}'` : `give the project an exported error class, with '${name}' as its cause`,
  )

export const instance = (name: string, inProject = true): Refusal =>
  refusal(
    'WV2005',
    `is an instance of the class '${name}', which would arrive without its methods and private state.`,
    'only data crosses a boundary, and the class is not data',
    inProject
      ? `give '${name}' a 'static readonly codec: Codec<${name}, …>', or pass an interface with its data`
      : `declare an interface with the data of '${name}' and pass that`,
  )

export const subtype = (name: string, base: string): Refusal =>
  refusal(
    'WV2005',
    `is '${name}', a kind of '${base}' that would arrive as a plain one.`,
    `what '${name}' adds would be lost`,
    `use '${base}' itself, beside the further members in an object`,
  )

export const furtherMembers = (text: string): Refusal =>
  refusal(
    'WV2005',
    `is '${text}': the further members would be lost.`,
    'an array or a built-in object crosses as what it is',
    'make it one member of an object, beside the others',
  )

export const STRIPPED_ARRAY = refusal(
  'WV2003',
  'is what is left of an array, and does not say what the array holds.',
  "it has methods of 'Array', and members beside them or no elements",
  'write the array or the tuple that is meant',
)

export const accessor = (name: string): Refusal =>
  refusal(
    'WV2014',
    'is an accessor, not data.',
    'a getter runs code of its object whenever it is read, and the receiver has another object',
    `declare it as a plain member, '${name}: …'`,
  )

export function ambiguous([a, b]: readonly [Shape, Shape], opaque = false): Refusal {
  const [first, second] = [describeShape(a), describeShape(b)]
  return refusal(
    'WV2007',
    `is a union in which nothing at run time tells ${first} from ${first === second ? 'another' : second}.`,
    'the receiver must know which of them a value is',
    opaque
      ? `give the codec of ${first} a method 'is(value)', which tells its values from others; 'satisfies Codec<…>' behind it, in place of ': Codec<…>', lets its type have that`
      : [a, b].every(isObject)
        ? "give each a literal member of its own, such as 'kind'"
        : "put each in an object with a literal member of its own: { kind: 'a', value: … }",
  )
}

/** An array, a date or a string has no place for a member that tells it apart. */
const isObject = (shape: Shape): boolean =>
  shape.kind === 'object' || shape.kind === 'ref' || (shape.kind === 'shared' && isObject(shape.of))

/** A member of a union: its own name without path, or its members' names. */
function describeShape(shape: Shape): string {
  if (shape.kind === 'ref') return `'${shape.name.replace(/^[^<]*[/.](?=[^/.<]+(<|$))/, '')}'`
  if (shape.kind === 'shared') return describeShape(shape.of)
  if (shape.kind === 'object') {
    const names = shape.members.map((each) => each.name + (each.optional ? '?' : ''))
    return `'{ ${[...names, ...(shape.index ? ['[key]'] : [])].join(', ')} }'`
  }
  return shape.kind === 'array' || shape.kind === 'tuple' ? `one ${shape.kind}` : `one '${shape.kind}'`
}
