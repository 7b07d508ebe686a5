/**
 * What a deployment tells: the lines of `weave deploy --json`, and all that its terminal output is made from. Everything is
 * JSON. New types and new fields may be added; what is here keeps its meaning.
 */
import type { Trial } from './automatic/trial.ts'
import type { MoveState } from './moves/mover.ts'

export type DeployEvent =
  /** First of all: what is about to run. `takesOver`: an earlier deployer is gone, and (some of) it runs. */
  | { type: 'deploying'; application: string; version: string; processes: ProcessPlan[]; takesOver: boolean }
  /** The public address accepts connections; they wait until a replica is ready. */
  | { type: 'listener'; name: string; url: string }
  /** `restarts`: how often this process had been started before. */
  | { type: 'process-started'; process: string; pid: number; components: string[]; restarts: number }
  /** All components of the process have started. `durationMs`: since it was started. */
  | { type: 'process-ready'; process: string; pid: number; durationMs: number }
  /** An earlier deployer is gone, and these of its processes still run; those that don't are started again. */
  | { type: 'taking-over'; processes: string[] }
  /** A process that an earlier deployer had started has come back to this one. Nothing in it was restarted. */
  | { type: 'process-adopted'; process: string; pid: number }
  /** It has not answered for so long; nobody calls it until it does. */
  | { type: 'process-silent'; process: string; silenceMs: number }
  | { type: 'process-answers'; process: string }
  /** Processes that still aren't ready, 5 s after the deployment began and at growing intervals, with the component that each is starting. */
  | { type: 'waiting'; durationMs: number; processes: { process: string; component: string | null }[] }
  /**
   * `expected`: it had been asked to. `reason`: a clause that completes "the process …". `lastLines`: the end of its stderr.
   * `restartInMs`: null when it isn't started again.
   */
  | {
      type: 'process-exited'
      process: string
      pid: number | null
      code: number | null
      signal: string | null
      expected: boolean
      reason: string
      lastLines: string[]
      restartInMs: number | null
    }
  /** It has crashed several times in a row; it is still restarted once the application has been ready. */
  | { type: 'crash-looping'; process: string; crashes: number; reason: string; lastLines: string[] }
  /** Something connected to the control socket, or sent a message, that doesn't fit; the connection is closed. */
  | { type: 'refused'; process: string | null; reason: string }
  /** Every process was ready for the first time, and `main` has been called. `durationMs`: since the deployment began. */
  | { type: 'ready'; durationMs: number }
  /** Processes of a group are added or drained. `why`: a clause, where load has decided; absent where somebody has asked for it. */
  | { type: 'scaling'; group: string; from: number; to: number; why?: string }
  /**
   * Replicas of a group have other routing keys than before, because one had too much to do. `keys`: share of all keys that have another owner; `from`, `to`:
   * load of the one that has most, as a multiple of the mean.
   */
  | { type: 'rebalanced'; group: string; keys: number; from: number; to: number }
  /** These are drained and started again, in each group one after the other. */
  | { type: 'restarting'; processes: string[] }
  /** Components begin to move to another group; `to` may be a new one. */
  | { type: 'moving'; components: string[]; from: string; to: string }
  /** A move has come so far; the states are mover.ts's. */
  | { type: 'move-step'; components: string[]; from: string; to: string; step: MoveState['kind'] }
  | { type: 'moved'; components: string[]; from: string; to: string; durationMs: number }
  /** They stay where they were. `reason`: a sentence. */
  | { type: 'move-undone'; components: string[]; from: string; to: string; reason: string }
  /** Automatic placement tries something, or has come to a conclusion about it: `id` is the same then. */
  | ({ type: 'trial' } & Trial)
  /** `main` returned (0) or threw (1) in this process. */
  | { type: 'main-finished'; process: string; exitCode: number }
  | { type: 'stopping'; reason: 'main-finished' | 'main-failed' | 'start-failed' | 'asked' }
  /** Nothing of it runs any more. */
  | { type: 'stopped'; exitCode: number }

export interface ProcessPlan {
  process: string
  group: string
  components: string[]
}
