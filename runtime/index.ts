/** `weavets`: what an application imports. Names users type come first; there is nothing else in this file but exports. */

import './node-version.ts'

export * from './components.ts'
export type {
  ListenerConfig,
  PlacementConfig,
  ReplicaCount,
  ReplicaRange,
  TypeAnswer,
  WeaveConfig,
} from './config/configuration.ts'
export { defineConfig } from './config/configuration.ts'
export { type Context, context, type Metadata, withDeadline, withMetadata, withTrace } from './context.ts'
export { type Edge, ERROR_CODES, type ErrorCode, WeaveError } from './errors.ts'
export { get, provide, run } from './run.ts'
export type { TransportKind } from './transport/address.ts'
export type {
  Codec,
  Component,
  Config,
  HandsOver,
  Json,
  Key,
  Lifecycle,
  Listener,
  Logger,
  Main,
  Shared,
} from './types.ts'
