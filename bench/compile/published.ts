/** Projects of one component that takes a published type, with a value of it: the largest types that people have without writing any. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)

interface Published {
  readonly imports: string
  readonly type: string
  readonly value: () => unknown
  /** What its authors leave open. */
  readonly open: string
}

export const PUBLISHED: Readonly<Record<string, Published>> = {
  "FHIR's resources": {
    imports: "import type { FhirResource } from 'fhir/r4.js'",
    type: 'FhirResource',
    open: 'fhir',
    value: () => ({
      resourceType: 'Patient',
      id: 'example',
      active: true,
      birthDate: '1974-12-25',
      name: [{ use: 'official', family: 'Chalmers', given: ['Peter', 'James'] }],
      telecom: [{ system: 'phone', value: '(03) 5555 6473', use: 'work', rank: 1 }],
      address: [{ use: 'home', line: ['534 Erewhon St'], city: 'PleasantVille', postalCode: '3999' }],
    }),
  },
  "GitHub's webhooks": {
    imports: "import type { WebhookEvent } from '@octokit/webhooks-types'",
    type: 'WebhookEvent',
    open: '@octokit/webhooks-types',
    value: () => {
      const all: { name: string; examples: unknown[] }[] = require('@octokit/webhooks-examples')
      // Members have been declared since most of the examples were taken; this one still conforms.
      return all.find(({ name }) => name === 'membership')?.examples[0]
    },
  },
}

export function writePublished(folder: string, { imports, type, value, open }: Published): void {
  mkdirSync(join(folder, 'src'), { recursive: true })
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    types: ['node', 'fhir'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'published', private: true, type: 'module' }))
  writeFileSync(
    join(folder, 'weave.config.ts'),
    `import { defineConfig } from 'weavets'\nexport default defineConfig({ entry: 'src/main.ts', types: { '${open}': 'json' } })\n`,
  )
  writeFileSync(join(folder, 'value.json'), JSON.stringify(value()))
  writeFileSync(
    join(folder, 'src/main.ts'),
    `${imports}
import { type Component, type Main, run } from 'weavets'
export interface Echo extends Component {
  echo(value: ${type}): Promise<${type}>
}
export class RealEcho implements Echo {
  async echo(value: ${type}) {
    return value
  }
}
class App implements Main {
  constructor(readonly echo: Echo) {}
  async main() {}
}
await run(App)
`,
  )
}

export const readValue = (folder: string): unknown => JSON.parse(readFileSync(join(folder, 'value.json'), 'utf8'))
