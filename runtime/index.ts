/** `weavets`: what an application imports. Names users type come first; there is nothing else in this file but exports. */

export type { ListenerConfig, PlacementConfig, WeaveConfig } from './configuration.ts'
export { defineConfig } from './configuration.ts'
export { type Edge, ERROR_CODES, type ErrorCode, WeaveError } from './errors.ts'
export type { Component, Config, Json, Key, Lifecycle, Listener, Logger, Main, Shared } from './types.ts'
