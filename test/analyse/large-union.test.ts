/** Recursive unions of hundreds of members go through under both compilers, and what they say is shared, not repeated. */
import { afterAll, expect, test } from 'vitest'
import { largestText } from '../../bench/compile/generate-types.ts'
import { openProject } from './project.ts'

// Without `undefined` an optional member's type has lost the union's name, so each member of the union is met inside the one before.
const project = openProject({ exactOptionalPropertyTypes: true })
afterAll(() => project[Symbol.dispose]())

const MEMBERS = 400

test.each([1, 2] as const)(`${MEMBERS} members that %i literals tell`, (told) => {
  project.write({
    'src/largest.ts': largestText(MEMBERS, told),
    'src/shop.ts': `import type { Component } from 'weavets'
import type { Largest } from './largest.ts'
export interface Shop extends Component { every(values: readonly Largest[]): Promise<Largest | undefined> }
export class Here implements Shop { async every(values: readonly Largest[]) { return values[0] } }
`,
  })
  const { model, diagnostics } = project.analyse()
  expect(diagnostics).toEqual([])
  expect(Object.keys(model.definitions).filter((name) => name.includes('.Case'))).toHaveLength(MEMBERS)
  const { Largest } = Object.fromEntries(
    Object.entries(model.definitions).map(([name, shape]) => [name.replace('src/largest.', ''), shape]),
  )
  expect(Largest).toMatchObject({ kind: 'union', members: { length: MEMBERS } })
})
