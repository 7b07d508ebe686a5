/**
 * What the rules share: which calls of the project are of a component's method, and which methods implement one. In go the
 * found components and classes; out come nodes. Files are chosen by their text and entered where the text says a call may
 * be, so most of a project's syntax is never read; all receivers are asked for in one batch.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { CheckerView, Signature, SourceFile, SymbolHandle, TypeHandle } from '../../checker/view.ts'
import type { Recall } from '../again/memory.ts'
import { kindOfNote } from '../again/notes.ts'
import type { FoundClass, FoundComponent } from '../declared/find.ts'
import type { Markers } from '../declared/markers.ts'
import { mentionsAny } from '../declared/text-facts.ts'
import { bare } from './nodes.ts'
import { declarationOf } from './scope.ts'

export interface ComponentMethod {
  readonly component: FoundComponent
  readonly name: string
  /** `Cart.add` */
  readonly title: string
  /** Undefined for one that gives an async iterable at once, or is wrong otherwise. */
  readonly promised: TypeHandle | undefined
}

export interface BoundaryCall {
  readonly method: ComponentMethod
  /** `receiver.name(…)` */
  readonly node: SyntaxNode
  readonly file: SourceFile
}

export interface ImplementedMethod {
  readonly method: ComponentMethod
  readonly found: FoundClass
  /** The function. */
  readonly node: SyntaxNode
  readonly file: SourceFile
}

export interface FactsInput {
  readonly view: CheckerView
  readonly markers: Markers
  readonly files: readonly SourceFile[]
  readonly components: ReadonlyMap<SymbolHandle, FoundComponent>
  readonly classes: readonly FoundClass[]
  readonly recall?: Recall | undefined
}

const METHOD_NAMES = kindOfNote<readonly string[]>('names of methods')

/** Methods of components, read when they are asked for: in an edited file few are called, and all others' names are known. */
export class ComponentMethods {
  readonly #input: FactsInput
  readonly #read = new Map<SymbolHandle, ReadonlyMap<string, ComponentMethod>>()
  readonly #signaturesOf = new Map<SymbolHandle, ReadonlyMap<string, Signature>>()
  /** Names that the last analysis has read. */
  readonly #known = new Map<SymbolHandle, readonly string[]>()
  #names: Set<string> | undefined

  constructor(input: FactsInput) {
    this.#input = input
    // Whether they will be asked for or not, the next analysis wants them.
    for (const [symbol, { nameSpan }] of input.components) {
      const known = input.recall?.findOfType(METHOD_NAMES, nameSpan)
      if (known !== undefined) this.#known.set(symbol, known)
    }
  }

  /** Of all components. */
  get names(): ReadonlySet<string> {
    this.#names ??= this.#readNames()
    return this.#names
  }

  #readNames(): Set<string> {
    const { components, recall } = this.#input
    const names = new Set<string>()
    for (const [symbol, { nameSpan }] of components) {
      const known = this.#known.get(symbol)
      const own = known ?? [...this.of(symbol).keys()]
      if (known === undefined) recall?.noteOfType(METHOD_NAMES, own, nameSpan)
      for (const each of own) names.add(each)
    }
    return names
  }

  /** `symbol` is a component's. */
  of(symbol: SymbolHandle): ReadonlyMap<string, ComponentMethod> {
    const known = this.#read.get(symbol)
    if (known !== undefined) return known
    const component = this.#input.components.get(symbol)!
    const names = this.#known.get(symbol) ?? [...this.#signatures(symbol).keys()]
    const promised = (name: string) => this.#promised(symbol, name)
    const read = new Map(
      names.map((name): [string, ComponentMethod] => {
        const title = `${component.shortName}.${name}`
        const method = {
          component,
          name,
          title,
          get promised() {
            return promised(name)
          },
        }
        return [name, method]
      }),
    )
    this.#read.set(symbol, read)
    return read
  }

  #signatures(symbol: SymbolHandle): ReadonlyMap<string, Signature> {
    const known = this.#signaturesOf.get(symbol)
    if (known !== undefined) return known
    const { view } = this.#input
    const found = view.members(view.declaredType(symbol)).flatMap((member) => {
      const [signature] = member.kind === 'accessor' ? [] : view.callSignatures(member.type)
      return signature && member.key !== 'symbol' ? [[member.name, signature] as const] : []
    })
    const signatures = new Map(found)
    this.#signaturesOf.set(symbol, signatures)
    return signatures
  }

  #promised(symbol: SymbolHandle, name: string): TypeHandle | undefined {
    const { view } = this.#input
    const result = this.#signatures(symbol).get(name)?.result
    const of = result && view.symbolOf(result)
    return of && view.symbolName(of) === 'Promise' ? view.typeArguments(result)[0] : undefined
  }
}

