/**
 * What a call between two processes costs here: CPU at each end, CPU for each KiB, and how long it is on the way. In: a way to a process of the
 * same build, which may be this one. Out: figures of a few hundred calls of a method that every measured process has and that gives back what it
 * was given. Some 50 ms of work, when the deployer asks for it; done while little else is, and each figure is the least of several rounds,
 * since what else the two processes do can only add to it.
 */
import type { Boundary, Method } from '../boundary.ts'
import type { Clock } from '../clock.ts'
import type { Reader } from '../codec/reader.ts'
import type { Writer } from '../codec/writer.ts'
import { NO_CONTEXT } from '../context.ts'
import { countsOf, LocalTarget, RemoteTarget, Stub, type Target } from '../stub.ts'
import { Call, type CallOwner, type Channel } from '../transport/call.ts'
import { EdgeCounts } from './edge-counts.ts'

/** What a deployer reckons with, in microseconds. Of both ends where one process is both. */
export interface ProbeResult {
  /** CPU of one of four small calls that are under way together. */
  callerUs: number
  calleeUs: number
  /** And for each KiB there and back again. */
  callerKibUs: number
  calleeKibUs: number
  /** What a small call takes when nothing else is under way. */
  roundTripUs: number
  /** Inside a process: the stub, and its count. */
  localUs: number
  /** How far apart the rounds of `callerUs` and `calleeUs` together were, as a share of the least: middle against least. */
  spread: number
}

interface Echo {
  /** CPU that the process has used so far, microseconds. */
  cpuUs: number
  lines: string[]
}

function writeLines(writer: Writer, lines: readonly string[]): void {
  writer.varint(lines.length)
  writer.open()
  for (const line of lines) writer.text(line)
  writer.close()
}

function readLines(reader: Reader): string[] {
  const count = reader.count()
  reader.open()
  const lines = Array.from({ length: count }, () => reader.text())
  reader.close()
  return lines
}

const ECHO: Method = {
  name: 'echo',
  idempotent: true,
  timeoutMs: 5_000,
  key: undefined,
  shapes: () => ({ parameters: [], result: { kind: 'undefined' } }),
  encodeArguments: (writer, [lines]) => writeLines(writer, lines as string[]),
  decodeArguments: (reader) => [readLines(reader)],
  encodeResult: (writer, value) => {
    const { cpuUs, lines } = value as Echo
    writer.varint(cpuUs)
    writeLines(writer, lines)
  },
  decodeResult: (reader): Echo => ({ cpuUs: reader.varint(), lines: readLines(reader) }),
}

class EchoStub extends Stub {
  echo(lines: string[]): Promise<unknown> {
    if (--this.$due[0]! === 0) return this.$sample(0, 'echo', [lines] as never[])
    return (this.$target.echo as (lines: string[]) => Promise<unknown>)(lines)
  }
}

class EchoLocal extends LocalTarget {
  echo(lines: string[]): Promise<unknown> {
    return (this.$implementation.echo as (lines: string[]) => Promise<unknown>)(lines)
  }
}

/** Not one of the application's: its index on the wire follows that of the last. */
export const ECHO_BOUNDARY: Boundary = {
  component: 'weavets.Echo',
  methods: [ECHO],
  Stub: EchoStub,
  Local: EchoLocal,
  Remote: class extends RemoteTarget {},
}

export const ECHO_IMPLEMENTATION = {
  async echo(lines: string[]): Promise<Echo> {
    const { user, system } = process.cpuUsage()
    return { cpuUs: user + system, lines }
  },
}

const ROUNDS = 7
const CALLS = 48
const AT_ONCE = 4
const SMALL: readonly string[] = ['OLJCESPC7Z']
/** Some 4 KiB of the sort of text that data is made of. */
const LONG: readonly string[] = Array.from({ length: 64 }, (_, index) => `${index} `.padEnd(64, 'Sunglasses, EUR, '))
const LONG_KIB = 4

