/** A small shop as it might be measured: Shop calls Cart, Checkout, Catalog and Ads; Checkout calls Cart and Email. */
import { checkedRequest } from '../../deployer/planner/check.ts'
import type { CallGraph, ComponentLoad, EdgeLoad, Placement, PlanRequest } from '../../deployer/planner/model.ts'

const MIB = 2 ** 20

export const full = (name: string) => `src/${name.toLowerCase()}.${name}`

export function shopGraph(change: Partial<Record<string, Partial<ComponentLoad>>> = {}, rate = 1): CallGraph {
  const component = (name: string, cpuMsPerSecond: number, mebibytes: number): ComponentLoad => ({
    name: full(name),
    cpuMsPerSecond: cpuMsPerSecond * rate,
    memoryBytes: mebibytes * MIB,
    ...change[name],
  })
  const edge = (caller: string, callee: string, method: string, calls: number, bytes: number): EdgeLoad => ({
    caller: full(caller),
    callee: full(callee),
    method,
    callsPerSecond: calls * rate,
    requestBytes: bytes / 4,
    replyBytes: bytes,
  })
  const call = (name: string, method: string, perCall: number, criticalShare: number) => ({
    component: full(name),
    method,
    perCall,
    criticalShare,
  })
  return {
    application: 'shop',
    windowSeconds: 60,
    components: [
      component('Shop', 150, 24),
      component('Cart', 40, 12),
      component('Checkout', 20, 6),
      component('Catalog', 60, 9),
      component('Ads', 20, 4),
      component('Email', 1, 3),
    ],
    edges: [
      edge('Shop', 'Catalog', 'list', 900, 3600),
      edge('Shop', 'Cart', 'items', 600, 250),
      edge('Shop', 'Ads', 'pick', 800, 120),
      edge('Shop', 'Checkout', 'place', 60, 500),
      edge('Checkout', 'Cart', 'items', 60, 250),
      edge('Checkout', 'Email', 'send', 2, 900),
    ],
    methods: [
      {
        component: full('Shop'),
        method: '(web)',
        ownMs: 0.4,
        calls: [
          call('Catalog', 'list', 0.9, 1),
          call('Cart', 'items', 0.6, 1),
          call('Ads', 'pick', 0.8, 0.5),
          call('Checkout', 'place', 0.06, 1),
        ],
      },
      { component: full('Catalog'), method: 'list', ownMs: 0.1, calls: [] },
      { component: full('Cart'), method: 'items', ownMs: 0.1, calls: [] },
      { component: full('Ads'), method: 'pick', ownMs: 0.3, calls: [] },
      {
        component: full('Checkout'),
        method: 'place',
        ownMs: 1,
        calls: [call('Cart', 'items', 1, 1), call('Email', 'send', 0.03, 1)],
      },
      { component: full('Email'), method: 'send', ownMs: 3, calls: [] },
    ],
    entries: [{ name: 'web', component: full('Shop'), method: '(web)', requestsPerSecond: 1000 * rate }],
    costs: {
      remoteCallUs: { caller: 9, callee: 8 },
      remoteKibUs: { caller: 1.5, callee: 1.5 },
      localCallUs: 0.1,
      localKibUs: 0.2,
      hopUs: 60,
      processCpuMsPerSecond: 3,
      processMemoryBytes: 46 * MIB,
      moveCpuMs: 150,
    },
  }
}

/** Groups by short names; the first of each names it. */
export function placed(...groups: string[][]): Placement {
  return groups.map((names) => ({ name: names[0]!.toLowerCase(), components: names.map(full), replicas: 1 }))
}

export const TOGETHER = placed(['Shop', 'Cart', 'Checkout', 'Catalog', 'Ads', 'Email'])
export const APART = placed(['Shop'], ['Cart'], ['Checkout'], ['Catalog'], ['Ads'], ['Email'])

export function requestOf(graph: CallGraph, today: Placement, rules: object = {}): PlanRequest {
  return checkedRequest({ graph, today, rules }, 'graph.json')
}

/** `shop cart | ads`, by short names. */
export function shown(placement: Placement): string {
  return placement
    .map(({ components }) => components.map((name) => name.slice(name.lastIndexOf('.') + 1)).join(' '))
    .sort()
    .join(' | ')
}
