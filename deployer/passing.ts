/**
 * The way by which a process that we have started is passed connections that we have accepted: as open descriptors, over Node's IPC channel
 * (runtime/process/passing.ts is the other end). In: sockets of which nothing has been read. Out: whether the process has taken each, and when it has ended. It is
 * ours until then; a process that ends first has taken nothing that it hasn't said.
 */
import type { ChildProcess, SendHandle } from 'node:child_process'
import type { Socket } from 'node:net'
import type { ConnectionMessage, PassedMessage } from '../runtime/process/passing.ts'

/** What becomes of one connection. */
export interface Passed {
  /** Called once, maybe at once. The socket is still open here; once taken, it is the process that talks to the client. */
  settled(taken: boolean): void
  /** Called once where it was taken, also when the process is gone. */
  ended(): void
}

export class Passage {
  readonly #child: ChildProcess
  /** Sent, and not known to have ended. */
  readonly #passed = new Map<number, Passed & { taken: boolean }>()
  #last = 0

  /** `child` was started with a channel. */
  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message) => this.#heard(message as unknown as PassedMessage | null))
    child.once('disconnect', () => this.#gone())
    // Node doesn't say `disconnect` when a descriptor was on the way.
    child.once('exit', () => this.#gone())
  }

  get open(): boolean {
    return this.#child.connected
  }

  pass(listener: string, socket: Socket, passed: Passed): void {
    const handle = handleOf(socket)
    if (!this.open || handle === undefined) {
      passed.settled(false)
      return
    }
    const id = ++this.#last
    this.#passed.set(id, { taken: false, settled: passed.settled, ended: passed.ended })
    const message: ConnectionMessage = { type: 'weave-connection', id, listener }
    this.#child.send(message, handle, {}, (error) => {
      if (error) this.#settled(id, false)
    })
  }

  /** What the process says is believed of connections that it was passed, and ignored otherwise. */
  #heard(message: PassedMessage | null): void {
    if (message?.type === 'weave-taken') this.#settled(message.id, message.taken === true)
    else if (message?.type === 'weave-ended' && Array.isArray(message.ids))
      for (const id of message.ids) this.#ended(id)
  }

  #settled(id: number, taken: boolean): void {
    const passed = this.#passed.get(id)
    if (passed === undefined || passed.taken) return
    if (taken) passed.taken = true
    else this.#passed.delete(id)
    passed.settled(taken)
  }

  #ended(id: number): void {
    const passed = this.#passed.get(id)
    if (!passed?.taken) return
    this.#passed.delete(id)
    passed.ended()
  }

  #gone(): void {
    const all = [...this.#passed.values()]
    this.#passed.clear()
    for (const { taken, settled, ended } of all) taken ? ended() : settled(false)
  }
}

/**
 * The descriptor alone, as node:cluster passes it: a `Socket` that was passed would be closed here at once, and could go to nobody else. Types know
 * neither. Undefined when the client is gone.
 */
function handleOf(socket: Socket): SendHandle | undefined {
  return (socket as { _handle?: SendHandle | null })._handle ?? undefined
}
