/**
 * Small edits of JSON files that people keep by hand (package.json, tsconfig.json): in goes the text, with comments and
 * trailing commas if it has them; out comes the same text with one property or element inserted. Everything else stays as
 * it was, to the byte. What already is there is never changed.
 */
import type { Ast, Ts } from '../../transformer/checker/view6-types.ts'

export interface JsonInsert {
  /** Objects on the way to where it goes; those that are missing are made. */
  path: readonly string[]
  /** Name of the new property; undefined adds an element to the array at `path`. */
  key?: string
  value: unknown
}

/** Undefined when the text can't be understood as JSON, or what is on the way is not an object (array). */
export function insertJson(ts: Ts, text: string, insert: JsonInsert): string | undefined {
  const source = ts.parseJsonText('file.json', text) as Ast.JsonSourceFile & { parseDiagnostics?: readonly unknown[] }
  if ((source.parseDiagnostics?.length ?? 0) > 0) return undefined
  let node: Ast.Expression | undefined = source.statements[0]?.expression
  let depth = 0
  for (const name of insert.path) {
    if (node === undefined || !ts.isObjectLiteralExpression(node)) return undefined
    const found = propertyOf(ts, node, name)
    if (found === undefined) return place(text, source, node, property(name, wrap(insert, depth + 1)))
    node = found
    depth++
  }
  if (node === undefined) return undefined
  if (insert.key === undefined) {
    return ts.isArrayLiteralExpression(node) ? place(text, source, node, JSON.stringify(insert.value)) : undefined
  }
  if (!ts.isObjectLiteralExpression(node)) return undefined
  if (propertyOf(ts, node, insert.key) !== undefined) return text
  return place(text, source, node, property(insert.key, insert.value))
}

function propertyOf(ts: Ts, object: Ast.ObjectLiteralExpression, name: string): Ast.Expression | undefined {
  for (const each of object.properties) {
    if (ts.isPropertyAssignment(each) && ts.isStringLiteral(each.name) && each.name.text === name)
      return each.initializer
  }
  return undefined
}

/** The value for the first missing object of the path, with all that is to be in it. */
function wrap({ path, key, value }: JsonInsert, from: number): unknown {
  const inner = key === undefined ? [value] : { [key]: value }
  return path.slice(from).reduceRight<unknown>((inside, name) => ({ [name]: inside }), inner)
}

function property(key: string, value: unknown): string {
  return `${JSON.stringify(key)}: ${spaced(value)}`
}

/** One line, with the spaces that people put: `{ "a": 1 }`. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${spaced(inner)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

function place(
  text: string,
  source: Ast.SourceFile,
  into: Ast.ObjectLiteralExpression | Ast.ArrayLiteralExpression,
  added: string,
): string {
  const items: readonly Ast.Node[] = 'properties' in into ? into.properties : into.elements
  const list = 'properties' in into ? into.properties : into.elements
  const last = items.at(-1)
  if (last === undefined) {
    const inside = 'properties' in into ? ` ${added} ` : added
    return text.slice(0, into.getStart(source) + 1) + inside + text.slice(into.end - 1)
  }
  const before = text.slice(0, last.getStart(source))
  const line = before.slice(before.lastIndexOf('\n') + 1)
  // On a line of its own, the new one gets a line too, with the same indentation and the file's own line ends.
  const own = line.trim() === '' && before.includes('\n')
  const separator = own ? `${before.endsWith(`\r\n${line}`) ? '\r\n' : '\n'}${line}` : ' '
  const comma = list.hasTrailingComma ? ',' : ''
  return `${text.slice(0, last.end)},${separator}${added}${comma}${text.slice(comma === '' ? last.end : last.end + 1)}`
}
