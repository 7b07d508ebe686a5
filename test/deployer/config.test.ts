import { describe, expect, test } from 'vitest'
import { checkConfigAgainst } from '../../deployer/config/application.ts'
import { type ConfigProblem, sentenceOf } from '../../deployer/config/problem.ts'
import { checkConfig, checkPlacement } from '../../deployer/config/settings.ts'
import type { WeaveConfig } from '../../runtime/config/configuration.ts'
import { manifestOf, shop } from './manifests.ts'

const texts = (problems: readonly ConfigProblem[], where = 'weave.config.ts') =>
  problems.map((problem) => sentenceOf(problem, where))

describe('the shape of a config', () => {
  test('a config with everything is right', () => {
    const config: WeaveConfig = {
      name: 'shop',
      entry: 'src/main.ts',
      config: { Shop: { title: 'x' } },
      listeners: { web: { host: '0.0.0.0', port: 8080 }, admin: {} },
      placement: { groups: [['Cart', 'Checkout']] },
      replicas: { Cart: 64 },
      transport: 'tls',
      implementations: { Cart: 'RedisCart' },
    }
    expect(checkConfig(config)).toEqual([])
    expect(checkConfig({ placement: 'apart', replicas: 2 })).toEqual([])
    expect(checkConfig({ name: undefined })).toEqual([])
  })

  const wrong: [unknown, string[]][] = [
    [null, ['weave.config.ts: the config must be an object; it is null.']],
    [[], ['weave.config.ts: the config must be an object; it is an empty list.']],
    [{ listenrs: {} }, ['weave.config.ts: "listenrs" is not a setting; did you mean "listeners"?']],
    [
      { color: 1 },
      [
        'weave.config.ts: "color" is not a setting; there are "name", "entry", "config", "listeners", "placement", "replicas", "pins", "singletons", "transport", "routing", "calls", "health", "implementations", "types", "diagnostics".',
      ],
    ],
    [{ name: '' }, ['weave.config.ts: "name" must be a string that is not empty; it is the string "".']],
    [{ entry: 3 }, ['weave.config.ts: "entry" must be a string that is not empty; it is 3.']],
    [{ config: { Cart: 'x' } }, ['weave.config.ts: "config.Cart" must be an object; it is the string "x".']],
    [
      { listeners: [] },
      ['weave.config.ts: "listeners" must be an object of listener names and their addresses; it is an empty list.'],
    ],
    [
      { listeners: { web: { prot: 1, port: '80' } } },
      [
        'weave.config.ts: "listeners.web.prot" is not a setting; did you mean "port"?',
        'weave.config.ts: "listeners.web.port" must be a whole number from 0 to 65535; it is the string "80".',
      ],
    ],
    [{ replicas: 0 }, ['weave.config.ts: "replicas" must be a whole number from 1 to 64; it is 0.']],
    [{ replicas: 65 }, ['weave.config.ts: "replicas" must be a whole number from 1 to 64; it is 65.']],
    [{ replicas: { Cart: 1.5 } }, ['weave.config.ts: "replicas.Cart" must be a whole number from 1 to 64; it is 1.5.']],
    [
      { placement: 'appart' },
      [
        'weave.config.ts: "placement" must be "together", "apart", "auto" or { groups: [["Cart", "Checkout"], …] }; it is the string "appart".',
      ],
    ],
    [
      { placement: { groups: 'x' } },
      ['weave.config.ts: "placement.groups" must be a list of lists of component names; it is the string "x".'],
    ],
    [
      { placement: { groups: [[], ['Cart', 1]] } },
      [
        'weave.config.ts: "placement.groups[0]" must be a list of component names; it is an empty list.',
        'weave.config.ts: "placement.groups[1][1]" must be a string that is not empty; it is 1.',
      ],
    ],
    [
      { transport: 'tsl' },
      [
        'weave.config.ts: "transport" must be "unix", "tcp", "tls" or "grpc"; it is the string "tsl"; did you mean "tls"?',
      ],
    ],
    [
      { calls: { silenceMs: 10, queueMs: '1s', retries: 3 } },
      [
        'weave.config.ts: "calls.retries" is not a setting; there are "silenceMs", "queueMs".',
        'weave.config.ts: "calls.silenceMs" must be a whole number from 200 to 600000; it is 10.',
        'weave.config.ts: "calls.queueMs" must be a whole number from 10 to 600000; it is the string "1s".',
      ],
    ],
    [
      { routing: { rebalance: 'no', rebalanceEveryMs: 10, churnMax: 0.6, churn: 1 } },
      [
        'weave.config.ts: "routing.churn" is not a setting; there are "rebalance", "rebalanceEveryMs", "churnMax".',
        'weave.config.ts: "routing.rebalance" must be true or false; it is the string "no".',
        'weave.config.ts: "routing.rebalanceEveryMs" must be a whole number from 5000 to 86400000; it is 10.',
        'weave.config.ts: "routing.churnMax" must be a number from 0.001 to 0.5; it is 0.6.',
      ],
    ],
    [
      { health: { silentMs: 20_000, killMs: 10, after: 1 } },
      [
        'weave.config.ts: "health.after" is not a setting; there are "silentMs", "killMs".',
        'weave.config.ts: "health.killMs" must be a whole number from 2000 to 600000; it is 10.',
        'weave.config.ts: "health.killMs" must be no less than "health.silentMs", 20000; it is 10.',
      ],
    ],
    [
      { health: { silentMs: 20_000 } },
      ['weave.config.ts: "health.killMs" must be no less than "health.silentMs", 20000; it is 15000.'],
    ],
    [
      { pins: { together: ['Cart'], apart: [['Cart']], alone: 'Cart', with: [] } },
      [
        'weave.config.ts: "pins.with" is not a setting; there are "together", "apart", "alone".',
        'weave.config.ts: "pins.together[0]" must be a list of 2 component names or more; it is the string "Cart".',
        'weave.config.ts: "pins.apart[0]" must be a list of 2 component names or more; it is a list.',
        'weave.config.ts: "pins.alone" must be a list of component names; it is the string "Cart".',
      ],
    ],
    [{ singletons: ['Cart', 1] }, ['weave.config.ts: "singletons[1]" must be a string that is not empty; it is 1.']],
    [{ transport: 1 }, ['weave.config.ts: "transport" must be "unix", "tcp", "tls" or "grpc"; it is 1.']],
    [
      { implementations: { Cart: null } },
      ['weave.config.ts: "implementations.Cart" must be a string that is not empty; it is null.'],
    ],
  ]
  test.each(wrong)('%j', (config, messages) => {
    expect(texts(checkConfig(config))).toEqual(messages)
  })

  test('a placement file says its name', () => {
    expect(texts(checkPlacement({ group: [] }), 'placement.json')).toEqual([
      'placement.json: "placement.group" is not a setting; did you mean "groups"?',
      'placement.json: "placement.groups" must be a list of lists of component names; it is undefined.',
    ])
  })
})

