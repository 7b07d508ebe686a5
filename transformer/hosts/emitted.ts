/**
 * Generated code in a JavaScript file that tsc has printed. In goes the output's text and what was generated, which is JavaScript
 * already; out comes the whole text. No line of the output moves and none that a source map speaks of changes, so the map stays true:
 * generated code goes behind everything but the comment that names the map, and what CommonJS must load first onto the line of
 * `"use strict"`.
 */
import { INTERNAL_IMPORT } from '../codegen/apart.ts'

export interface Generated {
  readonly text: string
  readonly commonJs: boolean
  /** As tsc writes it. */
  readonly newLine: string
}

/** The last line of an output that has a source map. */
const MAP_COMMENT = /\/\/# sourceMappingURL=[^\r\n]*(?:\r?\n)?$/
/** A hashbang, and the directive that tsc begins CommonJS with. */
const HEAD = /^(?:#![^\n]*\n)?(?:["']use strict["'];?)?/

export function withGenerated(output: string, { text, commonJs, newLine }: Generated): string {
  const end = output.search(MAP_COMMENT)
  const before = end === -1 ? output : output.slice(0, end)
  const generated = commonJs ? text.replace(INTERNAL_IMPORT, '') : text
  const added = newLine === '\n' ? generated : generated.replaceAll('\n', newLine)
  const joint = before === '' || before.endsWith('\n') ? '' : newLine
  return `${commonJs ? withInternal(before) : before}${joint}${added}${output.slice(before.length)}`
}

/** An import hoists, and what stands for it in CommonJS doesn't: the file calls `run` before its end. */
function withInternal(output: string): string {
  const at = HEAD.exec(output)![0].length
  return `${output.slice(0, at)} const __weave = require("weavets/internal"); ${output.slice(at)}`
}
