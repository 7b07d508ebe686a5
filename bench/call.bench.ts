/**
 * What a call inside one process costs, `await` included: the method itself, through a local stub (a count, and copies where values
 * aren't primitives), and isolated (encode, decode, deadline, context, both ways). Guards runtime/stub.ts, codegen's `Local` classes
 * and runtime/transport/local. Rounds are interleaved; medians.
 */
import { App } from '../runtime/app.ts'
import { PortBinder } from '../runtime/listener.ts'
import { BenchCatalog, CATALOG, type Catalog, catalogDescriptor, ORDER } from './catalog.ts'
import { claim } from './ratios.ts'

const ROUNDS = Number(process.argv[2] ?? 31)

async function start(isolated: boolean): Promise<{ app: App; catalog: Catalog }> {
  const descriptor = await catalogDescriptor()
  const app = new App({
    descriptor,
    application: 'bench',
    isolated,
    config: {},
    binder: new PortBinder({}),
    provided: () => undefined,
  })
  await app.start()
  return { app, catalog: app.get(CATALOG, 'bench') as unknown as Catalog }
}

const local = await start(false)
const isolated = await start(true)
const cases: { name: string; calls: number; run: (calls: number) => Promise<void> }[] = []

for (const [place, catalog, calls] of [
  ['direct', new BenchCatalog(), 200_000],
  ['local stub', local.catalog, 200_000],
  ['isolated', isolated.catalog, 10_000],
] as const) {
  // A loop of its own for each, so that V8 sees one kind of receiver in it, as in an application.
  const tiny = new Function(
    'catalog',
    'return async (calls) => { for (let i = 0; i < calls; i++) await catalog.tiny("OLJCESPC7Z") }',
  )
  const order = new Function(
    'catalog',
    'order',
    'return async (calls) => { for (let i = 0; i < calls; i++) await catalog.order(order) }',
  )
  cases.push({ name: `tiny, ${place}`, calls, run: tiny(catalog) })
  cases.push({ name: `order, ${place}`, calls: place === 'local stub' ? calls / 4 : calls, run: order(catalog, ORDER) })
}

const samples = new Map<string, number[]>(cases.map(({ name }) => [name, []]))
for (let round = -2; round < ROUNDS; round++) {
  for (const { name, calls, run } of cases) {
    const start = process.hrtime.bigint()
    await run(calls)
    const ns = Number(process.hrtime.bigint() - start) / calls
    if (round >= 0) samples.get(name)!.push(ns)
  }
}

function quantile(name: string, q: number): number {
  const sorted = [...samples.get(name)!].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * q)]!
}

console.log('| call | ns | spread (p10–p90) | × direct | adds ns |')
console.log('| --- | --- | --- | --- | --- |')
for (const message of ['tiny', 'order']) {
  const ns = (place: string) => samples.get(`${message}, ${place}`)!
  claim(`call: ${message} by a local stub, against a direct call`, ns('local stub'), ns('direct'))
  claim(`call: ${message} by a local stub, against isolated`, ns('local stub'), ns('isolated'))
  const direct = quantile(`${message}, direct`, 0.5)
  for (const place of ['direct', 'local stub', 'isolated']) {
    const name = `${message}, ${place}`
    const ns = quantile(name, 0.5)
    const spread = `${quantile(name, 0.1).toFixed(0)}–${quantile(name, 0.9).toFixed(0)}`
    console.log(
      `| ${name} | ${ns.toFixed(0)} | ${spread} | ${(ns / direct).toFixed(2)} | ${(ns - direct).toFixed(0)} |`,
    )
  }
}
await local.app.stop()
await isolated.app.stop()
