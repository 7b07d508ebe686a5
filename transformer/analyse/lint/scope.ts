/**
 * Which declaration an identifier stands for, by the scopes of its file alone: rules follow local variables a great deal, and
 * asking a checker in another process for each would cost more than all the rest. In go nodes of the neutral tree; out comes
 * the identifier by which a name is declared, or undefined for what other files or the platform declare.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'

type Names = ReadonlyMap<string, SyntaxNode>
const namesByScope = new WeakMap<SyntaxNode, Names>()

const declarations = new WeakMap<SyntaxNode, SyntaxNode | null>()

/** The identifier that declares what `identifier` names. */
export function declarationOf(identifier: SyntaxNode): SyntaxNode | undefined {
  let known = declarations.get(identifier)
  if (known === undefined) {
    known = findDeclaration(identifier) ?? null
    declarations.set(identifier, known)
  }
  return known ?? undefined
}

function findDeclaration(identifier: SyntaxNode): SyntaxNode | undefined {
  for (let scope = identifier.parent; scope; scope = scope.parent) {
    const found = SCOPES.has(scope.kind) ? namesOf(scope).get(identifier.text) : undefined
    if (found) return found
  }
  return undefined
}

const SCOPES: ReadonlySet<SyntaxNode['kind']> = new Set(['file', 'block', 'function', 'class', 'loop', 'catch'])

function namesOf(scope: SyntaxNode): Names {
  const known = namesByScope.get(scope)
  if (known) return known
  const names = new Map<string, SyntaxNode>()
  const add = (name: SyntaxNode | undefined): void => {
    for (const each of boundNames(name)) names.set(each.text, each)
  }
  const addVariables = (list: SyntaxNode): void => {
    for (const variable of list.all('element')) add(variable.child('name'))
  }
  if (scope.kind === 'function') {
    if (scope.text === 'expression') add(scope.child('name'))
    for (const parameter of scope.all('parameter')) add(parameter.child('name'))
    hoisted(scope, addVariables)
  } else if (scope.kind === 'class') add(scope.child('name'))
  else if (scope.kind === 'catch') add(scope.child('parameter')?.child('name'))
  else if (scope.kind === 'loop') {
    const initializer = scope.child('initializer')
    if (initializer?.kind === 'variables') addVariables(initializer)
  } else {
    if (scope.kind === 'file') hoisted(scope, addVariables)
    addStatements(scope.children, add, addVariables)
  }
  namesByScope.set(scope, names)
  return names
}

function addStatements(
  statements: readonly SyntaxNode[],
  add: (name: SyntaxNode | undefined) => void,
  addVariables: (list: SyntaxNode) => void,
): void {
  for (const statement of statements) {
    if (statement.kind === 'function' || statement.kind === 'class') add(statement.child('name'))
    else if (statement.kind === 'import' || statement.kind === 'other') {
      // A statement of variables, a clause of a `switch`, or the parts of an import.
      for (const inner of statement.children) {
        if (inner.kind === 'variables') addVariables(inner)
        else addStatements([inner], add, addVariables)
      }
    } else if (statement.kind === 'import-name') {
      add(statement.child('name'))
      addStatements(statement.children, add, addVariables)
    }
  }
}

/** `var` belongs to the function, wherever it is written in it. */
function hoisted(scope: SyntaxNode, addVariables: (list: SyntaxNode) => void): void {
  const visit = (node: SyntaxNode): void => {
    if (node.kind === 'variables' && node.text === 'var') addVariables(node)
    if (node.kind !== 'function' && node.kind !== 'class' && STATEMENTS.has(node.kind)) node.children.forEach(visit)
  }
  scope.children.forEach(visit)
}

/** Kinds that can hold statements; expressions hold no `var`. */
const STATEMENTS: ReadonlySet<SyntaxNode['kind']> = new Set(['block', 'if', 'loop', 'switch', 'try', 'catch', 'other'])

/** The identifiers that a name binds: itself, or those in its pattern. */
export function boundNames(name: SyntaxNode | undefined): SyntaxNode[] {
  if (name?.kind === 'identifier') return [name]
  return (name?.all('element') ?? []).flatMap((binding) => boundNames(binding.child('name')))
}

/** Every other place that reads or writes what `declared` declares, in the order of the text. */
export function referencesOf(declared: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = []
  const visit = (node: SyntaxNode): void => {
    if (node.kind === 'identifier') {
      const stands = node !== declared && node.text === declared.text && !isMemberName(node)
      if (stands && declarationOf(node) === declared) found.push(node)
    } else if (node.kind !== 'type' && node.kind !== 'type-reference') node.children.forEach(visit)
  }
  scopeOf(declared).children.forEach(visit)
  return found
}

/** The `b` of `a.b`, `{ b: 1 }`, `{ b: c } = a`: a member's name, which stands for no variable. */
function isMemberName(node: SyntaxNode): boolean {
  if (node.role === 'property') return true
  if (node.role !== 'name') return false
  const { kind, text } = node.parent!
  return kind === 'member' || (kind === 'property' && text !== 'shorthand') || kind === 'field'
}

/** What a declared name can be seen in. */
function scopeOf(declared: SyntaxNode): SyntaxNode {
  let scope = declared
  while (scope.parent) {
    scope = scope.parent
    if (SCOPES.has(scope.kind) && namesOf(scope).get(declared.text) === declared) break
  }
  return scope
}

const ASSIGNMENT = /^(?:[-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?)?=$/

export function isAssignment(node: SyntaxNode): boolean {
  return node.kind === 'binary' && ASSIGNMENT.test(node.text)
}

const assigned = new WeakMap<SyntaxNode, boolean>()

/** It is given another value after its declaration, so what it holds is not known from there. */
export function isReassigned(declared: SyntaxNode): boolean {
  let known = assigned.get(declared)
  if (known === undefined) {
    const list = declared.parent?.parent
    known = !(list?.kind === 'variables' && list.text === 'const') && referencesOf(declared).some(isWritten)
    assigned.set(declared, known)
  }
  return known
}

/** The identifier itself is written, not a member of what it holds. */
export function isWritten(reference: SyntaxNode): boolean {
  let node = reference
  // `[a, b] = …`, `({ a, x: b } = …)`, `for (a of …)`
  while (node.parent && DESTRUCTURED.has(node.parent.kind)) node = node.parent
  const { parent } = node
  if (!parent) return false
  if (isAssignment(parent)) return node.role === 'left'
  if (parent.kind === 'prefix' || parent.kind === 'postfix') return /^(?:\+\+|--)$/.test(parent.text)
  return parent.kind === 'loop' && node.role === 'initializer'
}

const DESTRUCTURED: ReadonlySet<SyntaxNode['kind']> = new Set(['array', 'object', 'property', 'spread', 'cast'])
