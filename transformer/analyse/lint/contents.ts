/**
 * What a collection holds, as far as the file says it beyond doubt: in goes an expression that is looked into by identity, out come
 * the origins of everything that can be in it, or undefined where something else may be. A local set, map or array is known by what it
 * is made of and what is put into it, as long as nobody else gets it.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import { bare, calledMember, receiverOf } from './nodes.ts'
import type { Origin, Origins } from './origin.ts'
import { declarationOf, isReassigned, referencesOf } from './scope.ts'

const DEPTH_MAX = 8

/** They give a new list of the very objects. */
const SAME_ELEMENTS: ReadonlySet<string> = new Set('filter slice sort reverse toSorted toReversed values'.split(' '))
const PUTTING: ReadonlySet<string> = new Set(['add', 'set', 'push', 'unshift'])
const LOOKING: ReadonlySet<string> = new Set(
  'at delete entries every find findIndex forEach get has includes indexOf join keys lastIndexOf map pop shift some values clear'.split(
    ' ',
  ),
)

export function contentsOf(origins: Origins, expression: SyntaxNode, depth = 0): Origin[] | undefined {
  if (depth > DEPTH_MAX) return undefined
  const node = bare(expression)
  const own = node.kind === 'identifier' ? ofLocal(origins, node, depth) : undefined
  if (own && own.length > 0) return own
  const origin = origins.of(node)
  if (origin) return [origin]
  const into = (each: SyntaxNode | undefined): Origin[] | undefined =>
    each ? contentsOf(origins, each, depth + 1) : []
  switch (node.kind) {
    case 'call': {
      const name = calledMember(node) ?? ''
      const receiver = receiverOf(node)
      if (name === 'from' && receiver?.text === 'Array') {
        return node.all('argument').length === 1 ? into(node.child('argument')) : undefined
      }
      return receiver && SAME_ELEMENTS.has(name) ? into(receiver) : undefined
    }
    case 'new': {
      const argument = node.child('argument')
      // The keys of a map are in pairs.
      if (argument && /Map$/.test(bare(node.child('callee')!).text)) return undefined
      return into(argument)
    }
    case 'array':
      return all(
        node.all('element').map((each) => {
          if (each.kind === 'spread') return into(each.child('operand'))
          const element = origins.of(each)
          return element && [element]
        }),
      )
    default:
      return undefined
  }
}

function all(parts: readonly (Origin[] | undefined)[]): Origin[] | undefined {
  const known = parts.filter((each) => each !== undefined)
  return known.length === parts.length ? known.flat() : undefined
}

/** A variable that holds a collection which was made where it is declared. */
function ofLocal(origins: Origins, identifier: SyntaxNode, depth: number): Origin[] | undefined {
  const name = declarationOf(identifier)
  const variable = name?.parent
  const value = variable?.kind === 'variable' && variable.child('name') === name ? variable.child('value') : undefined
  if (!name || !value || !['new', 'array', 'call'].includes(bare(value).kind) || isReassigned(name)) return undefined
  const made = contentsOf(origins, value, depth + 1)
  return made && all([made, ...referencesOf(name).map((each) => putBy(origins, each))])
}

/** What a use of the collection puts into it: mostly nothing. */
function putBy(origins: Origins, reference: SyntaxNode): Origin[] | undefined {
  const { parent, role } = reference
  if (role === 'iterated' || role === 'condition' || parent?.kind === 'return' || parent?.kind === 'spread') return []
  if (role !== 'object' || parent?.kind !== 'member') return undefined
  const name = parent.child('name')!.text
  if (/^(?:length|size)$/.test(name)) return []
  const call = parent.role === 'callee' ? parent.parent! : undefined
  if (!call || !(PUTTING.has(name) || LOOKING.has(name) || SAME_ELEMENTS.has(name))) return undefined
  if (!PUTTING.has(name)) return []
  const put = name === 'set' ? call.all('argument').slice(0, 1) : call.all('argument')
  return all(
    put.map((each) => {
      const origin = origins.of(each)
      return origin && [origin]
    }),
  )
}
