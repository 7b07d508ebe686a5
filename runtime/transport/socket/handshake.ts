/**
 * The first frame in each direction: who speaks, and of which build. A version talks only to itself: what is encoded after
 * this has no names and no tags, so another build would read nonsense.
 */
import { protocolError, type Reader } from '../../codec/reader.ts'
import type { Writer } from '../../codec/writer.ts'
import { WeaveError } from '../../errors.ts'

/** Anything else that connects by mistake is told from a peer by this. "WEAV". */
const MAGIC = 0x56414557
/** Raised when frames or requests change. */
export const PROTOCOL = 5

export interface Greeting {
  application: string
  /** Content hash of the build. */
  version: string
  /** Name of the process, for log lines and errors. */
  process: string
  /** Of the process: what it may call is decided by it. Where sockets prove who connects, it must be what they prove. */
  group: string
}

export function writeGreeting(writer: Writer, greeting: Greeting): void {
  writer.uint32(MAGIC)
  writer.varint(PROTOCOL)
  writer.string(greeting.application)
  writer.string(greeting.version)
  writer.string(greeting.process)
  writer.string(greeting.group)
}

/** Of a frame that refuses the peer, before or after its greeting. `reason`: for the peer's log. */
export function writeRefusal(writer: Writer, greeting: Greeting, reason: string): void {
  writeGreeting(writer, greeting)
  writer.string(reason)
}

/** Stands for a greeting where the peer hasn't proved that it may know more of us. */
export const ANONYMOUS: Greeting = { application: '', version: '', process: '', group: '' }

export interface PeerGreeting extends Greeting {
  protocol: number
}

/** Throws `WV_PROTOCOL` when the peer isn't one of us. The fields after a protocol that we don't know are left unread. */
export function readGreeting(reader: Reader): PeerGreeting {
  if (reader.uint32() !== MAGIC) throw protocolError('it does not begin with the greeting of weavets')
  const protocol = reader.varint()
  if (protocol !== PROTOCOL) return { protocol, ...ANONYMOUS }
  return {
    protocol,
    application: reader.string(),
    version: reader.string(),
    process: reader.string(),
    group: reader.string(),
  }
}

/** The reason why the two can't talk, if there is one. */
export function disagreement(mine: Greeting, peer: PeerGreeting): WeaveError | undefined {
  const difference =
    peer.protocol !== PROTOCOL
      ? `protocol ${peer.protocol}, this one speaks ${PROTOCOL}`
      : peer.application !== mine.application
        ? `application "${peer.application}", this one is "${mine.application}"`
        : peer.version !== mine.version
          ? `version ${peer.version}, this one is ${mine.version}`
          : undefined
  if (difference === undefined) return undefined
  const name = peer.process === '' ? 'The peer' : `Process "${peer.process}"`
  return new WeaveError(`${name} has ${difference}; all processes of a deployment must run the same build.`, {
    code: 'WV_VERSION',
    executed: 'no',
  })
}

/** What a server's refusal comes to, whose greeting has been read: a difference that we see ourselves, or else the reason that it gives. */
export function refusedBy(process: string, mine: Greeting, peer: PeerGreeting, reader: Reader): WeaveError {
  const anonymous = peer.protocol === PROTOCOL && peer.process === ''
  const difference = anonymous ? undefined : disagreement(mine, peer)
  if (difference) return difference
  const text = `Process "${process}" refused the connection: ${reader.string()}`
  return new WeaveError(text, { code: 'WV_IDENTITY', executed: 'no' })
}

/** The peer isn't who it should be. `who` begins the sentence. */
export function unproven(who: string, reason: string): WeaveError {
  return new WeaveError(`${who} did not prove who it is: ${reason}.`, { code: 'WV_IDENTITY', executed: 'no' })
}

/** The peer won't have us, or we won't have it, until one of the two is another: trying again at once is no use. */
export function isRefusal(reason: WeaveError | undefined): reason is WeaveError {
  return reason?.code === 'WV_VERSION' || reason?.code === 'WV_IDENTITY'
}
