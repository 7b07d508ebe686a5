/**
 * The project's own sources (no declaration files), as a plan reads them. Of a checker view they are the texts that were analysed; of
 * the cache, which knows by stamps that they are what was analysed, each is read when somebody asks for it.
 */
import type { WeaveConfig } from '../../runtime/config/configuration.ts'
import type { CheckerView } from '../checker/view.ts'
import { fromRoot } from '../from-root.ts'
import { versionOf } from './version.ts'

export interface OwnSources {
  /** From the root. */
  readonly files: readonly string[]
  text(file: string): string | undefined
  /** What they, the lock file and the config's `types` are hashed to; an editor never asks. */
  version(): string
}

export interface OwnInput {
  readonly root: string
  readonly view: CheckerView
  readonly types: WeaveConfig['types']
}

export function ownSources({ root, view, types }: OwnInput): OwnSources {
  const sources = view.files().filter((file) => file.origin === 'project' && !file.declaration)
  const texts = new Map(sources.map(({ path, text }) => [fromRoot(root, path).replaceAll('\\', '/'), text]))
  const own = { files: [...texts.keys()], text: (file: string) => texts.get(file) }
  let version: string | undefined
  return { ...own, version: () => (version ??= versionOf(root, own, types)) }
}
