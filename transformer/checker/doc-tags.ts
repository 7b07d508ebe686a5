/**
 * Doc tags of a declaration, read from the text before it. TypeScript attaches no doc comment to a member whose comment
 * stands on the line of the `{` or of the member before, so a one-line interface would lose its policies without a word.
 * In go a text and the gap before the declaration's first token; out come tags with their places. Only text is needed, so
 * every view can read tags in the same way. A comment that ends a line after another member belongs to neither.
 */

export interface TagInText {
  readonly name: string
  /** What follows the name, further lines included, without their asterisks. */
  readonly text: string
  /** From the `@` to the end of the tag's own line. */
  readonly start: number
  readonly end: number
}

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g
/** Code and links in prose may name a tag without being one. */
const QUOTED = /```[\s\S]*?(?:```|$)|`[^`\n]*`|\{@[^}]*\}/g
const TAG = /(?<=^|[\s*])@([\p{ID_Start}_$][\p{ID_Continue}$-]*)/gu

/** `from`: the end of the token before the declaration; `to`: the start of the declaration's first token. */
export function readDocTags(text: string, from: number, to: number): TagInText[] {
  const gap = text.slice(from, to)
  const first = from === 0 || text[from - 1] === '{'
  return [...gap.matchAll(COMMENT)].flatMap((match) => {
    const [comment] = match
    if (!comment.startsWith('/**') || comment.length < '/** */'.length - 1) return []
    const before = gap.slice(0, match.index)
    const after = gap.slice(match.index + comment.length)
    if (!first && !before.includes('\n') && after.includes('\n')) return []
    return tagsOf(text, from + match.index + '/**'.length, from + match.index + comment.length - '*/'.length)
  })
}

function tagsOf(text: string, from: number, to: number): TagInText[] {
  const body = text.slice(from, to)
  const bare = body.replace(QUOTED, (quoted) => quoted.replace(/[^\n]/g, ' '))
  const found = [...bare.matchAll(TAG)]
  return found.map((match, at) => {
    const next = found[at + 1]?.index ?? body.length
    const [line = ''] = body.slice(match.index, next).split('\n')
    const lines = body
      .slice(match.index + match[0].length, next)
      .split('\n')
      .map((each, number) => (number === 0 ? each : each.replace(/^\s*\**\s?/, '')).trimEnd())
    const start = from + match.index
    return { name: match[1]!, text: lines.join('\n').trim(), start, end: start + line.replace(/[\s*/]+$/, '').length }
  })
}
