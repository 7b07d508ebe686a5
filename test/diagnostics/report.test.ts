/** What no example can show: errors of ours, and policies in comments that nobody reads. */
import { afterAll, describe, expect, test } from 'vitest'
import { analyse } from '../../transformer/analyse/index.ts'
import { createView6 } from '../../transformer/checker/view6.ts'
import { openProject, ts } from '../analyse/project.ts'

const project = openProject()
afterAll(() => project[Symbol.dispose]())

test('a checker that fails is an error of ours, with the component that it failed at', () => {
  project.write({
    'src/a.ts':
      "import type { Component } from 'weavets'\nexport interface A extends Component { a(): Promise<void> }\n",
  })
  const view = createView6(ts, project.program.refresh(), project.root)
  const failing = {
    ...view,
    callSignatures: () => {
      throw new Error('out of luck')
    },
  }
  const { diagnostics, model } = analyse(failing, { root: project.root })
  expect(diagnostics.map(({ code, file, message }) => [code, file, message])).toContainEqual([
    'WV9007',
    'src/a.ts',
    'weave could not analyse this: out of luck.',
  ])
  expect(model.components.map((each) => each.broken !== undefined)).toEqual([true])
})

describe('a policy in a comment that belongs to no method', () => {
  const warnings = (body: string): string[] => {
    project.write({
      'src/a.ts': `import type { Component } from 'weavets'\nexport interface A extends Component {\n${body}\n}\n`,
    })
    return project.report().filter((each) => each.startsWith('WV1016'))
  }

  test.for([
    ['  a(): Promise<void> /** @idempotent */\n  b(): Promise<void>', 'a comment that belongs to no method'],
    ['  a(): Promise<void>\n  /** @timeout 5s */', 'a comment that belongs to no method'],
    ['  // @idempotent\n  a(): Promise<void>', 'a comment that is no doc comment'],
    ['  /* @timeout 5s */\n  a(): Promise<void>', 'a comment that is no doc comment'],
    ['  /*\n   * @timeout 5s\n   */\n  a(): Promise<void>', 'a comment that is no doc comment'],
  ])('%s', ([body, says]) => {
    expect(warnings(body!)).toEqual([expect.stringContaining(`on ${says} has no effect.`)])
  })

  test.for([
    '  /** @idempotent */\n  a(): Promise<void>',
    '  // not @idempotent, since it counts\n  a(): Promise<void>',
    '  /** Not `@idempotent`. */\n  a(): Promise<void>',
    '  a(/** @timeoutMs */ b: string): Promise<void>',
  ])('but not %s', (body) => {
    expect(warnings(body)).toEqual([])
  })
})

test('a type that was not found is not also said to be no component', () => {
  project.write({
    'src/a.ts':
      "import { type Main, run } from 'weavets'\nimport type { Cart } from './cart.ts'\nexport class Shop implements Main {\n  constructor(readonly cart: Cart) {}\n  async main() {}\n}\nawait run(Shop)\n",
  })
  expect(project.report()).toEqual([
    "WV2002 src/a.ts:4:30 'constructor(cart)' of 'Shop' has a type that could not be resolved.",
  ])
})

describe('a class that nobody looks for', () => {
  const app = (declaration: string) => `import { type Component, type Main, run } from 'weavets'
export interface Cart extends Component {
  size(): Promise<number>
}
${declaration}
export class Shop implements Main {
  constructor(readonly cart: Cart) {}
  async main() {}
}
await run(Shop)
`
  test.for([
    ['export const MemoryCart = class implements Cart { async size() { return 1 } }', '5:27'],
    [
      'export function make() {\n  class MemoryCart implements Cart { async size() { return 1 } }\n  return MemoryCart\n}',
      '6:3',
    ],
    ['export namespace Carts { export class MemoryCart implements Cart { async size() { return 1 } } }', '5:33'],
  ])('%s', ([declaration, place]) => {
    project.write({ 'src/a.ts': app(declaration!) })
    expect(project.report()).toEqual([
      `WV1007 src/a.ts:${place} The class that implements 'Cart' is not declared at the top level of its module.`,
    ])
  })
})
