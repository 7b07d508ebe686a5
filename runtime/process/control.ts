/**
 * What a process and its deployer say to each other: one JSON object a line over a Unix socket that the deployer owns
 * (`WEAVE_CONTROL`, in a 0700 directory). JSON lines, because this is a handful of messages a process and an application
 * process shouldn't load a gRPC stack for them; docs/architecture.md has the argument.
 *
 *   process  → hello                         who I am
 *   deployer → assign                        what you host, where the others are
 *   process  → serving                       my data socket accepts calls (dependencies may be unreachable still)
 *   process  → starting                      a component begins to be constructed: who is slow is known by name
 *   process  → ready                         all hosted components have started
 *   deployer → routes                        replaces a component's replicas, at any time
 *   deployer → admit                         replaces who may call what there
 *   deployer → host                          start this component too (it moves here)
 *   deployer → leaving                       this component will move away: count the calls that it is busy with; or it will stay after all
 *   deployer → hand-over                     write this component's state there; its calls wait from now on, and others have it soon
 *   deployer → take-over                     and this is the state of the one that has started here
 *   deployer → keep                          nothing comes of it: serve on
 *   deployer → give-up                       it is the other one from now on: never serve again
 *   deployer → retire                        it has moved away, and routes lead to where it is: stop it when its calls have ended
 *   process  → done                          what the deployer said with a number is done, or failed and has changed nothing
 *   process  → listen / deployer → bind      a listener asks for an address; the process binds it; listening says so
 *   deployer → main                          run the root's main (every process is ready)
 *   process  → finished                      main returned or threw
 *   process  → unread                        nobody reads any more what all processes print into (`weave deploy --raw | head`)
 *   process  → sample                        what it has counted since the last, before it answers a ping
 *   deployer → probe / process → probed      what calls to a process cost, which may be the same
 *   deployer → drain                         stop accepting, let calls end, stop components, exit 0
 *   deployer → ping / process → pong         once a second, of an idle one every two: a process that doesn't answer hangs
 *
 * A process whose `orphan` is `serve` goes on when the connection ends, and connects again and again. It then says hello with `resume`, what it
 * is by now, and a deployer that expects it answers `resumed` instead of `assign`.
 *
 * The ingress of a detached deployment is a process of weave's own (deployer/ingress-process.ts) that has the same conversation: it is told `relay`
 * instead of `assign`, says `relaying` for each address that it has, and is sent `backends`.
 */

import type { OwnedSlices } from '../calls/slices.ts'
import type { CallSettings } from '../config/configuration.ts'
import type { ProbeResult } from '../measure/probe.ts'
import type { Sample } from '../measure/sample.ts'

/** Environment of a process that a deployer starts. Both are removed from `process.env` once read. */
export const ENV_CONTROL = 'WEAVE_CONTROL'
export const ENV_PROCESS = 'WEAVE_PROCESS'
/** Set by `weave run` and `weave dev`, which load weave.config.ts themselves: a JSON `RunSettings`. */
export const ENV_RUN = 'WEAVE_RUN'

export type ToDeployer =
  | {
      type: 'hello'
      process: string
      pid: number
      version: string
      application: string | undefined
      resume?: Resume | undefined
    }
  /** `idle`: nothing worth telling has happened since the ping before. */
  | { type: 'pong'; id: number; idle: boolean }
  | { type: 'relaying'; listener: string; url: string }
  | { type: 'serving'; address: string }
  | { type: 'starting'; component: string }
  | { type: 'ready' }
  | { type: 'listen'; listener: string; id: number }
  | { type: 'listening'; listener: string }
  | { type: 'finished'; exitCode: number }
  | { type: 'unread' }
  /** `failed`: a sentence. */
  | { type: 'done'; id: number; failed: string | undefined }
  | { type: 'failed'; message: string }
  | { type: 'sample'; sample: Sample }
  /** Null: it could not be measured. */
  | { type: 'probed'; result: ProbeResult | null }

