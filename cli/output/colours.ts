/** What one stream shows: colours as other programs do it, but for each stream by itself, and CI isn't a terminal; and how much fits in a line. */
import pc from 'picocolors'

/** What is needed of a terminal or a pipe. */
export interface OutputStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(data: string | Uint8Array): boolean
  once(event: 'drain' | 'close', listener: () => void): unknown
  off(event: 'drain' | 'close', listener: () => void): unknown
}

/** Off a terminal; a line that people can read without moving their heads. */
const COLUMNS_DEFAULT = 100

/** A terminal that nobody has given a size (`docker run -t`, expect, `script`) says 0: it is taken for none. */
export function columnsOf({ columns }: Pick<OutputStream, 'columns'>, otherwise = COLUMNS_DEFAULT): number {
  return columns || otherwise
}

export type Colours = ReturnType<typeof pc.createColors>

export function coloursOf(stream: OutputStream): Colours {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return pc.createColors(!NO_COLOR && (forced || (stream.isTTY === true && TERM !== 'dumb')))
}
