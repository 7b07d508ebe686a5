/**
 * Runs every fixture of cases/. A fixture's header says what is expected of it:
 *
 *   // EXPECT error WV2006 at 9:18 'add(socket)' is a 'Socket', which cannot leave its process.
 *   // EXPECT Cart.items(key userId: string): Item[]
 *
 * Diagnostics must be exactly those (the text may be left out); of the model, every quoted line must be there, and all lines
 * of the methods of a component that is quoted with `// EXPECT only`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { analyse } from '../../transformer/analyse/index.ts'
import { loadTypeScript } from '../../transformer/checker/load.ts'
import { openProgram6 } from '../../transformer/checker/program6.ts'
import { createView6 } from '../../transformer/checker/view6.ts'
import { CATALOGUE } from '../../transformer/diagnostics/catalogue.ts'
import type { Analysis } from '../../transformer/model.ts'
import { describeModel } from './notation.ts'

const root = fileURLToPath(new URL('cases', import.meta.url))
const cases = readdirSync(root).filter((name) => name.endsWith('.ts'))
/** Codes that need a config or several files (project.test.ts), are lint (test/lint), compare versions, or are reported by hosts. */
const ELSEWHERE = /^WV(1008|2007|3008|3014|2011|2012|2030|3006|3007|3016|3017|4\d\d\d|9\d\d\d)$/

let analysis: Analysis
beforeAll(() => {
  const ts = loadTypeScript(root)
  const program = openProgram6({ root, tsconfig: `${root}/tsconfig.json`, ts }).refresh()
  analysis = analyse(createView6(ts, program, root), { root })
}, 60_000)

interface Expectations {
  readonly diagnostics: readonly string[]
  readonly model: readonly string[]
}

function expectations(name: string): Expectations {
  const lines = readFileSync(`${root}/${name}`, 'utf8').split('\n')
  const expected = lines.filter((line) => line.startsWith('// EXPECT ')).map((line) => line.slice('// EXPECT '.length))
  const isDiagnostic = (line: string): boolean => /^(error|warning) WV\d/.test(line)
  return { diagnostics: expected.filter(isDiagnostic), model: expected.filter((line) => !isDiagnostic(line)) }
}

describe('analyse', () => {
  test.for(cases)('%s', (name) => {
    const expected = expectations(name)
    const texts = new Map(expected.diagnostics.map((line) => [/^.* at \d+:\d+/.exec(line)![0], line]))
    const found = analysis.diagnostics
      .filter((each) => each.file === name)
      .map((each) => {
        const place = `${each.severity} ${each.code} at ${each.line}:${each.column}`
        return texts.get(place) === place ? place : `${place} ${each.message}`
      })
    expect(found.sort()).toEqual([...expected.diagnostics].sort())
    const model = describeModel(analysis.model, name.replace('.ts', ''))
    expect(model).toEqual(expect.arrayContaining([...expected.model]))
    // A case that expects nothing tests nothing.
    expect(expected.diagnostics.length + expected.model.length).toBeGreaterThan(0)
  })

  test('every code that one file can cause has a case', () => {
    const covered = new Set(cases.flatMap((name) => expectations(name).diagnostics.map((line) => line.split(' ')[1])))
    expect(Object.keys(CATALOGUE).filter((code) => !covered.has(code) && !ELSEWHERE.test(code))).toEqual([])
  })

  test('300 members of a union, in our own order', () => {
    const event = analysis.model.definitions['literals-many.Event']
    const tests = event?.kind === 'union' ? event.members.map((each) => each.test) : []
    expect(tests).toHaveLength(300)
    const values = tests.flatMap((each) => (each.by === 'literal' && each.property === 'type' ? each.values : []))
    expect(values.map((each) => each.value)).toEqual([...values.map((each) => each.value)].sort())
    expect(values).toHaveLength(300)
  })

  test('names and files do not depend on where the project lies', () => {
    expect(JSON.stringify(analysis.model)).not.toContain(root)
  })
})
