/**
 * Applies a file's rewrites and appended text to its syntax tree, for hosts that let TypeScript print it (ts-patch). In goes
 * a source file of a program and what the plan says of it; out comes an updated source file. Text hosts don't need this.
 *
 * The appended text is parsed by itself and its nodes lose their positions: a node that keeps them is printed from the
 * *other* file's text. They must also be synthesised clones, since TypeScript asks its checker about nodes that it parsed.
 */
import type * as TS from 'typescript'
import type { Rewrite } from '../model.ts'

export interface TreeEdit {
  ts: typeof TS
  context: TS.TransformationContext
  rewrites: readonly Rewrite[]
  appended: string
}

export function editTree(source: TS.SourceFile, edit: TreeEdit): TS.SourceFile {
  const rewritten = edit.rewrites.length > 0 ? rewrite(source, edit) : source
  if (edit.appended === '') return rewritten
  const added = parse(edit.appended, edit)
  const imports = added.filter(edit.ts.isImportDeclaration)
  const others = added.filter((statement) => !edit.ts.isImportDeclaration(statement))
  // ES imports hoist by themselves; what they become in CommonJS output (`const x = require(…)`) doesn't, so they go first.
  const first = rewritten.statements.findIndex((statement) => !isPrologue(statement, edit.ts))
  const head = first === -1 ? rewritten.statements.length : first
  const statements = [
    ...rewritten.statements.slice(0, head),
    ...imports,
    ...rewritten.statements.slice(head),
    ...others,
  ]
  const { factory } = edit.context
  return factory.updateSourceFile(
    rewritten,
    edit.ts.setTextRange(factory.createNodeArray(statements), rewritten.statements),
  )
}

function rewrite(source: TS.SourceFile, edit: TreeEdit): TS.SourceFile {
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

function isPrologue(statement: TS.Statement, ts: typeof TS): boolean {
  return ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression)
}
