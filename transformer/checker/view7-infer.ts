/**
 * What follows from answers that are known already, and so isn't asked of TypeScript 7 any more: in goes a type whose symbol is known (and
 * the tree of its declaration), and `answers` has more of it afterwards. It says nothing that the checker wouldn't.
 */
import type { Ahead7Input } from './view7-ahead.ts'
import type { Ast, Type } from './view7-api.ts'

/** The type of a method has call signatures and nothing else. */
export function inferMethod({ ts7, answers }: Ahead7Input, type: Type): void {
  const { MethodSignature, MethodDeclaration } = ts7.ast.SyntaxKind
  const symbol = answers.symbol.get(type)
  if (!symbol || !(symbol.flags & ts7.sync.SymbolFlags.Method)) return
  if (!symbol.declarations.every(({ kind }) => kind === MethodSignature || kind === MethodDeclaration)) return
  answers.properties.assume(type, [])
  answers.indexes.assume(type, [])
  answers.constructSignatures.assume(type, [])
}

/**
 * An interface or type literal that is written with properties and methods only, and extends nothing, has no signatures: that is
 * most of all types, and three questions less for each.
 */
export function inferPlain({ ts7, answers, files }: Ahead7Input, type: Type): void {
  const { InterfaceDeclaration, TypeLiteral, PropertySignature, MethodSignature } = ts7.ast.SyntaxKind
  const symbol = answers.symbol.get(type)
  if (!symbol || symbol.declarations.length === 0) return
  if (type.isClassOrInterface()) answers.declaredType.assume(symbol, type)
  const plain = symbol.declarations.every((handle) => {
    if (handle.kind !== InterfaceDeclaration && handle.kind !== TypeLiteral) return false
    if (['lib', 'node'].includes(files.originOf(files.pathOf(handle.path)))) return false
    const node = files.resolve(handle) as Ast.InterfaceDeclaration
    if ((node.heritageClauses?.length ?? 0) > 0) return false
    return node.members.every(({ kind }) => kind === PropertySignature || kind === MethodSignature)
  })
  if (!plain) return
  if (type.isClassOrInterface()) answers.bases.assume(type, [])
  answers.indexes.assume(type, [])
  answers.callSignatures.assume(type, [])
  answers.constructSignatures.assume(type, [])
}

/** An instance of a generic without signatures has none either. */
export function inferInstance({ answers }: Ahead7Input, type: Type): void {
  const { target, callSignatures, constructSignatures } = answers
  for (const signatures of [callSignatures, constructSignatures]) {
    if (signatures.get(target.get(type)).length === 0) signatures.assume(type, [])
  }
}
