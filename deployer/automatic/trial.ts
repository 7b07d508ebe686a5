/** What automatic placement has tried, as it is told and kept: plain data. */
import type { Outcome } from './outcome.ts'

export interface Trial {
  /** Counts from 1. */
  id: number
  /** Milliseconds since 1970. */
  atMs: number
  moves: TrialMove[]
  before: Outcome
  predicted: Outcome
  /** Null until it was measured. */
  measured: Outcome | null
  /** `unmeasured`: the deployment, or its deployer, ended before it was. */
  state: 'moving' | 'measuring' | 'kept' | 'undone' | 'unmeasured'
  /** What has decided, or went wrong: a sentence. */
  why: string
}

export interface TrialMove {
  components: string[]
  from: string
  to: string
  reason: string
  /** Undefined while it hasn't been made; else why it could not be, or null. */
  failed?: string | null
}

export const UNMEASURED = 'It ended before it was measured.'
