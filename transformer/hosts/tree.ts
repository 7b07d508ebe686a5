/**
 * Applies a file's rewrites to its syntax tree, for hosts that let TypeScript print it (`tspc`, `weave tsc` on TypeScript 6). In goes a
 * source file of a program and the rewrites; out comes an updated source file. Generated code is no part of the tree: it is
 * JavaScript already, and parsing, transforming and printing it would cost more than all else together (emitted.ts).
 *
 * The text of a rewrite is parsed by itself and its nodes lose their positions: a node that keeps them is printed from the
 * *other* file's text. They must also be synthesised clones, since TypeScript asks its checker about nodes that it parsed.
 */
import type * as TS from 'typescript'
import type { Rewrite } from '../model.ts'

export interface TreeEdit {
  ts: typeof TS
  context: TS.TransformationContext
  rewrites: readonly Rewrite[]
}

export function editTree(source: TS.SourceFile, edit: TreeEdit): TS.SourceFile {
  const { ts, context } = edit
  const at = new Map(edit.rewrites.map((each) => [`${each.start}:${each.end}`, each]))
  const left = new Set(edit.rewrites)
  const visit = (node: TS.Node): TS.Node | undefined => {
    const found = at.get(`${node.getStart(source)}:${node.end}`)
    if (found === undefined || !left.has(found) || !fits(found, node, ts))
      return ts.visitEachChild(node, visit, context)
    left.delete(found)
    if (found.kind === 'type-import') return undefined
    if (found.kind === 'replace') return parseExpression(found.text, edit)
    const call = ts.visitEachChild(node, visit, context) as TS.CallExpression
    return withArgument(call, found.position, found.text, edit)
  }
  const result = ts.visitEachChild(source, visit, context)
  const missed = [...left][0]
  if (missed !== undefined) {
    throw new Error(
      `weavets: ${missed.file} changed while it was compiled: nothing to rewrite at ${missed.start}. Build again.`,
    )
  }
  return result
}

function fits(found: Rewrite, node: TS.Node, ts: typeof TS): boolean {
  if (found.kind === 'type-import') return ts.isImportDeclaration(node)
  if (found.kind === 'argument') return ts.isCallExpression(node)
  return ts.isExpression(node)
}

function withArgument(call: TS.CallExpression, position: number, text: string, edit: TreeEdit): TS.CallExpression {
  const { factory } = edit.context
  const list: TS.Expression[] = [...call.arguments]
  while (list.length < position) list.push(factory.createIdentifier('undefined'))
  list.push(parseExpression(text, edit))
  return factory.updateCallExpression(call, call.expression, call.typeArguments, list)
}

function parseExpression(text: string, edit: TreeEdit): TS.Expression {
  const [statement] = parse(`(${text})`, edit)
  if (statement === undefined || !edit.ts.isExpressionStatement(statement))
    throw new Error(`not an expression: ${text}`)
  const { expression } = statement
  return edit.ts.isParenthesizedExpression(expression) ? expression.expression : expression
}

function parse(text: string, { ts, context }: TreeEdit): TS.Statement[] {
  const clone = cloneOf(ts)
  const strip = (node: TS.Node): TS.Node => {
    const visited = ts.visitEachChild(node, strip, context)
    const own = visited === node ? clone(node) : visited
    ts.setOriginalNode(own, undefined)
    return ts.setTextRange(own, { pos: -1, end: -1 })
  }
  const source = ts.createSourceFile('weave.ts', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS)
  return source.statements.map((statement) => strip(statement) as TS.Statement)
}

/** `factory.cloneNode` is internal to TypeScript, but the only way to make a leaf that it doesn't take for a parsed one. */
function cloneOf(ts: typeof TS): (node: TS.Node) => TS.Node {
  const factory = ts.factory as unknown as { cloneNode?: (node: TS.Node) => TS.Node }
  if (factory.cloneNode === undefined) {
    throw new Error(
      `weavets/transform works with TypeScript 6, and this is ${ts.version}. Install typescript@6, or build with "weave build".`,
    )
  }
  return factory.cloneNode
}
