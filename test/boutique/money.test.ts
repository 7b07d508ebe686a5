import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EURO_RATES } from '../../fixtures/boutique/src/currency/rates.ts'
import {
  add,
  CurrencyMismatch,
  convert,
  format,
  InvalidMoney,
  isZero,
  type Money,
  MoneyOverflow,
  money,
  multiply,
  roundToMinorUnit,
  sum,
} from '../../fixtures/boutique/src/money.ts'

/** The value as one integer: what the two fields mean. */
function nanos({ units, nanos }: Money): bigint {
  return BigInt(units) * 1_000_000_000n + BigInt(nanos)
}

const amounts = fc
  .tuple(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), fc.nat(999_999_999), fc.boolean())
  .map(([units, fraction, negative]) => {
    const sign = units < 0 || (units === 0 && negative) ? -1 : 1
    return money('USD', units, fraction === 0 ? 0 : sign * fraction)
  })

describe('arithmetic', () => {
  test('a sum is the sum of the nanos, with carry, borrow and one sign', () => {
    fc.assert(
      fc.property(amounts, amounts, (left, right) => {
        const total = add(left, right)
        expect(nanos(total)).toBe(nanos(left) + nanos(right))
        expect(total.units * total.nanos).toBeGreaterThanOrEqual(0)
        expect(Math.abs(total.nanos)).toBeLessThanOrEqual(999_999_999)
      }),
    )
  })

  test('multiplying is adding as often', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 20 }), (amount, count) => {
        expect(multiply(amount, count)).toEqual(sum('USD', Array<Money>(count).fill(amount)))
      }),
    )
  })

  test('converting into the smaller currency and back loses nothing', () => {
    // Rates in millionths, from a tenth of a euro to the rupiah's.
    const rates = fc.bigInt({ min: 100_000n, max: 20_000_000_000n })
    fc.assert(
      fc.property(amounts, rates, rates, (amount, numerator, denominator) => {
        fc.pre(numerator >= denominator)
        expect(convert(convert(amount, 'JPY', numerator, denominator), 'USD', denominator, numerator)).toEqual(amount)
      }),
    )
  })

  test('carries a nano over to the next unit', () => {
    expect(add(money('EUR', 1, 999_999_999), money('EUR', 0, 1))).toEqual(money('EUR', 2, 0))
    expect(add(money('EUR', 1, 0), money('EUR', 0, -1))).toEqual(money('EUR', 0, 999_999_999))
    expect(add(money('EUR', -1, 0), money('EUR', 0, 1))).toEqual(money('EUR', 0, -999_999_999))
  })

  test('rounds half away from zero', () => {
    expect(convert(money('USD', 0, 1), 'EUR', 1n, 2n)).toEqual(money('EUR', 0, 1))
    expect(convert(money('USD', 0, -1), 'EUR', 1n, 2n)).toEqual(money('EUR', 0, -1))
    expect(convert(money('USD', 0, 1), 'EUR', 1n, 3n)).toEqual(money('EUR', 0, 0))
  })

  test('rounds to what can be paid in that currency', () => {
    expect(roundToMinorUnit(money('USD', 1, 995_000_000))).toEqual(money('USD', 2, 0))
    expect(roundToMinorUnit(money('USD', -1, -994_999_999))).toEqual(money('USD', -1, -990_000_000))
    expect(roundToMinorUnit(money('JPY', 199, 500_000_000))).toEqual(money('JPY', 200, 0))
  })

  test('the sum of nothing is zero', () => {
    expect(isZero(sum('EUR', []))).toBe(true)
  })
})

describe('refusals', () => {
  test('two currencies in one sum', () => {
    const mixed = () => add(money('EUR', 1), money('USD', 1))
    expect(mixed).toThrow(CurrencyMismatch)
    expect(mixed).toThrow("An amount in USD can't be added to one in EUR; convert it first.")
  })

  test('an amount that can’t be counted exactly', () => {
    expect(() => multiply(money('USD', Number.MAX_SAFE_INTEGER), 2)).toThrow(MoneyOverflow)
    expect(() => add(money('USD', Number.MAX_SAFE_INTEGER, 999_999_999), money('USD', 0, 1))).toThrow(MoneyOverflow)
    expect(() => money('USD', 0.5)).toThrow(MoneyOverflow)
  })

  test('signs that differ, nanos out of range, half a piece, a code that is none', () => {
    expect(() => money('USD', 1, -1)).toThrow('units (1) and nanos (-1) must have the same sign.')
    expect(() => money('USD', 1, 1_000_000_000)).toThrow(InvalidMoney)
    expect(() => multiply(money('USD', 1), 1.5)).toThrow(InvalidMoney)
    expect(() => money('dollars', 1)).toThrow('"dollars" is not a currency code.')
  })
})

describe('format', () => {
  test.each([
    [money('USD', 1299, 0), '$1,299.00'],
    [money('USD', 0, 990_000_000), '$0.99'],
    [money('CAD', 0, -500_000_000), '-CA$0.50'],
    [money('JPY', 12_345, 0), '¥12,345'],
    [money('EUR', 1, 5_000_000), '€1.01'],
    [money('USD', Number.MAX_SAFE_INTEGER, 990_000_000), '$9,007,199,254,740,991.99'],
  ])('%o', (amount, text) => {
    expect(format(amount)).toBe(text)
  })

  test('knows every currency of the table', () => {
    for (const code of Object.keys(EURO_RATES)) expect(format(money(code, 1))).toMatch(/1/)
  })
})