/** A name after a dot, and something that begins a call behind it. */
const CALL = /\.\s*([\w$\u0080-\uffff]+)\s*!?(?:\?\.)?\s*[(<]/g

export function findBoundaryCalls({ view, files, components }: FactsInput, methods: ComponentMethods): BoundaryCall[] {
  const { names } = methods
  const found: { node: SyntaxNode; receiver: SyntaxNode; name: string; file: SourceFile }[] = []
  for (const file of files) {
    if (!mentionsAny(file, CALL, names)) continue
    for (const match of file.text.matchAll(CALL)) {
      const [written, name] = match
      if (!names.has(name!)) continue
      const node = callAt(view.syntax(file), match.index + written.indexOf(name!), name!)
      const receiver = node && bare(node.child('callee')!).child('object')
      if (receiver && mayBeComponent(bare(receiver))) found.push({ node, receiver, name: name!, file })
    }
  }
  const types = view.typesAt(found.map(({ receiver }) => receiver))
  const known = new Map<TypeHandle, SymbolHandle | undefined>()
  return found.flatMap(({ node, name, file }, at) => {
    const type = types[at]!
    if (!known.has(type)) known.set(type, componentOf(view, components, type))
    const component = known.get(type)
    const method = component && methods.of(component).get(name)
    return method ? [{ method, node, file }] : []
  })
}

function callAt(tree: SyntaxNode, offset: number, name: string): SyntaxNode | undefined {
  const identifier = tree.at(offset)
  if (identifier.kind !== 'identifier' || identifier.text !== name || identifier.role !== 'name') return undefined
  let callee = identifier.parent!
  if (callee.kind !== 'member') return undefined
  while (callee.parent?.kind === 'cast') callee = callee.parent
  return callee.role === 'callee' && callee.parent?.kind === 'call' ? callee.parent : undefined
}

/** Receivers that the syntax alone rules out, so that nobody is asked: `this.add()`, `[…].map()`, `console.log()`. */
function mayBeComponent(receiver: SyntaxNode): boolean {
  switch (receiver.kind) {
    case 'this':
    case 'super':
    case 'literal':
    case 'array':
    case 'object':
    case 'new':
    case 'function':
    case 'other':
      return false
    case 'identifier':
      return !(PLATFORM.has(receiver.text) && declarationOf(receiver) === undefined)
    default:
      return true
  }
}

const PLATFORM: ReadonlySet<string> = new Set(
  'Array BigInt Buffer Date Error JSON Map Math Number Object Promise Reflect RegExp Set String URL console crypto process'.split(
    ' ',
  ),
)

/** The component that a type is; `Cart | undefined` is one after a `?.` too. */
export function componentOf(
  view: CheckerView,
  components: ReadonlyMap<SymbolHandle, FoundComponent>,
  type: TypeHandle,
): SymbolHandle | undefined {
  const description = view.describe(type)
  const symbols =
    description.kind === 'union' ? description.parts.map((part) => view.symbolOf(part)) : [view.symbolOf(type)]
  const own = symbols.filter((symbol) => symbol !== undefined && components.has(symbol))
  return new Set(own).size === 1 ? own[0] : undefined
}

export function findImplementedMethods(
  { view, components, classes }: FactsInput,
  methods: ComponentMethods,
): ImplementedMethod[] {
  const found: ImplementedMethod[] = []
  for (const each of classes) {
    if (each.test) continue
    const symbols = new Set(each.implements.map(({ symbol }) => symbol).filter((symbol) => components.has(symbol)))
    if (symbols.size === 0) continue
    const node = classNode(view.syntax(each.file), each)
    for (const symbol of symbols) {
      for (const member of node?.all('member') ?? []) {
        const method = methods.of(symbol).get(member.child('name')?.text ?? '')
        const body = method && bodyOf(member)
        if (body) found.push({ method, found: each, node: body, file: each.file })
      }
    }
  }
  return found
}

/** A method, or a field that holds a function. */
function bodyOf(member: SyntaxNode): SyntaxNode | undefined {
  if (member.kind === 'function') return member.text === 'method' && member.child('body') ? member : undefined
  const value = member.kind === 'field' ? member.child('value') : undefined
  return value && bare(value).kind === 'function' ? bare(value) : undefined
}

export function classNode(tree: SyntaxNode, { declared }: FoundClass): SyntaxNode | undefined {
  let node: SyntaxNode | undefined = tree.at(declared.nameSpan.start)
  while (node && node.kind !== 'class') node = node.parent
  return node
}
