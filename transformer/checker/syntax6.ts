/** The neutral syntax tree over TypeScript 6's; one a source file, kept as long as that is, since a warm program hands it in again. */
import { type RawNode, readSyntax, type SyntaxNode } from './syntax.ts'
import type { Ast, Ts } from './view6-types.ts'

const trees = new WeakMap<Ast.SourceFile, SyntaxNode>()

export function syntax6(ts: Ts, source: Ast.SourceFile): SyntaxNode {
  const known = trees.get(source)
  if (known) return known
  // The casts are the view's own: the tree reads members by name, which TypeScript's types of nodes don't allow.
  const node = (raw: RawNode): Ast.Node => raw as unknown as Ast.Node
  const tree = readSyntax(
    {
      file: source.fileName,
      text: source.text,
      kinds: ts.SyntaxKind as unknown as Readonly<Record<string, number | string>>,
      forEachChild: (raw, visit) => ts.forEachChild(node(raw), (child) => void visit(child as unknown as RawNode)),
      start: (raw) => node(raw).getStart(source),
    },
    source as unknown as RawNode,
  )
  trees.set(source, tree)
  return tree
}
