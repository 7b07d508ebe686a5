/** The shape of `weave.config.ts`. `defineConfig` gives it types in the editor; `deployer/config/` checks it when it is loaded. */

import type { TransportKind } from '../transport/address.ts'

/** Components are named by their interface's short name where that is unique, else by the full one (`src/cart.Cart`). */
export interface WeaveConfig {
  /** Name of the application. Default: the `name` in package.json, else the folder's. */
  name?: string
  /** The file that calls `run`, from the project's root. Default: `src/main.ts`. */
  entry?: string
  /** Component → the values of its `Config<T>` parameter. */
  config?: Record<string, object>
  /** Listener → public address. Default: a free port on 127.0.0.1. */
  listeners?: Record<string, ListenerConfig>
  /** Which components share a process under `weave deploy`. Default: `'together'`. */
  placement?: PlacementConfig
  /**
   * Replicas of every process, or by component; those of a group are the most that one of its components asks for. Default: 1.
   * The root's process has one, since each would run `main`, unless one of its components opens a `Listener`. With `{ min, max }` their number follows
   * load in between; docs/routing.md says how.
   */
  replicas?: Replicas
  /** What every placement keeps to: the one that is begun with, plans, moves by hand and automatic ones. Default: nothing. */
  pins?: PinsConfig
  /** Components of which there is one instance, however many replicas are asked for: a scheduler, a leader. Their groups have one process. */
  singletons?: string[]
  /**
   * How calls travel between processes: `unix` sockets of one machine (the default); `tcp`; `tls`, where each group proves who it is by a
   * certificate of the deployment; `grpc`, for meshes and L7 proxies. docs/transports.md compares them.
   */
  transport?: TransportKind
  /** Whether, how often and how far routing keys change their replica because of load: docs/routing.md. */
  routing?: RoutingSettings
  /** Bounds of calls between processes. */
  calls?: CallSettings
  /** When a process of a deployment counts as hung: docs/deploying.md. */
  health?: HealthSettings
  /** Component → the implementing class (`RedisCart` or `src/cart-redis.RedisCart`), where several classes implement it. */
  implementations?: Record<string, string>
  /**
   * How types and members cross that are not the application's to change: `{ 'luxon.DateTime': { codec: 'src/codecs.dateTime' },
   * 'stripe.Event.data': 'json', 'src/order.Order.onDone': 'omit' }`. Named by the type's own name where that is unique, else
   * with its package or its module; a member with `.member` behind it.
   */
  types?: Record<string, TypeAnswer>
  /** How much a warning matters, by its code: `{ WV3016: 'error', WV2011: 'off' }`. Errors stay errors. */
  diagnostics?: Record<string, DiagnosticSetting>
}

/** How long a process that is ready may not answer its deployer: while its event loop is blocked, or when it was stopped. */
export interface HealthSettings {
  /** Then others stop calling it until it answers. Default: 5000. */
  silentMs?: number
  /** Then it is killed and started again. Default: 15000. */
  killMs?: number
}

/** Of components with `Key<T>` parameters that run in several processes. */
export interface RoutingSettings {
  /**
   * Slices of keys move from a replica that has too much to do to others. Default: true; with false keys change their replica only when one joins or
   * leaves.
   */
  rebalance?: boolean
  /** The keys of a group are rebalanced no more often than every so many milliseconds. Default: 10,000; at least 5,000, since load is told so often. */
  rebalanceEveryMs?: number
  /** Share of all keys of a group that may change their replica at once. Default: 0.1; from 0.001 to 0.5. */
  churnMax?: number
}

export interface CallSettings {
  /** A process of which nothing was heard for so many milliseconds, though it was asked, is taken for gone. Default: 20,000; at least 200. */
  silenceMs?: number
  /**
   * A call that a process could only begin so many milliseconds after it came is refused there with `WV_OVERLOADED`, not executed, and its
   * caller tries another replica. Default: half of the time that its caller has left; at least 10.
   */
  queueMs?: number
}

export type DiagnosticSetting = 'off' | 'warning' | 'error'

/**
 * `json`: its values are Json, whatever the type says. `omit`: the member is left out, and absent at the receiver. `codec`: an exported
 * `Codec`, by its module's path from the root (without extension) and its name.
 */
export type TypeAnswer = 'json' | 'omit' | { codec: string }

/** Replicas of a group, both included. */
export interface ReplicaRange {
  min: number
  max: number
}

export type ReplicaCount = number | ReplicaRange

export type Replicas = ReplicaCount | Record<string, ReplicaCount>

export interface ListenerConfig {
  /** Default: `127.0.0.1`. */
  host?: string
  /** Default: 0, any free port. */
  port?: number
}

/**
 * `auto` begins together and then decides by itself, from what is measured. `groups`: each a list of components that share a process; a component that is in none gets a process of its own.
 */
export type PlacementConfig = 'together' | 'apart' | 'auto' | { groups: string[][] }

/** Named as everywhere in this file. Who is in two lists of `together` is together with all of both. */
export interface PinsConfig {
  /** Each a list of components that share a process. */
  together?: string[][]
  /** Each a list of components of which no two share a process. */
  apart?: string[][]
  /** Each in a process of its own. */
  alone?: string[]
}

/** `{ min, max }`, and not an object of components. */
export function isRange(value: unknown): value is ReplicaRange {
  return typeof value === 'object' && value !== null && ('min' in value || 'max' in value)
}

/** Identity, for the types: `export default defineConfig({ … })`. */
export function defineConfig(config: WeaveConfig): WeaveConfig {
  return config
}
