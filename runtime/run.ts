/**
 * What an application calls: `run`, `get`, `provide`. The transformer gives each the argument that it needs (the descriptor, a
 * component's name); without it there is one sentence about what to add to the build.
 */
import { type AppDescriptor, BOUNDARY_FORMAT } from './boundary.ts'
import type { ComponentName, Components } from './components.ts'
import { currentApp, setProvided } from './current.ts'
import { WeaveError } from './errors.ts'
import { generatedFor, hasGenerated } from './generated.ts'
import { shortName } from './names.ts'
import { ENV_CONTROL, ENV_PROCESS } from './process/control.ts'
import { runProcess } from './process/process.ts'
import { runSingle } from './single.ts'
import type { Component, Main } from './types.ts'
import { untransformed } from './untransformed.ts'

/**
 * Runs the application whose root is `root`: constructs what it needs, then calls its `main`. Resolves when `main` has returned and
 * everything has stopped; the process then ends with exit code 0 (or what `process.exitCode` says). When `main` throws or
 * the application can't start, the error is printed and the process ends with exit code 1.
 *
 * SIGINT and SIGTERM abort the signal that `main` has: when it returns, the application has ended well, exit code 0. A second
 * signal, or a `main` that doesn't return in time, ends the process with 128 + the signal's number.
 * @weaveMarker run
 */
export function run(root: new (...dependencies: never[]) => Main): Promise<void>
export async function run(root: unknown): Promise<void> {
  // The sentence about what is missing needs the caller's stack, which is gone after an await.
  const descriptor = descriptorFrom(root) ?? (hasGenerated() ? await generatedFor(root) : undefined)
  if (descriptor === undefined) {
    const name = typeof root === 'function' && root.name !== '' ? root.name : '…'
    throw untransformed(`run(${name})`, run)
  }
  const control = process.env[ENV_CONTROL]
  const name = process.env[ENV_PROCESS]
  if (control === undefined || name === undefined) return runSingle(descriptor)
  delete process.env[ENV_CONTROL]
  delete process.env[ENV_PROCESS]
  return runProcess({ descriptor, control, name })
}

/**
 * The component, callable wherever it lives: for code that isn't constructed by weavets. Only inside a running application.
 * @weaveMarker get
 */
export function get<C extends Component>(): C
/** By its name, where nothing transforms the program (`weave generate`). */
export function get<N extends ComponentName>(component: N): Components[N]
export function get(component?: string): unknown {
  if (component === undefined) throw untransformed('get()', get)
  const app = currentApp()
  if (app === undefined) {
    const short = shortName(component)
    throw new WeaveError(
      `get<${short}>() was called outside a running application; call it in code that runs after run(…) has begun, not while modules load.`,
      { code: 'WV_NOT_RUNNING' },
    )
  }
  return app.get(component, GET_CALLER)
}

/** Code that uses `get` has no component; its edges are named after it. */
const GET_CALLER = 'get'

/**
 * Gives the component's implementation where no class can be constructed from its parameters. Call it before `run`, or while a
 * component on which this one doesn't depend is starting; it is asked once, in the process that hosts the component.
 * @weaveMarker provide
 */
export function provide<C extends Component>(factory: () => C | Promise<C>): void
/** By its name, where nothing transforms the program (`weave generate`). */
export function provide<N extends ComponentName>(
  component: N,
  factory: () => Components[N] | Promise<Components[N]>,
): void
export function provide(first: unknown, second?: unknown): void {
  const [component, factory] = (typeof first === 'string' ? [first, second] : [second, first]) as [
    string | undefined,
    () => unknown,
  ]
  if (component === undefined) throw untransformed('provide(…)', provide)
  if (currentApp()?.begun(component)) {
    const short = shortName(component)
    throw new WeaveError(
      `provide<${short}>(…) came too late: ${component} has been constructed; call it before run(…).`,
      { code: 'WV_START' },
    )
  }
  setProvided(component, factory)
}

/** `source` is what the transformer put in place of the root: a function that gives the descriptor. */
export function descriptorFrom(source: unknown): AppDescriptor | undefined {
  if (typeof source !== 'function' || isClass(source)) return undefined
  const descriptor = source() as AppDescriptor | undefined
  if (typeof descriptor !== 'object' || descriptor === null || typeof descriptor.format !== 'number') return undefined
  if (descriptor.format === BOUNDARY_FORMAT) return descriptor
  throw new WeaveError(
    `The build is of format ${descriptor.format}, this weavets runs format ${BOUNDARY_FORMAT}; build the application again.`,
    { code: 'WV_VERSION' },
  )
}

/** A class's prototype can't be replaced, a function's can. */
function isClass(value: object): boolean {
  return Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
}
