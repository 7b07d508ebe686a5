/** Properties of every codec that can be generated: what goes in comes out, what isn't of the type is named, bytes are never trusted. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explain, Mismatch } from '../../runtime/codec/mismatch.ts'
import { Types } from '../../runtime/codec/table/types.ts'
import { WeaveError } from '../../runtime/errors.ts'
import { Facts } from '../../transformer/codegen/facts.ts'
import { Table } from '../../transformer/codegen/table.ts'
import { ANYTHING } from './anything.ts'
import { preparedCodecOf } from './evaluate.ts'
import { disguised } from './guises.ts'
import { OWN, ownCodecs } from './own.ts'
import { changeable, isSame, objectsIn } from './same.ts'
import { ownSample, type Sample } from './shapes.ts'
import { sitesOf } from './sites.ts'

/** `WEAVE_RUNS=10000 npx vitest run test/codegen/codec.property.test.ts` for a longer look. */
const RUNS = { numRuns: Number(process.env.WEAVE_RUNS ?? 250) }

const codecFor = ({ shape, definitions }: Sample, table = false) =>
  preparedCodecOf(shape, definitions, { ...OWN, table })

const explained = ({ shape, definitions }: Sample, given: unknown) =>
  explain(shape, definitions, given, 'value', ownCodecs)

/** Of a union, a value may fit two members that would each lose something of it: all that may be refused. */
function isAmbiguous(each: Sample): boolean {
  return explained(each, each.value)?.kind === 'ambiguous'
}

/** Json and what is readonly to the bottom can't be changed, and what is shared isn't copied: they are passed as they are. */
function isPassed({ shape, definitions }: Sample): boolean {
  return /"kind":"shared"|"kind":"json"(?!,"mutable")|"readonly"/.test(JSON.stringify([shape, definitions]))
}

const MISMATCH = 'a mismatch'

/** What a call gives or throws, to compare; what a getter or a proxy of the user's throws is his own. */
async function outcome(call: () => unknown): Promise<{ value?: unknown; refused?: string; tooDeep?: boolean }> {
  try {
    return { value: await call() }
  } catch (error) {
    if (error instanceof Mismatch) return { refused: MISMATCH, tooDeep: error.tooDeep }
    if (error instanceof WeaveError && error.code === 'WV_VALUE') return { refused: MISMATCH }
    return { refused: String(error).replace(/^.*revoked.*$/, 'a revoked proxy') }
  }
}

const timeout = 30_000 + RUNS.numRuns * 100

