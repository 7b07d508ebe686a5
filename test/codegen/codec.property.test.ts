/** Properties of every codec that can be generated: what goes in comes out, what isn't of the type is named, bytes are never trusted. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explain, Mismatch } from '../../runtime/codec/mismatch.ts'
import { WeaveError } from '../../runtime/errors.ts'
import type { Shape } from '../../runtime/shape.ts'
import { codecOf } from './evaluate.ts'
import { isSame, objectsIn, sample, sitesOf } from './shapes.ts'

/** `WEAVE_RUNS=10000 npx vitest run test/codegen/codec.property.test.ts` for a longer look. */
const RUNS = { numRuns: Number(process.env.WEAVE_RUNS ?? 250) }

function hasJson(shape: Shape): boolean {
  return JSON.stringify(shape).includes('"kind":"json"')
}

describe('generated codecs', () => {
  const timeout = 30_000 + RUNS.numRuns * 100

  test(
    'decode(encode(v)) equals v, and explain finds nothing wrong with v',
    () => {
      fc.assert(
        fc.property(sample, ({ shape, definitions, value }) => {
          const codec = codecOf(shape, definitions)
          const decoded = codec.decode(codec.encode(value))
          expect(isSame(decoded, value)).toBe(true)
          expect(explain(shape, definitions, value, 'value')).toBeUndefined()
        }),
        RUNS,
      )
    },
    timeout,
  )

  test(
    'a co-located call passes an equal value that shares nothing',
    async () => {
      await fc.assert(
        fc.asyncProperty(sample, async ({ shape, definitions, value }) => {
          const codec = codecOf(shape, definitions)
          const copy = await codec.copy(value)
          expect(isSame(copy, value)).toBe(true)
          // Json is readonly to the bottom, so it is passed as it is.
          if (hasJson(shape) || Object.values(definitions).some(hasJson)) return
          const originals = objectsIn(value)
          expect([...objectsIn(copy)].filter((each) => originals.has(each))).toEqual([])
        }),
        RUNS,
      )
    },
    timeout,
  )

  test(
    'one wrong part is refused, and named by its path',
    () => {
      let faults = 0
      fc.assert(
        fc.property(sample, fc.nat(), ({ shape, definitions, value }, pick) => {
          const sites = sitesOf(shape, definitions, value, 'value')
          const site = sites[pick % sites.length]
          if (!site) return
          faults++
          // A function fits no type.
          site.put(() => 0)
          expect(() => codecOf(shape, definitions).encode(value)).toThrow(Mismatch)
          expect(explain(shape, definitions, value, 'value')?.path).toBe(site.path)
        }),
        RUNS,
      )
      expect(faults).toBeGreaterThan(RUNS.numRuns / 4)
    },
    timeout,
  )

  test(
    'any bytes give a value or a protocol error',
    () => {
      const bytes = fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ minLength: 1, maxLength: 8 }))
      fc.assert(
        fc.property(sample, bytes, fc.nat(), ({ shape, definitions, value }, noise, at) => {
          const codec = codecOf(shape, definitions)
          const good = codec.encode(value)
          const mutated = Buffer.from(good)
          for (const [offset, byte] of noise.slice(0, 3).entries()) {
            if (mutated.length > 0) mutated[(at + offset * 7) % mutated.length] = byte
          }
          for (const bad of [Buffer.from(noise), mutated, good.subarray(0, at % (good.length + 1))]) {
            try {
              codec.decode(bad)
            } catch (error) {
              if ((error as Error).message.endsWith('bytes were not read')) continue
              expect(error).toBeInstanceOf(WeaveError)
              expect((error as WeaveError).code).toBe('WV_PROTOCOL')
            }
          }
        }),
        RUNS,
      )
    },
    timeout,
  )
})
