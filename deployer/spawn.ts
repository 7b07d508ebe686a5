/**
 * Starts an operating system process and gives the little that a supervisor needs of it. A process gets a session of its
 * own: Ctrl-C at the terminal reaches the deployer alone, which then drains in order, and a kill reaches what the process
 * has started itself.
 */
import { spawn as spawnChild } from 'node:child_process'
import { Readable } from 'node:stream'
import type { Clock, Timer } from '../runtime/clock.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import { Passage } from './passing.ts'
import { runsStill } from './state/pid.ts'

export interface SpawnOptions {
  command: string
  args: readonly string[]
  environment: NodeJS.ProcessEnv
  workingDirectory: string
  /** The file of the build that it runs: where that is gone, this is said, and not what the command says of it. */
  entry: string
  /**
   * The process writes to these descriptors of ours itself, and its `stdout` and `stderr` here are empty. Default: pipes, which are
   * read one by one, so that lines of different processes may change places.
   */
  inherit?: OutputDescriptors | undefined
  /** It can be passed connections. */
  passage?: boolean | undefined
}

export interface OutputDescriptors {
  stdout: number
  stderr: number
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
  /** It couldn't be started at all. */
  error?: Error
  /** Another deployer had started it, which alone would have been told. */
  unknown?: boolean
}

export interface SpawnedProcess {
  /** Undefined when it couldn't be started. */
  readonly pid: number | undefined
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the process is gone, which may be before its output has been read. Never rejects. */
  readonly exited: Promise<Exit>
  /** How it is passed connections, where it was asked for. */
  readonly passage?: Passage | undefined
  /** SIGKILL to the process and to what it has started. Harmless when it is gone. */
  kill(): void
  /** Where nobody tells when it is gone: it may be any moment now. */
  look?(): void
}

/** Stands for a process that isn't started, since what it would run is gone. */
export function withoutBuild({ entry }: SpawnOptions): SpawnedProcess {
  const error = new Error(`${entry} is gone; build the application and deploy it again`)
  return {
    pid: undefined,
    stdout: Readable.from([]),
    stderr: Readable.from([]),
    exited: Promise.resolve({ code: null, signal: null, error }),
    kill() {},
  }
}

export type Spawn = (options: SpawnOptions) => SpawnedProcess

export const spawnProcess: Spawn = ({ command, args, environment, workingDirectory, inherit, passage = false }) => {
  const child = spawnChild(command, args, {
    cwd: workingDirectory,
    env: environment,
    stdio: ['ignore', inherit?.stdout ?? 'pipe', inherit?.stderr ?? 'pipe', ...(passage ? ['ipc' as const] : [])],
    detached: true,
  })
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', (error) => {
      // Also emitted when a kill fails; then the process is there and `exit` will come.
      if (child.pid === undefined) resolve({ code: null, signal: null, error })
    })
  })
  return {
    pid: child.pid,
    // There are none when they are inherited, or the machine is out of descriptors.
    stdout: child.stdout ?? Readable.from([]),
    stderr: child.stderr ?? Readable.from([]),
    exited,
    passage: passage && child.pid !== undefined ? new Passage(child) : undefined,
    kill() {
      // After the exit the number may be another's, so the group is only signalled while the child is known to be there.
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        child.kill('SIGKILL')
      }
    },
  }
}

/** A process that another deployer has started: there is nothing to wait for but its number to disappear, and no exit code. */
export function adoptProcess(adopted: { pid: number; start: string }, clock: Clock): SpawnedProcess {
  const { pid } = adopted
  const gone = Promise.withResolvers<Exit>()
  const { adoptedLookMs: slowMs, adoptedHurryMs: fastMs, adoptedHurries } = DEPLOYER_LIMITS
  let hurries = 0
  let timer: Timer | undefined
  const look = () => {
    timer?.cancel()
    if (runsStill(adopted)) timer = clock.setTimeout(look, hurries-- > 0 ? fastMs : slowMs).unref()
    else gone.resolve({ code: null, signal: null, unknown: true })
  }
  look()
  return {
    pid,
    stdout: Readable.from([]),
    stderr: Readable.from([]),
    exited: gone.promise,
    look() {
      hurries = adoptedHurries
      look()
    },
    kill() {
      if (!runsStill(adopted)) return
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
      this.look!()
    },
  }
}