export type ToProcess =
  | ({ type: 'assign' } & Assignment)
  /** Calls that are made after the answer go there. */
  | { type: 'routes'; component: string; replicas: Replica[]; id?: number }
  | { type: 'admit'; admitted: Record<string, string[]>; id: number }
  | { type: 'host'; component: string; config: object | undefined; id: number }
  | { type: 'leaving'; component: string; expected: boolean }
  | { type: 'hand-over'; component: string; path: string; id: number }
  | { type: 'take-over'; component: string; path: string; id: number }
  | { type: 'keep'; component: string; id: number }
  | { type: 'give-up'; component: string; id: number }
  | { type: 'retire'; component: string; id: number }
  /** `path`: where to bind; `url`: what the world sees. `error`: why there is none; `stopping`: because the application stops. */
  | { type: 'bind'; id: number; path: string; url: string; error?: string; stopping?: boolean }
  | { type: 'main' }
  | { type: 'probe'; process: string; group: string; address: string }
  | { type: 'drain' }
  | { type: 'ping'; id: number }
  /** Routes as they are now, and those of before are void. */
  | { type: 'resumed'; routes: Record<string, Replica[]> }
  | { type: 'relay'; life: number; listeners: { listener: string; host: string; port: number }[] }
  | { type: 'backends'; listener: string; backends: { process: string; path: string }[] }

/** What a process already is when its deployer comes back, or another one. */
export interface Resume {
  life: number
  /** Of its data socket; empty before it serves. */
  address: string
  /** Full names, the root included. */
  components: string[]
  ready: boolean
  main: 'idle' | 'running' | 'finished'
  /** Of `main`, when it has finished. */
  exitCode: number
  /** Listener → path where it listens; of the ingress, listener → URL. */
  listens: Record<string, string>
}

export interface Assignment {
  application: string
  /** Which start of this process it is, from 1: how a deployer that comes back knows it again. */
  life: number
  /** Name of its group: what it may call elsewhere is decided by it. */
  group: string
  /** Where the process must bind its data socket: a path, or a port, which may be any free one; `serving` says which it is. */
  address: string
  /** For TLS, the files that hold its certificate, the key to it, and the deployment's authority; in a folder that is the user's alone. */
  identity?: IdentityFiles | undefined
  /** What weave.config.ts says of calls between processes. */
  calls: CallSettings
  /** Group → full names of the components here that it may call. */
  admitted: Record<string, string[]>
  /**
   * Path of the file in which a process whose `main` runs notes the code that `process.exit` was called with: there is no time to say so
   * then. It ends the application, as in one process; a process that leaves no note has crashed.
   */
  exitNote: string
  /** Full names of the components that live here, the root included. */
  components: string[]
  /** Every other component's replicas as known now; may be empty and follow later. */
  routes: Record<string, Replica[]>
  /** Full component name → its config section. */
  config: Record<string, object>
  /**
   * What the process does when its control connection ends without a `drain`: under `weave deploy` in the foreground it
   * drains and exits, so that nothing outlives a deployer that was killed; under a detached one it goes on serving.
   */
  orphan: 'drain' | 'serve'
  /** `shared`: all processes print into the same pipe, and keep the order in which they do. */
  output?: 'shared' | undefined
}

export interface IdentityFiles {
  ca: string
  certificate: string
  key: string
}

export interface Replica {
  /** Position among the replicas of its group, stable across restarts: routing keys are assigned to slots. */
  slot: number
  /** Number of slots that the group has. */
  slots: number
  /** Of a component with routing keys and several replicas: what this one owns of them. Absent: an equal share. */
  owns?: OwnedSlices | undefined
  /** Unique name of the process: `cart-2`. */
  process: string
  /** Of the process; what its certificate must prove, where there are any. */
  group: string
  /** transport/address.ts has the forms. */
  address: string
}

export interface RunSettings {
  application: string
  /** Every boundary call goes through the codec, in one process. */
  isolated: boolean
  config: Record<string, object>
  listeners: Record<string, { host?: string; port?: number }>
}
