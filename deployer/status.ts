/** What is shown of a deployment: one JSON value, the same for `weave status`, the API and the dashboard. Fields may be added; what is here keeps its meaning. */
import type { AutomaticStatus } from './automatic/automatic.ts'
import type { KeysStatus } from './keys/keys.ts'
import type { ProcessSnapshot } from './members.ts'
import type { MoveStatus } from './moves/mover.ts'
import type { ScalingStatus } from './scaling/scaler.ts'

export interface Status {
  application: string
  version: string
  state: 'opening' | 'starting' | 'running' | 'stopping' | 'stopped'
  /** It goes on without the terminal that started it. */
  detached: boolean
  deployer: { pid: number; sinceMs: number }
  /** Folder of the build. */
  directory: string
  groups: GroupStatus[]
  processes: ProcessSnapshot[]
  listeners: { listener: string; url: string }[]
  /** The one that is under way, or else the last one; null when none was made. */
  move: MoveStatus | null
  /** What automatic placement does, its last trial, and what it leaves where it is though a person could move it, as sentences; null where placement is fixed. */
  automatic: (AutomaticStatus & { stays: string[] }) | null
}

export interface GroupStatus {
  group: string
  /** Full names. */
  components: string[]
  replicas: number
  ready: number
  /** Undefined where the number of replicas is fixed. */
  scaling?: ScalingStatus | undefined
  /** Undefined where no routing keys decide among several replicas. */
  keys?: KeysStatus | undefined
}
