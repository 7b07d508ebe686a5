/** weavets as `npm install` puts it, for benches: a checkout that is linked would be watched for edits of its own. */
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

export const repository = join(import.meta.dirname, '..', '..')

/** Into the `node_modules` of `folder`, with everything that the repository has installed; `WEAVE_DIST` names another build. */
export function installWeavets(folder: string): void {
  const packages = join(folder, 'node_modules')
  mkdirSync(packages)
  for (const name of readdirSync(join(repository, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(repository, 'node_modules', name), join(packages, name))
  }
  const installed = join(packages, 'weavets')
  cpSync(process.env.WEAVE_DIST ?? join(repository, 'dist'), join(installed, 'dist'), { recursive: true })
  for (const name of ['package.json', 'language-service']) {
    cpSync(join(repository, name), join(installed, name), { recursive: true })
  }
}
