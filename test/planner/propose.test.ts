/** Plans for a shop: what moves and why, what pins and limits do, what-if, and what can't be planned for. */
import { describe, expect, test } from 'vitest'
import { checkedRequest } from '../../deployer/planner/check.ts'
import { propose } from '../../deployer/planner/propose.ts'
import { whatIf } from '../../deployer/planner/what-if.ts'
import { APART, full, placed, requestOf, shopGraph, shown, TOGETHER } from './shop.ts'

/** Five milliseconds of the event loop a call, 80 calls a second. */
const HEAVY = { Ads: { cpuMsPerSecond: 400, blockMs: 5 } }
const SINGLE = { Cart: { replicasMax: 1 } }

describe('a plan', () => {
  test('from apart: what calls each other comes together, and each move says why', () => {
    const plan = propose(requestOf(shopGraph(SINGLE), APART))
    expect(shown(plan.placement)).toBe('Shop Cart Checkout Catalog Ads Email')
    expect(plan.proposed.remoteCallsPerSecond).toBe(0)
    expect(plan.moves.map(({ reason }) => reason)[0]).toBe(
      'Catalog → with Shop, Cart and 3 others: 900 calls/s between them cost 26.3 ms/s of CPU apart',
    )
    expect(plan.moves).toHaveLength(5)
    expect(plan.summary).toMatch(/^5 moves save 68 ms\/s of CPU; a request of web takes \d+ µs less\.$/)
    expect(plan.runnerUp?.why).toMatch(/^It costs the worth of .+ more: .+ more for processes/)
  })

  test('a component that holds the event loop goes to a process of its own, and comes back with the load gone', () => {
    const heavy = propose(requestOf(shopGraph({ ...HEAVY, ...SINGLE }), TOGETHER))
    expect(shown(heavy.placement)).toBe('Ads | Shop Cart Checkout Catalog Email')
    expect(heavy.moves).toHaveLength(1)
    expect(heavy.moves[0]).toMatchObject({ components: [full('Ads')], from: 'shop', to: 'ads', isNew: true })
    expect(heavy.moves[0]!.reason).toMatch(
      /^Ads → a process of its own: what comes to shop waits .+ ms for its turn, .+ µs without, as it holds the event loop for 5 ms at a time$/,
    )
    const light = propose(requestOf(shopGraph(SINGLE), heavy.placement))
    expect(shown(light.placement)).toBe('Shop Cart Checkout Catalog Ads Email')
    expect(light.moves[0]).toMatchObject({ components: [full('Ads')], from: 'ads', to: 'shop', isNew: false })
  })

  test('over the bound: the reason is the bound, and the summary says that it is kept again', () => {
    const graph = shopGraph({ Ads: { cpuMsPerSecond: 690, blockMs: 0.01 }, ...SINGLE })
    const plan = propose(requestOf(graph, TOGETHER))
    expect(plan.today.broken).toEqual(['shop is 96 % busy, over the bound of 70 %, and Cart allows no second replica.'])
    expect(plan.moves[0]!.reason).toMatch(
      /^Ads → a process of its own: shop is 96 % busy, over the bound of 70 %; 2\d % without$/,
    )
    expect(plan.summary).toMatch(/^One move keeps to every bound again; /)
    expect(plan.proposed.broken).toEqual([])
    expect(plan.runnerUp?.why).toMatch(/^It costs the worth of .+ more: .+ more for processes, /)
  })

  test('at today’s optimum nothing moves, and the runner-up says what others cost', () => {
    const plan = propose(requestOf(shopGraph(SINGLE), TOGETHER))
    expect(plan.moves).toEqual([])
    expect(plan.summary).toBe('Nothing moves: no other placement was found to cost less.')
    expect(plan.placement).toEqual(TOGETHER.map((group) => ({ ...group })))
  })

  test('a gain that its moves do not pay for is named and left', () => {
    const graph = shopGraph(SINGLE)
    graph.costs.moveCpuMs = 60_000
    const plan = propose(requestOf(graph, placed(['Shop', 'Cart', 'Checkout', 'Catalog', 'Ads'], ['Email'])))
    expect(plan.moves).toEqual([])
    expect(plan.summary).toMatch(
      /^Nothing moves: 9\.\d+ ms\/s of CPU could be gained, less than the moves cost and measuring is sure of\.$/,
    )
    expect(plan.runnerUp?.why).toMatch(/its 1 move would not pay for that\.$/)
  })

  test.each([
    ['apart', { apart: [['Cart', 'Ads']] }, 'Cart Checkout Email | Shop Catalog Ads'],
    ['alone', { alone: ['Catalog'] }, 'Catalog | Shop Cart Checkout Ads Email'],
    ['together', { together: [['Email', 'Ads']] }, 'Shop Cart Checkout Catalog Ads Email'],
  ])('pinned %s', (_, pins, expected) => {
    const plan = propose(requestOf(shopGraph(SINGLE), APART, { pins }))
    expect(shown(plan.placement)).toBe(expected)
    expect(plan.proposed.broken).toEqual([])
  })

  test('what is fixed keeps its group, and others come to it', () => {
    const graph = shopGraph({ Shop: { fixed: true }, Cart: { fixed: true } })
    const plan = propose(requestOf(graph, APART))
    expect(plan.placement.find(({ components }) => components.includes(full('Cart')))!.name).toBe('cart')
    expect(plan.placement.find(({ components }) => components.includes(full('Shop')))!.name).toBe('shop')
    expect(plan.moves.flatMap(({ components }) => components)).not.toContain(full('Cart'))
  })

  test.each(['Shop', 'Cart', 'Checkout', 'Catalog', 'Ads', 'Email'])(
    'fixed alone, %s has the others come to it',
    (name) => {
      const plan = propose(requestOf(shopGraph({ [name]: { ...SINGLE.Cart, fixed: true } }), APART))
      expect(plan.placement.map((group) => group.name)).toEqual([name.toLowerCase()])
      expect(plan.moves.flatMap(({ components }) => components)).not.toContain(full(name))
    },
  )

  test('a load that needs replicas gets them where they are allowed', () => {
    const plan = propose(requestOf(shopGraph({}, 4), TOGETHER))
    expect(plan.proposed.groups.every(({ utilisation }) => utilisation <= 0.7)).toBe(true)
    expect(plan.proposed.processes).toBeGreaterThan(1)
    expect(plan.proposed.broken).toEqual([])
  })

  test('the same request gives the same plan', () => {
    const request = requestOf(shopGraph(HEAVY), APART)
    expect(propose(request)).toEqual(propose(request))
  })

  test('a latency that was measured is where the predicted one starts from', () => {
    const graph = shopGraph(SINGLE)
    graph.entries[0]!.meanMs = 7
    const plan = propose(requestOf(graph, APART))
    expect(plan.today.entries[0]!.latencyMs).toBeCloseTo(7, 9)
    expect(plan.proposed.entries[0]!.latencyMs).toBeLessThan(7)
  })
})

