/**
 * What generated codecs cost, beside those that people use (bench/peers/codecs.ts). Rounds are interleaved, so that a busy machine
 * slows all of them alike, and each way of each message has a loop of its own, as an application's types have. Prints a Markdown
 * table of medians; what counts is encode + decode.
 *
 *     node bench/codec.bench.ts [rounds] [message]
 */
import { deepEqual } from 'node:assert/strict'
import type { Method } from '../runtime/boundary.ts'
import { Reader } from '../runtime/codec/reader.ts'
import { Writer } from '../runtime/codec/writer.ts'
import { boundariesOf, component, descriptorOf, method, modelOf } from '../test/codegen/evaluate.ts'
import { DOUBLES, definitions, type Message, messages } from './codec-messages.ts'
import { peersOf, type Way } from './peers/codecs.ts'
import { installPeers } from './peers/install.ts'

const ROUNDS = Number(process.argv[2] ?? 31)
/** Long enough that the clock's own cost doesn't show. */
const ROUND_MS = 4

function generated({ shape }: Message): Way {
  const { model, app } = modelOf([component('src/x.X', [method('get', [], shape)])], { definitions })
  const get = boundariesOf(descriptorOf(model, app))[0]?.methods[0] as Method
  const writer = new Writer()
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
    decode: (bytes) => get.decodeResult(new Reader(bytes)),
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

interface Measured {
  way: Way
  bytes: number
  encode: { loop: Loop; ns: number[] }
  decode: { loop: Loop; ns: number[] }
}

function measure(message: Message, require: NodeJS.Require): Measured[] {
  const peers = peersOf({ definitions, shape: message.shape, doubles: DOUBLES }, require)
  const measured = [generated(message), ...peers].map((way) => {
    const bytes = way.bytes(message.value)
    if (way.name === 'weavets') deepEqual(way.decode(bytes), message.value)
    return {
      way,
      bytes: bytes.length,
      encode: { loop: loopOf(way.encode, message.value), ns: [] as number[] },
      decode: { loop: loopOf(way.decode, bytes), ns: [] as number[] },
    }
  })
  const sides = measured.flatMap(({ encode, decode }) => [encode, decode])
  for (const { loop } of sides)
    for (let warm = 0; warm < 10; warm++) loop(Math.ceil(2e6 / Math.max(100, nanoseconds(loop, 20))))
  for (let round = 0; round < ROUNDS; round++) {
    for (const { loop, ns } of sides) {
      const calls = Math.max(1, Math.round((ROUND_MS * 1e6) / (ns[0] ?? Math.max(20, nanoseconds(loop, 100)))))
      ns.push(nanoseconds(loop, calls))
    }
  }
  return measured
}

function rows(name: string, measured: Measured[]): void {
  const [ours] = measured as [Measured]
  const sum = ({ encode, decode }: Measured) => quantile(encode.ns, 0.5) + quantile(decode.ns, 0.5)
  for (const each of measured) {
    const cell = (ns: number[]) =>
      `${quantile(ns, 0.5).toFixed(0)} (${quantile(ns, 0.1).toFixed(0)}–${quantile(ns, 0.9).toFixed(0)})`
    const cells = [
      name,
      each.way.name,
      cell(each.encode.ns),
      cell(each.decode.ns),
      `${sum(each).toFixed(0)}${each === ours ? '' : ` (${(sum(each) / sum(ours)).toFixed(1)} ×)`}`,
      each.bytes,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

const require = installPeers()
console.log(`${ROUNDS} interleaved rounds; median ns (p10–p90)\n`)
console.log('| message | codec | encode | decode | both (times weavets) | bytes |')
console.log('| --- | --- | ---: | ---: | ---: | ---: |')
for (const message of messages) {
  if (process.argv[3] !== undefined && !message.name.startsWith(process.argv[3])) continue
  rows(message.name, measure(message, require))
}
