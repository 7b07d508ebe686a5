/**
 * The Online Boutique in a real browser, on every placement: browse, change the currency, fill a cart, check out, see the order.
 * A placement is added by adding a row. Screenshots are kept for people to look at (browser.ts says where).
 */
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser, screenshots } from './browser.ts'
import { deploy, repository } from './deployment.ts'

const boutique = join(repository, 'fixtures', 'boutique')
const placements = [
  { name: 'together', flags: ['--placement', 'together'], processes: 1 },
  { name: 'apart', flags: ['--placement', 'apart'], processes: 11 },
  { name: 'apart, 2 replicas of each', flags: ['--placement', 'apart', '--replicas', '2'], processes: 22 },
]

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

for (const { name, flags, processes } of placements)
  describe(`boutique, ${name}`, () => {
    test('a customer buys a pair of sunglasses', { timeout: 120_000 }, async () => {
      await using shop = deploy(boutique, ...flags)
      const { url } = await shop.event('listener')
      await shop.event('ready')
      expect(shop.events.filter((event) => event.type === 'process-started')).toHaveLength(processes)

      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
      const shoot = (what: string) =>
        page.screenshot({ path: join(screenshots, `${name.replace(/\W+/g, '-')}-${what}.png`), fullPage: true })
      const broken: string[] = []
      page.on(
        'response',
        (response) => response.status() >= 400 && broken.push(`${response.status()} ${response.url()}`),
      )

      await page.goto(url)
      expect(await page.locator('main a[href^="/product/"]').count()).toBeGreaterThanOrEqual(9)
      await shoot('home')

      await page.locator('select[name=currency_code]').selectOption('EUR')
      // The page submits by script or by a button, whichever it has.
      const apply = page.locator('form[action="/setCurrency"] button:visible')
      if ((await apply.count()) > 0) await apply.first().click()
      await expect.poll(() => page.locator('main').innerText()).toContain('€')

      await page.goto(`${url}/product/OLJCESPC7Z`)
      await page
        .locator('[name=quantity]')
        .first()
        .selectOption('2')
        .catch(() => page.locator('[name=quantity]').first().fill('2'))
      await shoot('product')
      await page.locator('form[action="/cart"] button').first().click()
      await page.waitForURL('**/cart')
      expect(await page.locator('main').innerText()).toMatch(/Sunglasses/i)
      await shoot('cart')

      for (const [field, value] of Object.entries({
        email: 'ada@example.com',
        street_address: '12 Analytical Row',
        zip_code: '94043',
        city: 'London',
        state: 'LDN',
        country: 'United Kingdom',
        credit_card_number: '4432-8015-6152-0454',
        credit_card_cvv: '672',
      }))
        await page.locator(`[name=${field}]`).fill(value)
      await page.locator('form[action="/cart/checkout"] button').first().click()
      await page.waitForURL('**/cart/checkout')
      const order = await page.locator('main').innerText()
      expect(order).toMatch(/order/i)
      expect(order).toMatch(/tracking/i)
      expect(order).toContain('€')
      await shoot('order')

      await page.goto(`${url}/cart`)
      expect(await page.locator('main').innerText()).toMatch(/nothing in it/i)
      expect(broken).toEqual([])
      await page.close()

      expect(await shop.stop()).toBe(0)
    })
  })
