/**
 * The syntax of a file as lint rules see it: a tree with kinds and roles of its own, so that a rule is written once for
 * TypeScript 6 and 7. In goes a parsed file of either (their nodes have the same names and members, and other numbers for
 * their kinds); out comes a tree whose nodes are made when they are asked for, since most files are never looked into
 * beyond one call. Kinds that no rule needs are `other`, with their children; parentheses and keywords leave no node.
 * What a name or an expression means is the view's to answer, in batches: `symbolsAt`, `typesAt`.
 */

import { FORMS, type Form } from './syntax-forms.ts'

declare const handle: unique symbol
/** The checker's own node. */
export interface SyntaxHandle {
  readonly [handle]: 'syntax'
}

export type SyntaxKind =
  | 'file'
  /** `text` is the name; a private one with its `#`. */
  | 'identifier'
  | 'this'
  | 'super'
  /** A literal, `null`, `true`, `false`, or a piece of a template; `text` as it is written. */
  | 'literal'
  /** `object.name`; `object?.name` is `optional`. */
  | 'member'
  /** `object[index]` */
  | 'element'
  /** `callee(argument, …)` */
  | 'call'
  | 'new'
  /** `text` is the keyword: `await`, `void`, `delete`, `typeof`, `yield`. */
  | 'keyword'
  /** `text` is the operator. */
  | 'prefix'
  | 'postfix'
  /** `left text right`, assignments included. */
  | 'binary'
  | 'conditional'
  /** `operand as type`, `operand satisfies type`, `operand!`; `text` is `as`, `satisfies` or `!`. */
  | 'cast'
  | 'array'
  | 'object'
  | 'spread'
  /** In an object literal: `name: value`, or the shorthand `name`. */
  | 'property'
  /** Everything with a body of its own; `text`: `declaration`, `expression`, `arrow`, `method`, `constructor`, `get`, `set`, `static`. */
  | 'function'
  | 'class'
  | 'field'
  | 'parameter'
  /** `text` is `const`, `let`, `var`, `using` or `await using`. */
  | 'variables'
  | 'variable'
  /** `{ a, b: c }` or `[a, b]`; its elements are `binding`. */
  | 'pattern'
  | 'binding'
  /** An expression and nothing else. */
  | 'statement'
  /** `text` is `namespace` for the body of one. */
  | 'block'
  | 'return'
  | 'throw'
  | 'if'
  /** `text`: `for`, `for-in`, `for-of`, `while`, `do`. */
  | 'loop'
  | 'switch'
  | 'break'
  | 'continue'
  | 'try'
  | 'catch'
  | 'import'
  /** A name that an import binds. */
  | 'import-name'
  /** `Cart`, `Cart<T>`, `ns.Cart` where a type is written. */
  | 'type-reference'
  /** Any other type. */
  | 'type'
  | 'other'

/** What a node is to its parent. */
export type SyntaxRole =
  | 'name'
  | 'object'
  | 'index'
  | 'callee'
  | 'argument'
  | 'typeArgument'
  | 'operand'
  | 'left'
  | 'right'
  | 'condition'
  | 'then'
  | 'else'
  | 'element'
  /** In a binding `{ property: name }`, in an import `{ property as name }`. */
  | 'property'
  | 'value'
  | 'parameter'
  | 'type'
  | 'body'
  | 'member'
  | 'expression'
  | 'initializer'
  | 'update'
  | 'iterated'
  | 'catch'
  | 'finally'
  | 'from'
  | 'other'

export interface SyntaxNode {
  readonly kind: SyntaxKind
  readonly role: SyntaxRole
  readonly text: string
  /** Absolute path. */
  readonly file: string
  /** UTF-16 offsets; `start` is that of the first token. */
  readonly start: number
  readonly end: number
  readonly parent: SyntaxNode | undefined
  /** In the order of the text. */
  readonly children: readonly SyntaxNode[]
  /** A function. */
  readonly async: boolean
  /** A loop `for await`. */
  readonly awaits: boolean
  /** A member, element or call after `?.`. */
  readonly optional: boolean
  /** A parameter or binding after `...`. */
  readonly rest: boolean
  readonly handle: SyntaxHandle
  /** The first child of a role. */
  child(role: SyntaxRole): SyntaxNode | undefined
  all(role: SyntaxRole): readonly SyntaxNode[]
  /** The smallest node inside this one that `offset` lies in. */
  at(offset: number): SyntaxNode
}

/** What both compilers' nodes have; read by name, since the rest of their types differ. */
export interface RawNode {
  readonly kind: number
  readonly pos: number
  readonly end: number
}

export interface RawSyntax {
  readonly file: string
  readonly text: string
  /** Its numbers for the kinds, by name. */
  readonly kinds: Readonly<Record<string, number | string>>
  forEachChild(node: RawNode, visit: (child: RawNode) => void): void
  /** Of the first token. */
  start(node: RawNode): number
}

const OTHER: Form = { kind: 'other', roles: {} }
const TYPE: Form = { kind: 'type', roles: {} }

