/**
 * The keys of an index signature as patterns: `` [id: `user-${string}`] `` → `^user-[^]*$`, for the encoder, which must leave out what isn't
 * declared. Undefined where every string is a key.
 */
import { NUMERIC_KEY } from '../../../runtime/shape.ts'
import type { CheckerView, Index, Template, TypeHandle } from '../../checker/view.ts'
import { byCodeUnits } from './canonical.ts'

export function keyPatterns(view: CheckerView, indexes: readonly Index[]): string[] | undefined {
  const patterns = new Set<string>()
  for (const { key, template } of indexes) {
    if (key === 'number') patterns.add(NUMERIC_KEY)
    else if (key === 'template' && template) patterns.add(`^${templatePattern(view, template)}$`)
    else return undefined
  }
  return [...patterns].sort(byCodeUnits)
}

function templatePattern(view: CheckerView, { texts, types }: Template): string {
  return texts.map((text, at) => escaped(text) + (at < types.length ? holePattern(view, types[at]!) : '')).join('')
}

function holePattern(view: CheckerView, type: TypeHandle): string {
  const description = view.describe(type)
  switch (description.kind) {
    case 'number':
      return `(?:${NUMERIC_KEY.slice(1, -1)})`
    case 'bigint':
      return '-?\\d+'
    case 'boolean':
      return '(?:true|false)'
    case 'null':
    case 'undefined':
      return description.kind
    case 'literal':
      return escaped(String(description.literal.value))
    case 'union':
      return `(?:${description.parts
        .map((part) => holePattern(view, part))
        .sort(byCodeUnits)
        .join('|')})`
    default:
      return '[^]*'
  }
}

const escaped = (text: string): string =>
  text
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replace(/[\n\r\u2028\u2029]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
