/**
 * TCP, TLS and gRPC between two network namespaces, which stand for two machines: a call crosses, and a cable that is pulled is noticed at
 * the calling end in bounded time. Makes its own namespace and removes it; needs root and iproute2, and says so where it is skipped.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { App } from '../../runtime/app.ts'
import type { ServedOptions } from './apps/served.ts'
import { identityOf } from './identities.ts'
import { appOptions, CART, CHECKOUT, rejection, replica, shopDescriptor, stubsOf } from './shop.ts'

const ID = process.pid % 10_000
const NAMESPACE = `weavets${ID}`
const [NEAR, FAR] = [`wv${ID}a`, `wv${ID}b`]
/** A private network that hardly anybody has: 10.231.<test>.0/30. */
const SUBNET = `10.231.${ID % 256}`

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'pipe' })

function namespacesWork(): boolean {
  try {
    ip('netns', 'add', `${NAMESPACE}try`)
    ip('netns', 'del', `${NAMESPACE}try`)
    return true
  } catch {
    console.warn('skipped: namespaces.test.ts needs "ip netns add", which needs root and iproute2')
    return false
  }
}

describe.skipIf(!namespacesWork())('between two machines', () => {
  beforeAll(() => {
    ip('netns', 'add', NAMESPACE)
    ip('link', 'add', NEAR, 'type', 'veth', 'peer', 'name', FAR, 'netns', NAMESPACE)
    ip('addr', 'add', `${SUBNET}.1/30`, 'dev', NEAR)
    ip('link', 'set', NEAR, 'up')
    ip('-n', NAMESPACE, 'addr', 'add', `${SUBNET}.2/30`, 'dev', FAR)
  })
  afterAll(() => ip('netns', 'del', NAMESPACE))

  const closing: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  for (const kind of ['tcp', 'tls', 'grpc']) {
    test(`${kind}: calls cross, and a pulled cable is noticed`, async () => {
      ip('-n', NAMESPACE, 'link', 'set', FAR, 'up')
      const file = join(import.meta.dirname, 'apps', 'served.ts')
      const child = spawn('ip', ['netns', 'exec', NAMESPACE, process.execPath, file], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      closing.push(async () => {
        child.kill('SIGKILL')
        await once(child, 'close')
      })
      const options: ServedOptions = {
        address: `${kind}://${SUBNET}.2:0`,
        identity: identityOf('cart'),
        silenceMs: 300,
      }
      child.stdin.write(`${JSON.stringify(options)}\n`)
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      const { value: address } = (await lines.next()) as { value: string }
      expect(address).toMatch(new RegExp(`^${kind}://${SUBNET}\\.2:\\d+$`))
      const client = new App(
        appOptions(shopDescriptor(), {
          hosted: new Set([CHECKOUT]),
          process: 'checkout-1',
          group: 'checkout',
          identity: identityOf('checkout'),
          calls: { silenceMs: 300 },
        }),
      )
      closing.push(() => client.stop())
      client.route(CART, [replica(address, { group: 'cart' })])
      const { cart } = stubsOf(client)
      await cart.add('ada', { productId: 'mug', quantity: 1 })
      expect(await cart.items('ada')).toEqual([{ productId: 'mug', quantity: 1 }])
      const held = rejection(cart.heldOnce('a'))
      expect((await lines.next()).value).toBe('held a')
      // Its end goes down: packets vanish, and nobody is told.
      ip('-n', NAMESPACE, 'link', 'set', FAR, 'down')
      expect(await held).toMatchObject({ code: 'WV_UNAVAILABLE', executed: 'maybe' })
      // Plugged in again, the process is found again.
      const items = cart.items('ada')
      ip('-n', NAMESPACE, 'link', 'set', FAR, 'up')
      expect(await items).toEqual([{ productId: 'mug', quantity: 1 }])
    })
  }
})
