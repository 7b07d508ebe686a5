/**
 * The Online Boutique when processes fail: one that hangs must not take a page with it, one that dies must lose no more than it
 * had in hand. Kills follow the requests' progress, not a clock.
 */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Deployment, deploy, repository } from './deployment.ts'

const boutique = join(repository, 'fixtures', 'boutique')

function pidOf(shop: Deployment, name: string): number {
  const started = shop.events.filter((event) => event.type === 'process-started')
  return started.findLast((event) => event.process === name)!.pid
}

describe('boutique, apart', () => {
  test('the home page survives ads that hang', async () => {
    await using shop = deploy(boutique, '--placement', 'apart')
    const { url } = await shop.event('listener')
    await shop.event('ready')
    const advertises = async () => {
      const response = await fetch(url)
      expect(response.status).toBe(200)
      return /class="banner"/.test(await response.text())
    }
    expect(await advertises()).toBe(true)
    const ads = pidOf(shop, 'ads-1')
    process.kill(ads, 'SIGSTOP')
    try {
      expect(await advertises()).toBe(false)
    } finally {
      process.kill(ads, 'SIGCONT')
    }
    await expect.poll(advertises, { timeout: 10_000 }).toBe(true)
  })

  test('pages made of idempotent calls do not fail when any process but the frontend dies', {
    timeout: 120_000,
  }, async () => {
    await using shop = deploy(boutique, '--placement', 'apart')
    const { url } = await shop.event('listener')
    const { processes } = await shop.event('deploying')
    await shop.event('ready')
    const victims = processes.map(({ process }) => process).filter((name) => name !== 'main-1')
    expect(victims).toHaveLength(10)
    for (const victim of victims) {
      const pid = pidOf(shop, victim)
      const pages = ['/', '/product/OLJCESPC7Z', '/cart'].flatMap((path) =>
        Array.from({ length: 5 }, () => fetch(url + path)),
      )
      process.kill(pid, 'SIGKILL')
      const after = ['/', '/product/OLJCESPC7Z', '/cart'].map((path) => fetch(url + path))
      for (const response of await Promise.all([...pages, ...after]))
        expect(response.status, `${victim}: ${response.url}`).toBe(200)
      await shop.event('process-ready', (event) => event.process === victim && event.pid !== pid)
    }
    expect(shop.events.filter((event) => event.type === 'process-exited')).toHaveLength(victims.length)
  })

  test('with 2 replicas of the frontend, the shop stays open when one dies', async () => {
    await using shop = deploy(boutique, '--placement', 'together', '--replicas', '2')
    const { url } = await shop.event('listener')
    await shop.event('ready')
    const pid = pidOf(shop, 'main-1')
    process.kill(pid, 'SIGKILL')
    await shop.event('process-exited')
    for (let request = 0; request < 20; request++) {
      const response = await fetch(url, { headers: { connection: 'close' } })
      expect(response.status).toBe(200)
    }
    await shop.event('process-ready', (event) => event.process === 'main-1' && event.pid !== pid)
  })

  test('with 2 replicas of all in one process each, a cart follows its user to the replica that owns it', async () => {
    await using shop = deploy(boutique, '--placement', 'together', '--replicas', '2')
    const { url } = await shop.event('listener')
    await shop.event('ready')
    // New connections are balanced over both frontends; whichever serves the page, the cart is one.
    const request = (path: string, init: RequestInit = {}) =>
      fetch(url + path, { ...init, redirect: 'manual', headers: { ...init.headers, connection: 'close' } })
    for (let user = 0; user < 8; user++) {
      const cookie = `shop_session-id=${crypto.randomUUID()}`
      for (const id of ['OLJCESPC7Z', '66VCHSJNUP', '1YMWWN1N4O', 'L9ECAV7KIM']) {
        const body = new URLSearchParams({ product_id: id, quantity: '1' })
        expect((await request('/cart', { method: 'POST', body, headers: { cookie } })).status).toBe(302)
      }
      for (let look = 0; look < 4; look++) {
        const page = await (await request('/cart', { headers: { cookie } })).text()
        for (const name of ['Lido', 'Breeze', 'Meridian', 'Corso']) expect(page).toContain(name)
      }
    }
  })
})
