/**
 * How a command fails: what a user sees on stderr and the exit code. Every failure ends with what to do next. A stack is
 * shown only for what we didn't expect, since that is a bug of ours or of the user's config file.
 */
import pc from 'picocolors'
import { type ErrorCode, WeaveError } from '../runtime/errors.ts'

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const

export const EXIT_CODES_HELP = `Exit codes:
  0  the command, or your main, succeeded
  1  it failed: errors in the sources, a build or a process that failed
  2  the command line was wrong`

/** A failure that we foresaw: one sentence, and the next step. */
export class Failure extends Error {
  readonly next: string
  readonly exitCode: number
  /** Of a deployer's refusal. */
  readonly code: string | undefined

  constructor(
    message: string,
    options: { next: string; exitCode?: number; code?: string | undefined; cause?: unknown },
  ) {
    super(message, { cause: options.cause })
    this.code = options.code
    this.next = options.next
    this.exitCode = options.exitCode ?? EXIT.failed
  }
}

type Advice = Partial<Record<ErrorCode, string>>

const NEXT: Advice = {
  WV_CONFIG: 'Correct weave.config.ts, then run "weave check".',
  WV_UNTRANSFORMED: 'Build with "weave build", or add the plugin of your bundler (README, "In the build you have").',
  WV_NODE_VERSION: 'Install Node.js 24: https://nodejs.org/en/download',
  WV_DEPLOY: 'Do what it says, then run "weave deploy" again; "weave status" shows what runs.',
  WV_START: 'The error above names the component; correct it and start again.',
  WV_VERSION: 'Build again with "weave build", so that all processes run one version.',
}

/** For `weave dev`, which tries again by itself. */
export const WHEN_SAVED: Advice = {
  WV_CONFIG: 'Correct it and save.',
}

/** Prints `error` and gives the exit code; `advice` goes before what is said elsewhere. */
export function report(error: unknown, advice: Advice = {}): number {
  if (error instanceof Failure) {
    complain(error.message, error.next)
    return error.exitCode
  }
  if (error instanceof WeaveError) {
    complain(
      error.message,
      advice[error.code] ??
        NEXT[error.code] ??
        'Run "weave check"; when it finds nothing, the text above names what to look at.',
    )
    return EXIT.failed
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  complain(text, 'This is a bug in weave, or in a file that it loaded; please report it with the text above.')
  return EXIT.failed
}

function complain(message: string, next: string): void {
  process.stderr.write(`${pc.red('error')} ${message}\n${pc.dim('  next ')} ${next}\n`)
}
