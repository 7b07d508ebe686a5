/**
 * What it costs to pass a value to a co-located component: the copier that is generated from its shape, which also checks it, beside
 * `structuredClone` and the copiers that people use. Rounds are interleaved; medians, and the spread.
 *
 *     node bench/copy.bench.ts [rounds]
 */
import { deepEqual } from 'node:assert/strict'
import { boundariesOf, component, descriptorOf, method, modelOf } from '../test/codegen/evaluate.ts'
import { definitions, type Message, messages } from './codec-messages.ts'
import { installPeers } from './peers/install.ts'
import { claim } from './ratios.ts'

const ROUNDS = Number(process.argv[2] ?? 31)
const ROUND_MS = 4

type Copy = (value: unknown) => unknown

/** The copier of a stream's items is that of any value of their shape, by itself. */
function generated({ shape }: Message): Copy {
  const stream = method('get', [], { kind: 'stream', of: shape }, { directStream: true })
  const { model, app } = modelOf([component('src/x.X', [stream])], { definitions })
  return boundariesOf(descriptorOf(model, app))[0]!.methods[0]!.resultStream!.copyItem as Copy
}

const require = installPeers()
const peers: [string, Copy][] = [
  ['structuredClone', structuredClone],
  ['rfdc', require('rfdc')()],
  ['klona/json', require('klona/json').klona],
  ['fast-copy', require('fast-copy').copy],
  ['es-toolkit', require('es-toolkit').cloneDeep],
  ['remeda', require('remeda').clone],
  ['ramda', require('ramda').clone],
  ['clone', require('clone')],
  ['@ungap/structured-clone', require('@ungap/structured-clone').default],
  ['just-clone', require('just-clone')],
  ['lodash.clonedeep', require('lodash.clonedeep')],
  ['JSON', (value) => JSON.parse(JSON.stringify(value))],
]

function nanoseconds(loop: (calls: number) => unknown, calls: number): number {
  const start = process.hrtime.bigint()
  loop(calls)
  return Number(process.hrtime.bigint() - start) / calls
}

const quantile = (values: number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * q)]!

console.log(`${ROUNDS} interleaved rounds; median ns (p10–p90)\n`)
console.log('| message | copier | ns | times weavets |')
console.log('| --- | --- | ---: | ---: |')
for (const message of messages.filter(({ name }) => /^(order|list|users)$/.test(name))) {
  const ways = [['weavets', generated(message)] as [string, Copy], ...peers].map(([name, copy]) => {
    deepEqual(copy(message.value), message.value)
    const body =
      'return (calls) => { let last; for (let call = 0; call < calls; call++) last = copy(value); return last }'
    const loop: (calls: number) => unknown = new Function('copy', 'value', body)(copy, message.value)
    return { name, loop, ns: [] as number[] }
  })
  for (const { loop } of ways) for (let warm = 0; warm < 10; warm++) loop(Math.ceil(2e6 / nanoseconds(loop, 20)))
  for (let round = 0; round < ROUNDS; round++) {
    for (const { loop, ns } of ways) {
      const calls = Math.max(1, Math.round((ROUND_MS * 1e6) / (ns[0] ?? nanoseconds(loop, 50))))
      ns.push(nanoseconds(loop, calls))
    }
  }
  const [weavets, ...others] = ways as [(typeof ways)[0], ...typeof ways]
  for (const { name, ns } of others) claim(`copy: ${message.name}, against ${name}`, weavets.ns, ns)
  const ours = quantile(weavets.ns, 0.5)
  for (const { name, ns } of ways) {
    const spread = `${quantile(ns, 0.1).toFixed(0)}–${quantile(ns, 0.9).toFixed(0)}`
    const median = quantile(ns, 0.5)
    console.log(`| ${message.name} | ${name} | ${median.toFixed(0)} (${spread}) | ${(median / ours).toFixed(1)} |`)
  }
}
