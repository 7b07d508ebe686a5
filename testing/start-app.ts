/**
 * An application without its `main`, for tests: its components, wired as in production, with fakes where the test wants them. By
 * default every call goes through the real codec (`isolated`), so that a test fails on what would fail between processes.
 */
import { App } from '../runtime/app.ts'
import type { ComponentName, Components } from '../runtime/components.ts'
import type { ListenerConfig } from '../runtime/config/configuration.ts'
import { resolveSettings } from '../runtime/config/settings.ts'
import { enterApp, leaveApp, providedFor } from '../runtime/current.ts'
import { generatedForTests } from '../runtime/generated.ts'
import { reachedFrom } from '../runtime/instances/lifecycle.ts'
import { PortBinder } from '../runtime/listener.ts'
import { resolveComponentName } from '../runtime/names.ts'
import { descriptorFrom } from '../runtime/run.ts'
import type { Component } from '../runtime/types.ts'
import { untransformed } from '../runtime/untransformed.ts'

/** What `fake` gives: the object that stands for a component. */
export interface Fake {
  readonly component: string
  readonly implementation: object
}

export interface StartAppOptions {
  /** `isolated`: calls go through the codec. `local`: they are method calls with copied values, as in one process. Default: `isolated`. */
  placement?: 'local' | 'isolated'
  /** Component (short or full name) → its config, as in weave.config.ts. */
  config?: Record<string, object>
  /** Instead of the components' own implementations, which are not loaded then. */
  fakes?: Fake[]
  /** Listener → address. Default: a free port on 127.0.0.1. */
  listeners?: Record<string, ListenerConfig>
}

export interface TestApp extends AsyncDisposable {
  /**
   * The component, as another component would hold it.
   * @weaveMarker get
   */
  get<C extends Component>(): C
  get<N extends ComponentName>(component: N): Components[N]
  /** Stops every component, in order. Safe to call again. */
  stop(): Promise<void>
}

const VITEST =
  'weave() of "weavets/vite" under "plugins" in vitest.config.ts, or "--import weavets/register" to the flags of node --test'

/**
 * Starts the application's components, but not its root. Components that only faked ones need are not started before the test
 * asks for them; those that have neither class nor fake, and that nobody needs, not at all.
 * @weaveMarker startApp
 */
export function startApp(options?: StartAppOptions): Promise<TestApp>
export async function startApp(options: StartAppOptions = {}, source?: unknown): Promise<TestApp> {
  const descriptor = descriptorFrom(source) ?? generatedForTests()
  if (descriptor === undefined) throw untransformed('startApp()', startApp, VITEST)
  const { placement = 'isolated', fakes = [], config = {}, listeners = {} } = options
  const settings = resolveSettings(descriptor, {
    application: 'test',
    isolated: placement === 'isolated',
    config,
    listeners,
  })
  const names = descriptor.components.map(({ name }) => name)
  const faked = new Map(
    fakes.map(({ component, implementation }) => [resolveComponentName(component, names, 'fake'), implementation]),
  )
  const hosted = new Set(descriptor.components.map(({ name }) => name).filter((name) => name !== descriptor.root))
  const app = new App({
    ...settings,
    descriptor,
    hosted,
    binder: new PortBinder(settings.listeners),
    provided: (name) => (faked.has(name) ? () => faked.get(name) : providedFor(name)),
  })
  enterApp(app)
  const testApp = new RunningTestApp(app)
  try {
    const others = [...hosted].filter((name) => !faked.has(name) && canStart(name))
    const needed = new Set(others.filter((name) => !onlyForFakes(name)))
    await app.start(reachedFrom(descriptor, needed, new Set(faked.keys())))
  } catch (error) {
    await testApp.stop()
    throw error
  }
  return testApp

  /** One without a class, such as one that the test itself passes as a reference, is missing only where somebody needs it. */
  function canStart(name: string): boolean {
    return descriptor!.components.some((each) => each.name === name && each.load) || providedFor(name) !== undefined
  }

  /** Somebody needs it, and all who do are fakes. */
  function onlyForFakes(name: string): boolean {
    const users = descriptor!.components.filter(({ name: user, dependencies }) => {
      const uses = dependencies.some((dependency) => dependency.kind === 'component' && dependency.component === name)
      return user !== descriptor!.root && uses
    })
    return users.length > 0 && users.every((user) => faked.has(user.name))
  }
}

class RunningTestApp implements TestApp {
  readonly #app: App

  constructor(app: App) {
    this.#app = app
  }

  get(component?: string): never {
    if (component === undefined) throw untransformed('app.get()', this.get, VITEST)
    return this.#app.get(component, 'test') as unknown as never
  }

  async stop(): Promise<void> {
    leaveApp(this.#app)
    await this.#app.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/**
 * For `startApp({ fakes: [fake<Mail>({ … })] })`: calls of the component reach `implementation`.
 * @weaveMarker fake
 */
export function fake<C extends Component>(implementation: C): Fake
/** By its name, where nothing transforms the tests (`weave generate`). */
export function fake<N extends ComponentName>(component: N, implementation: Components[N]): Fake
export function fake(first: unknown, second?: unknown): Fake {
  const [component, implementation] = (typeof first === 'string' ? [first, second] : [second, first]) as [
    string | undefined,
    object,
  ]
  if (component === undefined) throw untransformed('fake(…)', fake, VITEST)
  return { component, implementation }
}