/** `component`: the echo's index. Rejects when a call fails. */
export async function probe(channel: Channel, component: number, clock: Clock): Promise<ProbeResult> {
  const caller = new ProbeCaller(channel, component, clock)
  for (let round = 0; round < 3; round++) await caller.round(CALLS, AT_ONCE, LONG)
  const small: Round[] = []
  const long: Round[] = []
  const single: Round[] = []
  for (let round = 0; round < ROUNDS; round++) {
    small.push(await caller.round(CALLS, AT_ONCE, SMALL))
    long.push(await caller.round(CALLS, AT_ONCE, LONG))
    single.push(await caller.round(CALLS / 2, 1, SMALL))
  }
  const [callerUs, calleeUs] = [least(small, 'callerUs'), least(small, 'calleeUs')]
  const both = small.map((round) => round.callerUs + round.calleeUs).sort((a, b) => a - b)
  const perKib = (end: 'callerUs' | 'calleeUs', ofSmall: number) =>
    Math.max(0, least(long, end) - ofSmall) / (2 * LONG_KIB)
  return {
    callerUs,
    calleeUs,
    callerKibUs: perKib('callerUs', callerUs),
    calleeKibUs: perKib('calleeUs', calleeUs),
    roundTripUs: least(single, 'wallUs'),
    localUs: await localCost(),
    spread: both[Math.floor(both.length / 2)]! / Math.max(both[0]!, 1e-3) - 1,
  }
}

/** Of one call, mean. */
interface Round {
  callerUs: number
  calleeUs: number
  wallUs: number
}

function least(rounds: readonly Round[], of: keyof Round): number {
  return Math.max(0, Math.min(...rounds.map((round) => round[of])))
}

class ProbeCaller implements CallOwner {
  readonly counts = new EdgeCounts('', ECHO_BOUNDARY.component, [ECHO], () => performance.now())
  readonly references = {
    stub(): never {
      throw new Error('an echo refers to nothing')
    },
  }
  readonly #channel: Channel
  readonly #component: number
  readonly #clock: Clock

  constructor(channel: Channel, component: number, clock: Clock) {
    this.#channel = channel
    this.#component = component
    this.#clock = clock
  }

  async round(calls: number, atOnce: number, lines: readonly string[]): Promise<Round> {
    const before = await this.#echo(lines)
    const cpu = process.cpuUsage()
    const begun = performance.now()
    let after = before
    for (let made = 0; made < calls; made += atOnce) {
      const echoes = await Promise.all(Array.from({ length: atOnce }, () => this.#echo(lines)))
      after = echoes.at(-1)!
    }
    const wallMs = performance.now() - begun
    const { user, system } = process.cpuUsage(cpu)
    return {
      callerUs: (user + system) / calls,
      calleeUs: (after.cpuUs - before.cpuUs) / calls,
      wallUs: (wallMs * 1000) / calls,
    }
  }

  #echo(lines: readonly string[]): Promise<Echo> {
    const now = this.#clock.now()
    return new Promise((resolve) => {
      const deadline = now + ECHO.timeoutMs!
      const settle = resolve as (value: unknown) => void
      const args = [lines]
      this.#channel.send(
        new Call(this, this.#component, 0, ECHO, args, deadline, '@timeout', now, NO_CONTEXT, undefined, settle),
      )
    })
  }

  lost(call: Call, peer: string): void {
    call.reject(new Error(`process "${peer}" was gone`))
  }

  refused(): boolean {
    return false
  }

  elsewhere(call: Call, peer: string): void {
    this.lost(call, peer)
  }

  expired(call: Call): void {
    call.reject(new Error('no answer in time'))
  }

  withEdge(_: Call, error: unknown): unknown {
    return error
  }

  unencodable(call: Call, thrown: unknown): void {
    call.reject(thrown)
  }

  beforeWaiting(): boolean {
    return true
  }
}

const LOCAL_CALLS = 4_000

/** What a call costs more through a stub than without, microseconds. */
async function localCost(): Promise<number> {
  const direct = { echo: async (lines: string[]) => lines }
  const stub = new EchoStub()
  stub.$target = new EchoLocal(direct) as unknown as Target
  countsOf(stub, new EdgeCounts('', ECHO_BOUNDARY.component, [ECHO], () => performance.now()))
  const timed = async (callee: { echo(lines: string[]): Promise<unknown> }) => {
    const begun = performance.now()
    for (let call = 0; call < LOCAL_CALLS; call++) await callee.echo([])
    return ((performance.now() - begun) * 1000) / LOCAL_CALLS
  }
  let cost = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const without = await timed(direct)
    cost = Math.min(cost, (await timed(stub)) - without)
  }
  return Math.max(0, cost)
}
