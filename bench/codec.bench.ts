/**
 * What generated codecs cost, beside those that people use (bench/peers/codecs.ts). Each message is measured in processes of its own, several
 * times, since what V8 makes of code differs from process to process; within one, rounds are interleaved, so that a busy machine slows
 * all codecs alike, and each way of each codec has a loop of its own, as an application's types have. Prints a Markdown table: medians over
 * the processes of each process's median, and in brackets the least and the greatest of those. What counts is encode + decode.
 *
 * Before it is measured, each loop runs for `WARM_MS`: after some 10,000 calls a function is still what Maglev has made of it, half or a fifth as
 * fast as TurboFan's; how soon that comes depends on the machine's load. That was why our decoder of *tiny* once had "two speeds".
 *
 *     node bench/codec.bench.ts [processes] [message]
 */
import { deepEqual } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Method } from '../runtime/boundary.ts'
import { Reader } from '../runtime/codec/reader.ts'
import { Writer } from '../runtime/codec/writer.ts'
import { boundariesOf, component, descriptorOf, method, modelOf } from '../test/codegen/evaluate.ts'
import { DOUBLES, definitions, type Message, messages } from './codec-messages.ts'
import { peersOf, type Way } from './peers/codecs.ts'
import { installPeers } from './peers/install.ts'
import { claim } from './ratios.ts'

const ROUNDS = 41
/** Long enough that the clock's own cost doesn't show, and short enough that few rounds are interrupted. */
const ROUND_MS = 1
const WARM_MS = 120
/** Each loop is warmed up in so many turns, so that V8 knows all of them when it optimizes for the last time. */
const WARM_TURNS = 4

function generated({ shape }: Message): Way {
  const { model, app } = modelOf([component('src/x.X', [method('get', [], shape)])], { definitions })
  const get = boundariesOf(descriptorOf(model, app))[0]?.methods[0] as Method
  const writer = new Writer()
  // As the transports do: one of each for all messages of a connection.
  const reader = new Reader(Buffer.alloc(0))
  return {
    name: 'weavets',
    encode(value) {
      writer.truncate(0)
      get.encodeResult(writer, value)
      return writer.position
    },
    bytes(value) {
      get.encodeResult(writer, value)
      return writer.take()
    },
    decode(bytes) {
      reader.reset(bytes, 0, bytes.length)
      return get.decodeResult(reader)
    },
  }
}

type Loop = (calls: number) => unknown

/** A function of its own, so that V8 sees one callee in it. */
function loopOf(work: (argument: never) => unknown, argument: unknown): Loop {
  const body =
    'return (calls) => { let last; for (let call = 0; call < calls; call++) last = work(argument); return last }'
  return new Function('work', 'argument', body)(work, argument)
}

function nanoseconds(loop: Loop, calls: number): number {
  const start = process.hrtime.bigint()
  loop(calls)
  return Number(process.hrtime.bigint() - start) / calls
}

function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * q)]!
}

interface Timed {
  name: string
  encode: number
  decode: number
  bytes: number
}

/** In this process. */
function measure(message: Message): Timed[] {
  const peers = peersOf({ definitions, shape: message.shape, doubles: DOUBLES }, installPeers())
  const measured = [generated(message), ...peers].map((way) => {
    const bytes = way.bytes(message.value)
    if (way.name === 'weavets') deepEqual(way.decode(bytes), message.value)
    return {
      name: way.name,
      bytes: bytes.length,
      encode: { loop: loopOf(way.encode, message.value), ns: [] as number[] },
      decode: { loop: loopOf(way.decode, bytes), ns: [] as number[] },
    }
  })
  const sides = measured.flatMap(({ encode, decode }) => [encode, decode])
  for (let turn = 0; turn < WARM_TURNS; turn++) {
    for (const { loop } of sides) {
      const end = performance.now() + WARM_MS / WARM_TURNS
      while (performance.now() < end) loop(50)
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { loop, ns } of sides) {
      const calls = Math.max(1, Math.round((ROUND_MS * 1e6) / (ns[0] ?? Math.max(5, nanoseconds(loop, 100)))))
      ns.push(nanoseconds(loop, calls))
    }
  }
  return measured.map(({ name, bytes, encode, decode }) => ({
    name,
    bytes,
    encode: quantile(encode.ns, 0.5),
    decode: quantile(decode.ns, 0.5),
  }))
}

function rows(message: string, processes: readonly Timed[][]): void {
  const sums = (at: number) => processes.map((each) => each[at]!.encode + each[at]!.decode)
  const cell = (values: number[]) =>
    `${quantile(values, 0.5).toFixed(0)} (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`
  for (const [at, { name, bytes }] of processes[0]!.entries()) {
    if (CLAIMED.has(name)) claim(`codec: ${message}, against ${name}`, sums(0), sums(at))
    // Of the same process, since one process may be slowed from its beginning to its end.
    const ratios = sums(at).map((sum, process) => sum / sums(0)[process]!)
    const times = at === 0 ? '' : ` (${quantile(ratios, 0.5).toFixed(1)} ×)`
    const ns = (side: 'encode' | 'decode') => cell(processes.map((each) => each[at]![side]))
    const both = `${quantile(sums(at), 0.5).toFixed(0)}${times}`
    console.log(`| ${[message, name, ns('encode'), ns('decode'), both, bytes].join(' | ')} |`)
  }
}

/** Those that `npm run bench -- --check` compares with: the fastest ones, what people have, and what they would have otherwise. */
const CLAIMED = new Set(['avsc, shared buffer', 'msgpackr, shared structures', 'protobufjs static', 'JSON'])

/** Given to a process that measures one message and prints JSON. */
const ALONE = '--alone'

if (process.argv[2] === ALONE) {
  console.log(JSON.stringify(measure(messages.find(({ name }) => name === process.argv[3])!)))
} else {
  const count = Number(process.argv[2] ?? 5)
  installPeers()
  console.log(`${count} processes a message, ${ROUNDS} interleaved rounds each; median ns (least–greatest process)\n`)
  console.log('| message | codec | encode | decode | both (times weavets) | bytes |')
  console.log('| --- | --- | ---: | ---: | ---: | ---: |')
  for (const { name } of messages) {
    if (process.argv[3] !== undefined && !name.startsWith(process.argv[3])) continue
    const processes = Array.from({ length: count }, (): Timed[] => {
      return JSON.parse(
        execFileSync(process.execPath, [fileURLToPath(import.meta.url), ALONE, name], { encoding: 'utf8' }),
      )
    })
    rows(name, processes)
  }
}
