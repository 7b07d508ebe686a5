/** What is said when a process has ended, and whether that ends the application. In: its supervisor's state. Out: events, errors, an exit code. */
import { WeaveError } from '../runtime/errors.ts'
import { shortName } from '../runtime/names.ts'
import type { DeployEvent } from './events.ts'
import { telling } from './last-lines.ts'
import type { Crash, ProcessState } from './supervisor.ts'

/** Of what a process has printed, where its crash is the answer to a command. */
const SAID_LINES = 4

export function exitEvent(
  process: string,
  { pid, exit, reason, lastLines }: Crash,
  then: { expected: boolean; restartInMs: number | null },
): DeployEvent {
  const { code, signal } = exit
  return { type: 'process-exited', process, pid: pid ?? null, code, signal, reason, lastLines, ...then }
}

/** Of a process that was asked to stop. Where nobody knows its exit code, it is enough that it stopped in time. */
export function endedWell({ exit, killed }: Crash): boolean {
  return exit.unknown ? !killed : exit.code === 0
}

/** Why the application never became ready. What the process printed has been handed on as it came; the reason is the first line of it. */
export function cannotStart(process: string, components: readonly string[], { crashes, reason }: Crash): WeaveError {
  const names = components.map(shortName).join(', ')
  const text = `Process "${process}" (${names}) crashed ${crashes} times in a row before the application was ready; the last time it ${reason}`
  return new WeaveError(/[.!?]$/.test(text) ? text : `${text}.`, { code: 'WV_DEPLOY' })
}

/** What who waits for the process is told; it goes on being started. */
export function crashLoops(process: string, { crashes, reason, lastLines }: Crash): WeaveError {
  const text = `Process "${process}" has crashed ${crashes} times in a row; the last time it ${reason}`
  const said = telling(lastLines, SAID_LINES).map((line) => `\n  ${line}`)
  return new WeaveError(`${/[.!?]$/.test(text) ? text : `${text}.`}${said.join('')}`, { code: 'WV_DEPLOY' })
}

/** There is nothing to take over any more. */
export function endedMeanwhile(process: string, exitCode: number): WeaveError {
  const text = `The application has ended: in "${process}" main returned while there was no deployer, with exit code ${exitCode}.`
  return new WeaveError(text, { code: 'WV_DEPLOY' })
}

/**
 * The code with which a process that ran `main` has ended the application: `process.exit` in the root is a way to end it, in one process as
 * in many; any other exit is a crash. `noted`: what it left in its exit note.
 */
export function exitsApplication(state: ProcessState, noted: number | undefined): number | undefined {
  if (state.kind !== 'exited' || state.expected) return undefined
  const { code } = state.exit
  return code !== null && (code === 0 || code === noted) ? code : undefined
}
