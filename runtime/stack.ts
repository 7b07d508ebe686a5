/**
 * Stacks that show both sides of a call: the frames of the process that threw, a line for the hop, then the frames of the
 * caller. Also the reading of a stack for the file that a call came from.
 */
import { fileURLToPath } from 'node:url'
import { OwnFailure, RemoteFailure } from './transport/failure.ts'

/** The error to throw for a failed call. `below`: frames up to this function are ours. Must run where V8 knows who awaits. */
export function withLocalStack(thrown: unknown, below: (...args: never[]) => unknown): unknown {
  if (thrown instanceof OwnFailure) return thrown.error
  const remote = thrown instanceof RemoteFailure ? thrown : undefined
  const error = remote ? remote.error : thrown
  if (!(error instanceof Error)) return error
  const here: { stack?: string } = {}
  Error.captureStackTrace(here, below)
  const local = framesOf(here.stack ?? '')
  // An error made here, by a timer or a closing socket, has a stack that nobody can use: it is replaced.
  const head = remote ? `${error.stack ?? String(error)}\n    at ${remote.hop}` : headOf(error)
  Object.defineProperty(error, 'stack', { value: `${head}${local}`, configurable: true, writable: true })
  return error
}

/**
 * What to resolve a caller's promise with when its call has failed: it rejects with the error, with the local half of the stack. V8 knows
 * who awaits only from inside an async function that they wait for, and this is one that is made for calls that fail alone.
 */
export async function rejection(thrown: unknown): Promise<never> {
  // Resolving a promise with another takes one tick to link them.
  await undefined
  await undefined
  throw withLocalStack(thrown, rejection)
}

function framesOf(stack: string): string {
  const start = stack.indexOf('\n    at ')
  return start < 0 ? '' : stack.slice(start)
}

function headOf(error: Error): string {
  return error.message === '' ? error.name : `${error.name}: ${error.message}`
}

/** The file of the frame that called `callee`: a path, as near as the stack knows it. */
export function callerFile(callee: (...args: never[]) => unknown): string | undefined {
  const here: { stack?: string } = {}
  Error.captureStackTrace(here, callee)
  const frame = (here.stack ?? '').split('\n').find((line) => line.startsWith('    at '))
  if (frame === undefined) return undefined
  const place = frame
    .slice('    at '.length)
    .replace(/^(async )?(.* \()?/, '')
    .replace(/\)$/, '')
  const file = place.replace(/:\d+:\d+$/, '')
  return file.startsWith('file:') ? fileURLToPath(file.replace(/\?.*$/, '')) : file
}
