/** Doc tags: a misspelt policy by its name, a time by one with a unit, a tag moved to another declaration's comment. */
import type { TextEdit } from './modifiers.ts'
import { indentAt, newlineOf } from './tokens.ts'

/** `start` is the tag's `@`. */
export function renameTag(text: string, start: number, name: string, by: string): TextEdit | undefined {
  return text.startsWith(`@${name}`, start) ? { start: start + 1, end: start + 1 + name.length, text: by } : undefined
}

/** The amount behind `@timeout`, with another unit in place of what is there. */
export function timeoutUnit(text: string, start: number, unit: 'ms' | 's' | 'm'): TextEdit | undefined {
  const match = /^@timeout[ \t]+\d+(?:\.\d+)?/.exec(text.slice(start))
  if (!match) return undefined
  const end = start + match[0].length
  const old = /^[ \t]?[a-zA-Z]*/.exec(text.slice(end))![0]
  return { start: end, end: end + (old.trim() === '' ? 0 : old.length), text: unit }
}

/** The amount behind a `@timeout` that has none or can't be read, up to the line's end: nothing to guess from, so nothing. */
export function hasAmount(text: string, start: number): boolean {
  return /^@timeout[ \t]+\d/.test(text.slice(start))
}

/** Takes the tag at [start, end) out of its comment, and the comment when nothing else is in it. */
export function removeTag(text: string, start: number, end: number): TextEdit | undefined {
  const open = text.lastIndexOf('/**', start)
  const close = text.indexOf('*/', start)
  if (open === -1 || close === -1) return undefined
  const rest = text.slice(open + 3, start) + text.slice(end, close)
  if (rest.replace(/[\s*]/g, '') === '') {
    const behind = /^[ \t]*\r?\n?/.exec(text.slice(close + 2))![0]
    const lineStart = open - indentAt(text, open).length
    const own = text.slice(lineStart, open).trim() === '' && behind.includes('\n')
    return { start: own ? lineStart : open, end: close + 2 + (own ? behind.length : 0), text: '' }
  }
  const line = text.lastIndexOf('\n', start)
  const before = text.slice(line + 1, start)
  const lineEnd = /^[ \t]*\r?\n/.exec(text.slice(end))?.[0]
  if (line > open && /^[ \t]*\*?[ \t]*$/.test(before) && lineEnd)
    return { start: line + 1, end: end + lineEnd.length, text: '' }
  return { start, end: end + /^[ \t]*/.exec(text.slice(end))![0].length, text: '' }
}

/** Puts a tag before the member whose first token is at `start`: into its doc comment, or as a comment of its own. */
export function addTag(text: string, start: number, tag: string): TextEdit {
  const before = text.slice(0, start)
  const comment = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*$/.exec(before)
  if (!comment) {
    const indent = indentAt(text, start)
    const own = before.slice(before.lastIndexOf('\n') + 1).trim() === ''
    return { start, end: start, text: own ? `/** ${tag} */${newlineOf(text)}${indent}` : `/** ${tag} */ ` }
  }
  const close = comment.index + comment[0].lastIndexOf('*/')
  const body = text.slice(comment.index, close)
  if (!body.includes('\n')) return { start: comment.index + body.trimEnd().length, end: close, text: ` ${tag} ` }
  const lead = indentAt(text, comment.index)
  const at = comment.index + body.trimEnd().length
  return { start: at, end: close, text: `${newlineOf(text)}${lead} * ${tag}${newlineOf(text)}${lead} ` }
}
