/**
 * What a class visibly keeps between its calls. In: the class's syntax. Out: the field that its methods change, or undefined. Syntax alone, and only what it
 * says beyond doubt: a field that is given another value (`this.#count++`), or a Map, Set, array or object that the class itself has made and then
 * changes (`this.#carts.set(…)`, `this.#carts.get(id)!.push(…)`). What it holds of others, as a client of a database, keeps its state elsewhere; what a base
 * class, a module or another class of the project keeps isn't seen.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { CheckerView } from '../../checker/view.ts'
import { classNode } from '../lint/facts.ts'
import { bare, calledMember, receiverOf, walk } from '../lint/nodes.ts'
import { mutationOf, writtenBy } from '../lint/regions.ts'
import type { FoundClass } from './find.ts'

/** Before the first call and after the last one: what is written there is made again where the component starts anew. */
const LIFECYCLE: ReadonlySet<string> = new Set(['start', 'stop'])

const COLLECTIONS: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Array'])

/** What gives a part of a collection, and no copy of it. */
const PARTS: ReadonlySet<string> = new Set(['get', 'at', 'find'])

export function keptField(view: CheckerView, found: FoundClass): string | undefined {
  if (!/\bthis\s*\./.test(found.file.text)) return undefined
  const members = classNode(view.syntax(found.file), found)?.all('member') ?? []
  const made = madeHere(members)
  let kept: string | undefined
  for (const member of members) {
    if (isLifecycle(member)) continue
    walk(member, (node) => {
      kept ??= changedField(node, made)
      return kept === undefined && (node === member || node.kind !== 'class')
    })
  }
  return kept
}

function isLifecycle(member: SyntaxNode): boolean {
  if (member.kind !== 'function') return false
  return member.text === 'constructor' || member.text === 'static' || LIFECYCLE.has(member.child('name')?.text ?? '')
}

/** Fields that hold a collection which nobody else has: by their initialisers, and by what the constructor gives them. */
function madeHere(members: readonly SyntaxNode[]): Set<string> {
  const made = new Set<string>()
  const add = (field: string | undefined, value: SyntaxNode | undefined) => {
    if (field !== undefined && value && isCollection(bare(value))) made.add(field)
  }
  for (const member of members) {
    if (member.kind === 'field') add(member.child('name')?.text, member.child('value'))
    if (member.kind !== 'function' || member.text !== 'constructor') continue
    walk(member, (node) => {
      if (node.kind === 'binary' && node.text === '=') add(fieldOf(node.child('left')), node.child('right'))
    })
  }
  return made
}

function isCollection(value: SyntaxNode): boolean {
  if (value.kind === 'array' || value.kind === 'object') return true
  return value.kind === 'new' && COLLECTIONS.has(value.child('callee')?.text ?? '')
}

function changedField(node: SyntaxNode, made: ReadonlySet<string>): string | undefined {
  const written = writtenBy(node)
  const field = written && fieldOf(written)
  if (field !== undefined) return field
  const mutation = mutationOf(node)
  const root = mutation && rootOf(mutation.target)
  return root !== undefined && made.has(root) ? root : undefined
}

/** `this.name` → `name`. */
function fieldOf(node: SyntaxNode | undefined): string | undefined {
  const inner = node && bare(node)
  if (inner?.kind !== 'member' || inner.child('object')?.kind !== 'this') return undefined
  return inner.child('name')?.text
}

/** The field that `this.name.part[0].get(…)` is a part of. */
function rootOf(node: SyntaxNode): string | undefined {
  const inner = bare(node)
  const field = fieldOf(inner)
  if (field !== undefined) return field
  const isPart = inner.kind === 'member' || inner.kind === 'element'
  const whole = isPart ? inner.child('object') : PARTS.has(calledMember(inner) ?? '') ? receiverOf(inner) : undefined
  return whole && rootOf(whole)
}
