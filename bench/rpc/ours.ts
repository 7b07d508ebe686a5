/** Our own end of the bench: an `App` that serves the catalog, or one that calls it, as a deployment has them. */
import { App } from '../../runtime/app.ts'
import { PortBinder } from '../../runtime/listener.ts'
import { CATALOG, type Catalog, catalogDescriptor } from '../catalog.ts'
import type { Address } from './end.ts'

async function appOf(hosted: string[], process: string, catalog?: Catalog): Promise<App> {
  const descriptor = await catalogDescriptor()
  const binder = new PortBinder({})
  const options = { isolated: false, config: {}, binder, provided: () => catalog && (() => catalog) }
  return new App({ descriptor, application: 'bench', process, hosted: new Set(hosted), ...options })
}

const text = ({ path, port }: Address) => path ?? `tcp://127.0.0.1:${port}`

export async function serve(address: Address, catalog: Catalog): Promise<void> {
  const app = await appOf([CATALOG], 'server', catalog)
  await app.serve(text(address))
  await app.start()
}

export async function connect(address: Address): Promise<Catalog> {
  const app = await appOf([], 'client')
  app.route(CATALOG, [{ slot: 0, slots: 1, process: 'server', group: 'server', address: text(address) }])
  return app.get(CATALOG, 'bench') as unknown as Catalog
}