describe('a config against the application', () => {
  const wrong: [WeaveConfig, string[]][] = [
    [{ config: { Crat: {} } }, ['weave.config.ts: config: there is no component "Crat"; did you mean "Cart"?']],
    [{ replicas: { Carts: 2 } }, ['weave.config.ts: replicas: there is no component "Carts"; did you mean "Cart"?']],
    [
      { implementations: { Payment: 'X' } },
      ['weave.config.ts: implementations: there is no component "Payment"; there are "Cart", "Checkout", "Shop".'],
    ],
    [{ listeners: { wbe: {} } }, ['weave.config.ts: listeners: there is no listener "wbe"; did you mean "web"?']],
    [
      { placement: { groups: [['Cart', 'Chekout'], ['src/cart.Cart']] } },
      [
        'weave.config.ts: placement: there is no component "Chekout"; did you mean "Checkout"?',
        'weave.config.ts: placement: "src/cart.Cart" is placed twice; a component lives in one group.',
      ],
    ],
    [
      { pins: { together: [['Cart', 'Chekout']], apart: [['Cart', 'src/cart.Cart']] } },
      [
        'weave.config.ts: pins: there is no component "Chekout"; did you mean "Checkout"?',
        'weave.config.ts: pins: "src/cart.Cart" is named twice; keep one.',
      ],
    ],
    [
      {
        pins: {
          together: [
            ['Cart', 'Checkout'],
            ['Checkout', 'Shop'],
          ],
          apart: [['Shop', 'Cart']],
          alone: ['Checkout'],
        },
      },
      [
        'weave.config.ts: pins: Shop and Cart are pinned together and apart; keep one of the two.',
        'weave.config.ts: pins: Checkout is pinned to a process of its own and together with others; keep one of the two.',
      ],
    ],
    [
      { placement: { groups: [['Cart', 'Checkout']] }, pins: { apart: [['Cart', 'Checkout']] } },
      [
        'weave.config.ts: placement: Cart and Checkout share groups[0], though they are pinned apart; change one of the two.',
      ],
    ],
    [
      { placement: { groups: [['Cart'], ['Checkout', 'Shop']] }, pins: { together: [['Cart', 'Checkout']] } },
      [
        'weave.config.ts: placement: Cart is in groups[0] and Checkout in groups[1], though they are pinned together; change one of the two.',
      ],
    ],
    [
      // Checkout comes along with Cart.
      {
        placement: { groups: [['Cart', 'Shop']] },
        pins: { together: [['Cart', 'Checkout']], apart: [['Shop', 'Checkout']] },
      },
      [
        'weave.config.ts: placement: Shop and Checkout share groups[0], though they are pinned apart; change one of the two.',
      ],
    ],
    [
      { replicas: { Cart: 2 }, singletons: ['Cart'] },
      ['weave.config.ts: "replicas.Cart" is 2, but "singletons" names it; leave one of them out.'],
    ],
    [
      { replicas: { Checkout: { min: 1, max: 4 } }, singletons: ['Cart'], pins: { together: [['Cart', 'Checkout']] } },
      [
        'weave.config.ts: "replicas.Checkout" is 4, but it is pinned together with Cart, a singleton; leave one of them out.',
      ],
    ],
    [
      { config: { Cart: {} } },
      [
        'weave.config.ts: "config.Cart" is read by nobody: the constructor of Cart has no Config<…> parameter; give it one, or remove the section.',
      ],
    ],
  ]
  test.each(wrong)('%j', (config, messages) => {
    expect(texts(checkConfigAgainst(config, shop))).toEqual(messages)
  })

  test('sections are checked against the types of the Config<T> parameters', () => {
    const manifest = manifestOf({
      'src/shop.Shop': {
        config: {
          kind: 'object',
          members: [
            { name: 'rate', shape: { kind: 'number' }, optional: true },
            { name: 'title', shape: { kind: 'string' } },
          ],
        },
      },
    })
    expect(checkConfigAgainst({ config: { Shop: { title: 'x', rate: 2 } } }, manifest)).toEqual([])
    expect(texts(checkConfigAgainst({}, manifest))).toEqual([
      'weave.config.ts: config.Shop.title is missing; it must be string.',
    ])
    expect(texts(checkConfigAgainst({ config: { Shop: { titel: 'x', rate: '2' } } }, manifest)).sort()).toEqual([
      'weave.config.ts: "config.Shop.titel" is not a setting; did you mean "title"?',
      expect.stringContaining('weave.config.ts: config.Shop.rate must be number'),
      'weave.config.ts: config.Shop.title is missing; it must be string.',
    ])
  })

  test('a listener that two components have, and an address that two listeners have', () => {
    const manifest = manifestOf({ 'a.Admin': { listeners: ['web'] }, 'a.Shop': { listeners: ['web', 'api'] } })
    const config = { listeners: { web: { port: 8080 }, api: { host: '127.0.0.1', port: 8080 } } }
    expect(texts(checkConfigAgainst(config, manifest))).toEqual([
      'weave.config.ts: the listener "web" belongs to Admin and to Shop; a listener is named after its constructor parameter, so rename one of the two.',
      'weave.config.ts: listeners "web" and "api" have the same address, 127.0.0.1:8080; give one another port.',
    ])
  })
})
