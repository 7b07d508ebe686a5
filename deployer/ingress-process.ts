/**
 * The ingress of a detached deployment, a process of its own: it has the listeners' public addresses, so that they outlive a deployer that is
 * killed or started anew. It talks to its deployer as every process does (runtime/process/control.ts), and relays on without one.
 *
 *   greeting  connected; waits to be told its listeners
 *   relaying  has their addresses; who is behind them may change at any time
 *   draining  takes no new connections; ends with those that are left, or when their time is over
 */
import { systemClock } from '../runtime/clock.ts'
import { LIMITS } from '../runtime/limits.ts'
import { ENV_CONTROL, ENV_PROCESS, type ToProcess } from '../runtime/process/control.ts'
import { ControlLink } from '../runtime/process/control-link.ts'
import { Ingress } from './ingress.ts'
import { ENV_INGRESS_VERSION } from './relays.ts'

/** Pause between two looks whether connections are left. */
const DRAIN_LOOK_MS = 50

class IngressProcess {
  readonly #ingresses = new Map<string, Ingress>()
  readonly #link: ControlLink
  #life: number | undefined
  #draining = false

  constructor(path: string) {
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => void this.#drain())
    this.#link = new ControlLink({
      path,
      opened: () => this.#greet(),
      received: (message) => void this.#receive(message),
      closed: () => this.#closed(),
    })
  }

  #greet(): void {
    const { [ENV_PROCESS]: name = '', [ENV_INGRESS_VERSION]: version = '' } = process.env
    const urls = [...this.#ingresses].map(([listener, { url }]) => [listener, url] as const)
    const resume = this.#life !== undefined && {
      life: this.#life,
      address: 'relay',
      components: [],
      ready: true,
      main: 'idle' as const,
      exitCode: 0,
      listens: Object.fromEntries(urls),
    }
    const { pid } = process
    this.#link.say({
      type: 'hello',
      process: name,
      pid,
      version,
      application: undefined,
      resume: resume || undefined,
    })
  }

  async #receive(message: ToProcess): Promise<void> {
    switch (message.type) {
      case 'relay':
        await this.#open(message)
        return
      case 'backends':
        this.#ingresses.get(message.listener)?.setBackends(message.backends)
        return
      case 'ping':
        this.#link.say({ type: 'pong', id: message.id, idle: true })
        return
      case 'drain':
        await this.#drain()
        return
      default:
        return
    }
  }

  async #open({ life, listeners }: Extract<ToProcess, { type: 'relay' }>): Promise<void> {
    try {
      this.#link.say({ type: 'serving', address: 'relay' })
      for (const { listener, host, port } of listeners) {
        const ingress = new Ingress({ listener, host, port, clock: systemClock })
        this.#ingresses.set(listener, ingress)
        this.#link.say({ type: 'relaying', listener, url: await ingress.open() })
      }
      this.#life = life
      this.#link.say({ type: 'ready' })
    } catch (error) {
      this.#link.say({ type: 'failed', message: (error as Error).message })
      await this.#link.end()
      process.exit(1)
    }
  }

  #closed(): void {
    if (this.#draining) return
    if (this.#life === undefined) process.exit(1)
    this.#link.reconnect()
  }

  async #drain(): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    for (const ingress of this.#ingresses.values()) ingress.stopAccepting()
    const untilMs = systemClock.now() + LIMITS.drainMs
    while (systemClock.now() < untilMs && [...this.#ingresses.values()].some(({ connections }) => connections > 0))
      await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS))
    for (const ingress of this.#ingresses.values()) ingress.close()
    await this.#link.end()
    process.exit(0)
  }
}

new IngressProcess(process.env[ENV_CONTROL] ?? '')
