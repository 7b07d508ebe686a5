/** A line that a process printed, as people read it: those of the runtime's log are JSON. The process's name stands before it already. */
import { stripVTControlCharacters } from 'node:util'
import { type LogLine, prettyLine } from '../../runtime/logger.ts'
import type { Colours } from './colours.ts'

export function readable(line: string, colours: Colours): string {
  if (!line.startsWith('{"time":"') || !line.endsWith('}')) return line
  try {
    const { process: _, ...log } = JSON.parse(line) as LogLine
    if (typeof log.message !== 'string' || typeof log.component !== 'string' || typeof log.level !== 'string')
      return line
    const text = prettyLine(log)
    return colours.isColorSupported ? text : stripVTControlCharacters(text)
  } catch {
    return line
  }
}
