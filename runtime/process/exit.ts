/** How an application's process ends: with its output written, an exit code, and errors as people read them. */
import { inspect } from 'node:util'
import { WeaveError } from '../errors.ts'

/** Time that code after `await run(…)` and forgotten handles have before the process is ended all the same. */
const GRACE_MS = 1_000

/** For an application that has ended well: the process ends by itself, or soon. */
export function exitSoon(): void {
  process.exitCode ??= 0
  setTimeout(() => exitNow(Number(process.exitCode)), GRACE_MS).unref()
}

/** Ends the process when what was printed has been written; a pipe that nobody reads doesn't keep it. */
export function exitNow(code: number): Promise<never> {
  process.exitCode = code
  const end = () => process.exit(code)
  setTimeout(end, GRACE_MS)
  process.stdout.write('', () => process.stderr.write('', end))
  return new Promise(() => {})
}

/** An error that ends the application, on stderr. Of our own errors the sentence is enough; their causes are the user's. */
export function printError(error: unknown): void {
  process.stderr.write(`${errorText(error)}\n`)
}

export function errorText(error: unknown): string {
  if (!(error instanceof WeaveError) || (error.code !== 'WV_CONFIG' && error.code !== 'WV_START')) return inspect(error)
  const cause = error.code === 'WV_START' && error.cause !== undefined ? `\n${inspect(error.cause)}` : ''
  return `${error.code} ${error.message}${cause}`
}
