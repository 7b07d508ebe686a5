/** An application of one component for benches: generated from a model as the transformer would, and loaded. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AppDescriptor, ImplementationClass } from '../runtime/boundary.ts'
import { generateApp } from '../transformer/codegen/app.ts'
import type { App, AppModel } from '../transformer/model.ts'

/** `model` has one component; `implementation` is its class. */
export async function descriptorOf(model: AppModel, implementation: new () => object): Promise<AppDescriptor> {
  const components = model.components.map(({ name }) => name)
  const app: App = { kind: 'startApp', file: 'src/main.ts', root: undefined, components }
  const text = generateApp(model, app, { version: 'bench', specifier: (file) => file })
  const internal = pathToFileURL(join(import.meta.dirname, '..', 'runtime', 'internal.ts')).href
  const folder = mkdtempSync(join(tmpdir(), 'weavets-bench-'))
  const file = join(folder, 'generated.mjs')
  writeFileSync(file, `${text.replace("'weavets/internal'", JSON.stringify(internal))}\nexport { __weave_app }\n`)
  const { __weave_app } = (await import(pathToFileURL(file).href)) as { __weave_app: () => AppDescriptor }
  rmSync(folder, { recursive: true })
  const descriptor = __weave_app()
  const [component] = descriptor.components
  return { ...descriptor, components: [{ ...component!, load: async () => implementation as ImplementationClass }] }
}