describe('what if', () => {
  const request = requestOf(shopGraph(SINGLE), placed(['Shop', 'Catalog', 'Ads', 'Email'], ['Cart'], ['Checkout']))
  const ask = (wish: string) => whatIf(request, wish, '--what-if')

  test('Cart with Checkout', () => {
    const { wish, placement, verdict } = ask('Cart with Checkout')
    expect(wish).toBe('Cart with Checkout')
    expect(shown(placement)).toBe('Checkout Cart | Shop Catalog Ads Email')
    expect(verdict).toMatch(
      /^Cart with Checkout saves the worth of .+: .+ less for processes, .+; 60 calls\/s fewer leave their process\.$/,
    )
  })

  test('Ads apart', () => {
    const { placement, verdict } = ask('Ads apart')
    expect(shown(placement)).toBe('Ads | Cart | Checkout | Shop Catalog Email')
    expect(verdict).toMatch(
      /^Ads apart costs the worth of .+; 800 calls\/s more leave their process; a request of web takes .+ more\.$/,
    )
  })

  test('several at once, and what is so already', () => {
    expect(shown(ask('Cart, Email with Checkout').placement)).toBe('Checkout Cart Email | Shop Catalog Ads')
    expect(ask('Cart apart').verdict).toBe('Cart apart: that is how it is today.')
    expect(ask('Ads with Shop').verdict).toBe('Ads with Shop: that is how it is today.')
  })

  test.each([
    ['Crt with Checkout', '--what-if: there is no component "Crt"; did you mean "Cart"?'],
    ['Cart with Cart', "--what-if: Cart can't be asked to go with itself."],
    [
      'Cart',
      `--what-if: "Cart" is no wish that I know; write 'Cart with Checkout', 'Cart apart', or 'Cart, Ads with Checkout'.`,
    ],
  ])('%s', (wish, message) => {
    expect(() => ask(wish)).toThrow(message)
  })
})

