/**
 * The applications that run in this process (one, but in tests) and what `provide` gave: `get` and `provide` are plain functions, so
 * this is kept for the process, in a place that several loaded copies of weavets share.
 */
import type { App } from './app.ts'
import { shortName } from './names.ts'

interface Current {
  /** The one that was started last is what `get` means. */
  apps: App[]
  provided: Map<string, () => unknown>
}

const CURRENT = Symbol.for('weavets.current.1')
const holder = globalThis as { [CURRENT]?: Current }
holder[CURRENT] ??= { apps: [], provided: new Map() }
const current = holder[CURRENT]

export function enterApp(app: App): void {
  current.apps.push(app)
}

export function leaveApp(app: App): void {
  const index = current.apps.indexOf(app)
  if (index >= 0) current.apps.splice(index, 1)
}

export function currentApp(): App | undefined {
  return current.apps.at(-1)
}

/** `component`: its full name, or the short one where it was written by hand and is unique. */
export function setProvided(component: string, factory: () => unknown): void {
  current.provided.set(component, factory)
}

export function providedFor(component: string): (() => unknown) | undefined {
  return current.provided.get(component) ?? current.provided.get(shortName(component))
}