describe.each([
  ['functions', false],
  ['the table', true],
])('codecs made of %s', (_, table) => {
  test(
    'decode(encode(v)) equals v, and explain finds nothing wrong with v',
    async () => {
      await fc.assert(
        fc.asyncProperty(ownSample, async (each) => {
          if (isAmbiguous(each)) return
          const codec = await codecFor(each, table)
          const decoded = codec.decode(codec.encode(each.value))
          expect(isSame(decoded, each.value)).toBe(true)
          expect(explained(each, each.value)).toBeUndefined()
        }),
        RUNS,
      )
    },
    timeout,
  )

  test(
    'what a value is made of does not change what crosses',
    async () => {
      await fc.assert(
        fc.asyncProperty(ownSample, fc.infiniteStream(fc.nat(59)), async (each, chances) => {
          if (isAmbiguous(each)) return
          const codec = await codecFor(each, table)
          const guise = disguised(each.value, (below) => chances.next().value % below)
          const bytes = codec.encode(each.value)
          expect(codec.encode(guise).equals(bytes)).toBe(true)
          expect(codec.encode(await codec.copy(guise)).equals(bytes)).toBe(true)
          expect(explained(each, guise)).toBeUndefined()
        }),
        RUNS,
      )
    },
    timeout,
  )

  test(
    'whatever stands in the place of a value crosses, or is refused, here as there',
    async () => {
      await fc.assert(
        fc.asyncProperty(ownSample, fc.nat(), fc.constantFrom(...Object.keys(ANYTHING)), async (each, pick, name) => {
          const { shape, definitions, value } = each
          const sites = sitesOf(shape, definitions, value, 'value')
          const site = sites[pick % (sites.length + 1)]
          const other = ANYTHING[name]!()
          site?.put(other)
          const given = site ? value : other
          const codec = await codecFor(each, table)
          const sent = await outcome(() => codec.decode(codec.encode(given)))
          const copied = await outcome(() => codec.copy(given))
          expect(sent.refused ?? '').not.toMatch(/bug of weavets|TypeError/)
          expect((await outcome(() => explained(each, given))).value !== undefined).toBe(sent.refused === MISMATCH)
          // What can't be changed is passed as it is, and not looked at.
          const isLookedAt = new Facts(definitions).needsCopy(site?.shape ?? shape)
          if (isLookedAt && !isPassed(each)) expect(copied.refused).toBe(sent.refused)
          if (copied.refused === undefined && sent.refused === undefined && !isPassed(each))
            expect(isSame(copied.value, sent.value)).toBe(true)
        }),
        RUNS,
      )
    },
    timeout,
  )

  test(
    'a co-located call passes an equal value that shares nothing that can be changed',
    async () => {
      await fc.assert(
        fc.asyncProperty(ownSample, async (each) => {
          if (isAmbiguous(each)) return
          const { shape, definitions, value } = each
          const codec = await codecFor(each, table)
          const copy = await codec.copy(value)
          expect(isSame(copy, value)).toBe(true)
          const held = objectsIn(copy)
          expect(changeable(shape, definitions, value).filter((each) => held.has(each))).toEqual([])
        }),
        RUNS,
      )
    },
    timeout,
  )

  test(
    'one wrong part is refused, and named by its path',
    async () => {
      let faults = 0
      await fc.assert(
        fc.asyncProperty(ownSample, fc.nat(), async (each, pick) => {
          const { shape, definitions, value } = each
          const sites = sitesOf(shape, definitions, value, 'value')
          const site = sites[pick % sites.length]
          if (!site || isAmbiguous(each)) return
          faults++
          // A function fits no type.
          site.put(() => 0)
          const codec = await codecFor(each, table)
          expect(() => codec.encode(value)).toThrow(Mismatch)
          expect(explained(each, each.value)?.path).toBe(site.path)
        }),
        RUNS,
      )
      expect(faults).toBeGreaterThan(RUNS.numRuns / 4)
    },
    timeout,
  )

  test(
    'any bytes give a value or a protocol error',
    async () => {
      const bytes = fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ minLength: 1, maxLength: 8 }))
      await fc.assert(
        fc.asyncProperty(ownSample, bytes, fc.nat(), async (each, noise, at) => {
          if (isAmbiguous(each)) return
          const codec = await codecFor(each, table)
          const good = codec.encode(each.value)
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

describe('the table and functions', () => {
  test(
    'write the same bytes, make the same copies and refuse the same values in the same words',
    async () => {
      await fc.assert(
        fc.asyncProperty(ownSample, fc.nat(), fc.boolean(), async (each, pick, spoil) => {
          const { shape, definitions, value } = each
          const sites = spoil ? sitesOf(shape, definitions, value, 'value') : []
          sites[pick % sites.length]?.put(pick % 2 === 0 ? () => 0 : null)
          const [functions, table] = [await codecFor(each, false), await codecFor(each, true)]
          const encoded = await outcome(() => functions.encode(value))
          expect(await outcome(() => table.encode(value))).toEqual(encoded)
          const [copy, other] = [await outcome(() => functions.copy(value)), await outcome(() => table.copy(value))]
          expect(other.refused).toBe(copy.refused)
          expect(isSame(other.value, copy.value)).toBe(true)
        }),
        RUNS,
      )
    },
    timeout,
  )

  test(
    'read the same values from any bytes, or refuse them in the same words',
    async () => {
      await fc.assert(
        fc.asyncProperty(ownSample, fc.uint8Array({ maxLength: 8 }), fc.nat(), async (each, noise, at) => {
          if (isAmbiguous(each)) return
          const [functions, table] = [await codecFor(each, false), await codecFor(each, true)]
          const good = functions.encode(each.value)
          const bad = Buffer.from(good)
          for (const [offset, byte] of noise.entries()) bad[(at + offset * 7) % bad.length] = byte
          for (const bytes of [good, bad, good.subarray(0, at % (good.length + 1)), Buffer.from(noise)]) {
            const [read, other] = [
              await outcome(() => functions.decode(bytes)),
              await outcome(() => table.decode(bytes)),
            ]
            expect(other.refused).toBe(read.refused)
            expect(isSame(other.value, read.value)).toBe(true)
          }
        }),
        RUNS,
      )
    },
    timeout,
  )

  test(
    'what the table holds of a shape is the shape',
    () => {
      fc.assert(
        fc.property(ownSample, ({ shape, definitions }) => {
          const facts = new Facts(definitions)
          const names = Object.keys(definitions).sort()
          const table = new Table(definitions, names, facts)
          const line = table.numberOf(shape)
          const types = new Types({ named: table.named, lines: table.lines(), errors: () => [] })
          expect(types.shape(line)).toEqual(shape)
          for (const name of names) {
            expect(types.named(name)).toEqual({
              shape: definitions[name],
              copied: facts.needsCopy({ kind: 'ref', name }),
              recursive: facts.isRecursive(name),
            })
          }
        }),
        RUNS,
      )
    },
    timeout,
  )
})