interface Reader {
  readonly raw: RawSyntax
  readonly forms: ReadonlyMap<number, Form>
  /** Kinds of the parentheses around an expression, and of keywords and punctuation. */
  readonly parenthesized: number
  readonly isToken: (kind: number) => boolean
}

type KindTable = RawSyntax['kinds']
const formsByTable = new WeakMap<KindTable, Omit<Reader, 'raw'>>()

function readerOf(raw: RawSyntax): Reader {
  let known = formsByTable.get(raw.kinds)
  if (!known) {
    const number = (name: string): number => Number(raw.kinds[name])
    const forms = new Map<number, Form>()
    for (let kind = number('FirstTypeNode'); kind <= number('LastTypeNode'); kind++) forms.set(kind, TYPE)
    for (const [name, form] of Object.entries(FORMS)) forms.set(number(name), form)
    const [first, last] = [number('FirstToken'), number('LastToken')]
    const isToken = (kind: number): boolean => kind >= first && kind <= last && !forms.has(kind)
    known = { forms, parenthesized: number('ParenthesizedExpression'), isToken }
    formsByTable.set(raw.kinds, known)
  }
  return { ...known, raw }
}

export function readSyntax(raw: RawSyntax, root: RawNode): SyntaxNode {
  return new Node(readerOf(raw), root, undefined, 'other')
}

const NONE: readonly SyntaxNode[] = []

/** Members are read by name from nodes of either compiler. */
type Named = Readonly<Record<string, unknown>> & RawNode

class Node implements SyntaxNode {
  readonly kind: SyntaxKind
  readonly role: SyntaxRole
  readonly parent: Node | undefined
  readonly #reader: Reader
  readonly #raw: Named
  readonly #form: Form
  #start: number | undefined
  #children: readonly Node[] | undefined

  constructor(reader: Reader, raw: RawNode, parent: Node | undefined, role: SyntaxRole) {
    this.#reader = reader
    this.#raw = raw as Named
    this.#form = reader.forms.get(raw.kind) ?? OTHER
    this.kind = this.#form.kind
    this.parent = parent
    this.role = role
  }

  get handle(): SyntaxHandle {
    return this.#raw as unknown as SyntaxHandle
  }

  get file(): string {
    return this.#reader.raw.file
  }

  get start(): number {
    this.#start ??= this.#reader.raw.start(this.#raw)
    return this.#start
  }

  get end(): number {
    return this.#raw.end
  }

  get text(): string {
    if (this.#form.text !== undefined) return this.#form.text
    const { text } = this.#reader.raw
    const inner = this.#raw.operand as RawNode | undefined
    switch (this.kind) {
      case 'identifier':
        return this.#raw.text as string
      case 'literal':
        return text.slice(this.start, this.end)
      case 'prefix':
        return text.slice(this.start, inner!.pos).trim()
      case 'postfix':
        return text.slice(inner!.end, this.end).trim()
      case 'binary': {
        const operator = this.#raw.operatorToken as RawNode
        return text.slice(this.#reader.raw.start(operator), operator.end)
      }
      case 'variables':
        return /^(?:await\s+)?\w+/.exec(text.slice(this.start, this.start + 32))?.[0] ?? 'var'
      default:
        return ''
    }
  }

  get async(): boolean {
    const { kinds } = this.#reader.raw
    const modifiers = this.#raw.modifiers as readonly RawNode[] | undefined
    return modifiers?.some(({ kind }) => kind === kinds.AsyncKeyword) ?? false
  }

  get awaits(): boolean {
    return this.#raw.awaitModifier !== undefined
  }

  get optional(): boolean {
    return this.#raw.questionDotToken !== undefined
  }

  get rest(): boolean {
    return this.#raw.dotDotDotToken !== undefined
  }

  get children(): readonly Node[] {
    this.#children ??= this.#read()
    return this.#children
  }

  #read(): readonly Node[] {
    const { raw, isToken, parenthesized } = this.#reader
    const found: Node[] = []
    const roles = Object.entries(this.#form.roles)
    raw.forEachChild(this.#raw, (child) => {
      if (isToken(child.kind)) return
      const role = roles.find(([name]) => {
        const value = this.#raw[name]
        return value === child || (Array.isArray(value) && value.includes(child))
      })
      let inner = child as Named
      while (inner.kind === parenthesized) inner = inner.expression as Named
      found.push(new Node(this.#reader, inner, this, role?.[1] ?? 'other'))
    })
    return found.length === 0 ? (NONE as readonly Node[]) : found
  }

  child(role: SyntaxRole): SyntaxNode | undefined {
    return this.children.find((each) => each.role === role)
  }

  all(role: SyntaxRole): readonly SyntaxNode[] {
    return this.children.filter((each) => each.role === role)
  }

  at(offset: number): SyntaxNode {
    const inner = this.children.find((each) => each.#raw.pos <= offset && offset < each.end)
    return inner ? inner.at(offset) : this
  }
}
