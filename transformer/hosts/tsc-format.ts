/**
 * Errors as tsc prints them, for a compiler that hands them over as plain values (TypeScript 7): one line each, `src/a.ts(3,5): error
 * TS2322: …`, or with colours and the line of code. Type errors and boundary errors look alike: `error WV2004: …`.
 */
import { join, relative } from 'node:path'
import type { TypeError as TypeScriptError } from '../checker/project.ts'
import { lineAndColumn } from '../diagnostics/create.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'

export interface PrintedError {
  readonly code: string
  /** Further lines are what explains the first. */
  readonly message: string
  /** Absolute; undefined for an error of no file. */
  readonly file: string | undefined
  readonly start: number
  readonly end: number
}

export function ofTypeScript({ code, message, place }: TypeScriptError): PrintedError {
  return { code, message, file: place?.file, start: place?.start ?? 0, end: place?.end ?? 0 }
}

export function ofWeave(root: string, { code, message, why, fix, file, start, end }: Diagnostic): PrintedError {
  const more = [why, fix].filter((each) => each !== '').map((each) => `\n  ${each}`)
  return {
    code,
    message: `${message}${more.join('')}`,
    file: file === undefined ? undefined : join(root, file),
    start,
    end,
  }
}

export interface Printing {
  /** What files are named from. */
  readonly folder: string
  readonly pretty: boolean
  readFile(path: string): string | undefined
}

export function printErrors(errors: readonly PrintedError[], printing: Printing): string {
  return errors.map((error) => (printing.pretty ? prettyText(error, printing) : plainText(error, printing))).join('')
}

/** As tsc ends a pretty list; empty for no errors. */
export function summaryText(errors: readonly PrintedError[]): string {
  if (errors.length === 0) return ''
  const files = new Set(errors.flatMap(({ file }) => file ?? []))
  const one = errors.length === 1
  const where = files.size > 1 ? ` in ${files.size} files` : ''
  return `\nFound ${errors.length} error${one ? '' : 's'}${where}.\n\n`
}

function plainText({ code, message, file, start }: PrintedError, { folder, readFile }: Printing): string {
  if (file === undefined) return `error ${code}: ${message}\n`
  const { line, column } = lineAndColumn(readFile(file) ?? '', start)
  return `${relative(folder, file)}(${line},${column}): error ${code}: ${message}\n`
}

const colour = (number: number, text: string): string => `\u001b[${number}m${text}\u001b[0m`
const CYAN = 96
const YELLOW = 93
const RED = 91
const GREY = 90
const INVERSE = 7

function prettyText({ code, message, file, start, end }: PrintedError, { folder, readFile }: Printing): string {
  const head = `${colour(RED, 'error')}${colour(GREY, ` ${code}: `)}${message}\n`
  const text = file === undefined ? undefined : readFile(file)
  if (file === undefined || text === undefined) return `${head}\n`
  const { line, column } = lineAndColumn(text, start)
  const source = text.split('\n')[line - 1]?.trimEnd() ?? ''
  const number = String(line)
  const length = Math.max(1, Math.min(end - start, source.length - column + 1))
  const place = `${colour(CYAN, relative(folder, file))}:${colour(YELLOW, number)}:${colour(YELLOW, String(column))}`
  const indent = source.slice(0, column - 1).replace(/[^\t]/g, ' ')
  return `${place} - ${head}\n${colour(INVERSE, number)} ${source}\n${colour(INVERSE, ' '.repeat(number.length))} ${indent}${colour(RED, '~'.repeat(length))}\n\n`
}
