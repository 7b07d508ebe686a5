/**
 * What the deployment's processes say, and to whom it goes. In: a `hello` on the control socket, then that process's messages. Out:
 * its assignment; changes of its supervisor's state; listeners that it binds; samples of its calls; and to the deployment, what only that
 * can decide.
 */
import type { Assignment, Resume, ToDeployer } from '../runtime/process/control.ts'
import type { ControlPeer, Hello } from './control.ts'
import type { SocketDirectory } from './directory.ts'
import type { MeasuredGraph } from './graph/measured.ts'
import type { Listeners } from './listeners.ts'
import type { Member, Members } from './members.ts'
import type { RemoteRelays } from './relays.ts'
import type { Requests } from './requests.ts'
import type { ControlChannel } from './supervisor.ts'

export interface ConversationOptions {
  version: string
  members: Members
  listeners: Listeners
  requests: Requests
  graph: MeasuredGraph
  /** Of a detached deployment. */
  relays: RemoteRelays | undefined
  directory: SocketDirectory
  assignment(member: Member): Assignment
  /** `main` has returned in a process that was asked to run it, or has thrown. */
  finished(member: Member, exitCode: number): void
  /** The process has begun to listen on one of its addresses. */
  listens(member: Member): void
  /** It has come back, and hosts these: not what it should where a deployer was killed that had begun to move something. */
  found(member: Member, hosts: readonly string[]): void
  /** Nobody reads what the processes print. */
  unread(): void
  /** A connection was closed; `reason` is a clause. */
  refused(process: string | null, reason: string): void
}

export class Conversation {
  readonly #options: ConversationOptions
  /** Listener sockets that processes were told to bind so far. */
  #binds: number

  constructor(options: ConversationOptions) {
    this.#options = options
    this.#binds = options.directory.lastListener
  }

  /** Who takes the messages of the process that says `hello`; or why it is refused. */
  accept(hello: Hello, channel: ControlChannel): ControlPeer | string {
    const { members, version, refused } = this.#options
    const member = members.find(hello.process)
    if (!member)
      return farewell(
        channel,
        hello,
        `there is no process ${JSON.stringify(hello.process.slice(0, 100))} in this deployment`,
      )
    const { supervisor } = member
    if (hello.version !== version) {
      supervisor.fail(
        `runs version ${hello.version.slice(0, 100)} where the manifest says ${version}; build the application again`,
      )
      return farewell(channel, hello, `process "${supervisor.name}" runs another version`)
    }
    const refusal = hello.resume ? this.#resume(member, channel, hello.resume) : this.#begin(member, channel)
    if (refusal !== undefined) return farewell(channel, hello, refusal)
    return {
      receive: (message) => this.#receive(member, message),
      broke: (reason) => {
        refused(supervisor.name, reason)
        supervisor.fail(reason)
      },
      disconnected: () => supervisor.disconnected(channel),
    }
  }

  #begin(member: Member, channel: ControlChannel): string | undefined {
    const { assignment, relays } = this.#options
    const refusal = member.supervisor.hello(channel)
    if (refusal !== undefined) return refusal
    if (member.group === relays?.group) relays.greet(member.supervisor, false)
    else channel.send({ type: 'assign', ...assignment(member) })
    return undefined
  }

  /** It has had another deployer, or had lost this one. What it is must be known before it counts as ready. */
  #resume(member: Member, channel: ControlChannel, resume: Resume): string | undefined {
    const { assignment, relays, listeners, finished, found } = this.#options
    const ingress = member.group === relays?.group
    member.mainCalled = resume.main !== 'idle'
    if (ingress) relays.restore(resume.listens)
    else listeners.restore(member, resume.listens)
    // Before it is ready, since the last one to come back ends the takeover.
    if (!ingress && resume.life === member.supervisor.lives) found(member, resume.components)
    // And this too: an application that has ended must not be told to have been taken over.
    if (resume.main === 'finished' && resume.life === member.supervisor.lives) finished(member, resume.exitCode)
    const refusal = member.supervisor.hello(channel, resume)
    if (refusal !== undefined) return refusal
    if (ingress) relays.greet(member.supervisor, true)
    else channel.send({ type: 'resumed', routes: assignment(member).routes })
    return undefined
  }

  #receive(member: Member, message: Exclude<ToDeployer, Hello>): void {
    const { supervisor } = member
    const { listeners, relays, requests, graph, directory, listens, finished, unread } = this.#options
    // What is read after its exit changes nothing, but may say why.
    if (!supervisor.runs && message.type !== 'failed') return
    switch (message.type) {
      case 'serving':
      case 'starting':
      case 'ready':
        supervisor.receive(message)
        return
      case 'done':
        requests.answered(supervisor, message)
        return
      case 'failed':
        if (member.group === relays?.group) relays.failed(message.message)
        supervisor.receive(message)
        return
      case 'relaying':
        relays?.relaying(message.listener, message.url)
        listens(member)
        return
      case 'pong':
        supervisor.answered(message.id, message.idle)
        return
      case 'listen':
        listeners.bind(member, message, () => directory.listener(++this.#binds))
        return
      case 'listening':
        listeners.listening(member, message.listener)
        listens(member)
        return
      case 'sample':
        if (!graph.take(supervisor.name, message.sample)) supervisor.fail(NONSENSE)
        return
      case 'probed':
        if (!graph.probed(supervisor.name, message.result)) supervisor.fail(NONSENSE)
        return
      case 'unread':
        unread()
        return
      case 'finished':
        if (member.mainCalled) finished(member, message.exitCode)
        else supervisor.fail('said that main had finished, which it was not asked to run')
        return
    }
  }
}

/** Completes "the process …". */
const NONSENSE = 'told of its calls in a way that makes no sense'
/** Nobody expects it, and it would serve on and ask again for ever. */
function farewell(channel: ControlChannel, { resume }: Hello, reason: string): string {
  if (resume) channel.send({ type: 'drain' })
  return reason
}
