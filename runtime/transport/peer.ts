/** What every transport between processes has: a way to one process, and the end that serves the others. */
import type { Boundary } from '../boundary.ts'
import type { Dispatcher } from '../calls/dispatcher.ts'
import type { Clock, Random } from '../clock.ts'
import type { Logger } from '../types.ts'
import type { Admissions } from './admission.ts'
import type { AnswerReader } from './answer.ts'
import type { Channel } from './call.ts'
import type { Greeting } from './socket/handshake.ts'

/** The way to one process for as long as routes lead there; it connects by itself, again and again. */
export interface PeerChannel extends Channel {
  /** No route leads there any more: calls in flight end, then the connection does. */
  retire(): void
  /** Now. Calls in flight are handed back as lost. */
  close(): void
}

export interface PeerChannelOptions {
  /** The process at the other end, its group, and its address. */
  process: string
  group: string
  address: string
  greeting: Greeting
  answers: AnswerReader
  /** A peer of which nothing was heard for this long is taken for gone. */
  silenceMs: number
  clock: Clock
  random: Random
  log: Logger
  /** `open`, `coming` or `refusal` have another value. */
  changed: () => void
}

export interface CallServer {
  /** Gives the address that it has, where any port would do. */
  listen(address: string): Promise<string>
  /** A component that is hosted from now on; for transports on which components have names. */
  host?(component: number, boundary: Boundary): void
  /** All that is hosted here has started; for transports on which others ask for that. */
  ready?(): void
  /** Accepts nobody, lets requests that have come or are under way end, and resolves when all clients have left or the time is up. */
  drain(): Promise<void>
}

export interface CallServerOptions {
  greeting: Greeting
  dispatcher: Dispatcher
  admissions: Admissions
  /** A client of which nothing was heard for this long is taken for gone. */
  silenceMs: number
  /** A call that could only begin so long after it came is refused. Default: half of the time that its caller has left. */
  queueMs: number | undefined
  clock: Clock
  log: Logger
}
