/**
 * Connections that whoever has a listener's public address passes to a process as open descriptors, over the IPC channel that Node has given both
 * (deployer/passing.ts is the other end). In: descriptors, each for a listener. Out: whether a server here has taken it, and when a connection
 * that was taken has ended. Until it is taken a connection is its sender's, who still has it open: nothing has been read, and a refused one
 * goes elsewhere whole.
 */

/** An accepted connection as Node's own servers get it, before a socket is made of it. Whoever takes it closes it. */
export interface Accepted {
  close(): void
}

export interface ConnectionMessage {
  type: 'weave-connection'
  id: number
  listener: string
}

export type PassedMessage =
  | { type: 'weave-taken'; id: number; taken: boolean }
  /** Connections that were taken. */
  | { type: 'weave-ended'; ids: number[] }

/** `take` answers at once, and calls `ended` later if it was true. */
export type Take = (listener: string, connection: Accepted, ended: () => void) => boolean

/** A process that has no channel is passed nothing. */
export function receiveConnections(take: Take): void {
  if (process.send === undefined) return
  // A sender that is gone has closed what wasn't taken; the rest is ours, and there is nobody to tell.
  const say = (message: PassedMessage) => void process.send!(message, undefined, {}, () => {})
  let ended: number[] = []
  const hasEnded = (id: number) => {
    // Many may end in one turn, and are one message.
    if (ended.push(id) > 1) return
    setImmediate(() => {
      say({ type: 'weave-ended', ids: ended })
      ended = []
    })
  }
  process.on('message', (message: ConnectionMessage, connection: Accepted | undefined) => {
    if (message?.type !== 'weave-connection' || connection === undefined) return
    const { id, listener } = message
    const taken = take(listener, connection, () => hasEnded(id))
    if (!taken) connection.close()
    say({ type: 'weave-taken', id, taken })
  })
  // It alone keeps no process alive.
  process.channel?.unref()
}