describe('a request that can not be planned for', () => {
  const broken: [string, (request: ReturnType<typeof all>) => void, string][] = [
    ['no object', (request) => Object.assign(request, { graph: 3 }), 'g.json: "graph" must be an object; it is 3.'],
    [
      'no list',
      (request) => Object.assign(request.graph, { edges: {} }),
      'g.json: "graph.edges" must be a list; it is {}.',
    ],
    [
      'nothing in it',
      (request) => {
        request.graph.components = []
      },
      'g.json: the graph has no components; record it from a deployment that runs.',
    ],
    [
      'a negative rate',
      (request) => {
        request.graph.edges[0]!.callsPerSecond = -1
      },
      'g.json: "graph.edges[0].callsPerSecond" must be a number, 0 or more; it is -1.',
    ],
    [
      'an unknown callee',
      (request) => {
        request.graph.edges[0]!.callee = 'src/crt.Cart'
      },
      'g.json: there is no component "src/crt.Cart"; did you mean "src/cart.Cart"?',
    ],
    [
      'a component twice',
      (request) => {
        request.graph.components.push(request.graph.components[0]!)
      },
      'g.json: the component "src/shop.Shop" is there twice; its name must be unique.',
    ],
    [
      'one in no group',
      (request) => {
        request.today = placed(['Shop'])
      },
      `g.json: the component "src/cart.Cart" is in no group of today's placement.`,
    ],
    [
      'one in two groups',
      (request) => {
        request.today = [...TOGETHER, ...placed(['Ads'])]
      },
      `g.json: the component "src/ads.Ads" is in two groups of today's placement.`,
    ],
    [
      'contrary pins',
      (request) => {
        request.rules = { pins: { together: [['Ads', 'Cart']], apart: [['Cart', 'Ads']] } }
      },
      'g.json: Cart and Ads are pinned together and apart; keep one of the two.',
    ],
    [
      'a misspelt pin',
      (request) => {
        request.rules = { pins: { alone: ['Adds'] } }
      },
      'g.json: there is no component "Adds"; did you mean "Ads"?',
    ],
    [
      'no constants',
      (request) => {
        Object.assign(request.graph.costs, { hopUs: null })
      },
      'g.json: "graph.costs.hopUs" must be a number, 0 or more; it is null.',
    ],
  ]
  function all(): { graph: ReturnType<typeof shopGraph>; today: typeof TOGETHER; rules: object } {
    return { graph: shopGraph(), today: TOGETHER, rules: {} }
  }
  test.each(broken)('%s', (_, spoil, message) => {
    const request = all()
    spoil(request)
    expect(() => checkedRequest(request, 'g.json')).toThrow(message)
  })
})
