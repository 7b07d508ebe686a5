/** The neutral syntax tree over TypeScript 7's; one a source file, kept as long as that is. Trees come whole, so nothing is asked. */
import { type RawNode, readSyntax, type SyntaxNode } from './syntax.ts'
import type { Ast, Node, Ts7 } from './view7-api.ts'

const trees = new WeakMap<Ast.SourceFile, SyntaxNode>()

export function syntax7(ts7: Ts7, source: Ast.SourceFile): SyntaxNode {
  const known = trees.get(source)
  if (known) return known
  // The casts are the view's own: the tree reads members by name, which TypeScript's types of nodes don't allow.
  const node = (raw: RawNode): Node => raw as unknown as Node
  const tree = readSyntax(
    {
      file: source.fileName,
      text: source.text,
      kinds: ts7.ast.SyntaxKind as unknown as Readonly<Record<string, number | string>>,
      forEachChild: (raw, visit) => void node(raw).forEachChild((child) => void visit(child as unknown as RawNode)),
      start: (raw) => node(raw).getStart(source),
    },
    source as unknown as RawNode,
  )
  trees.set(source, tree)
  return tree
}
