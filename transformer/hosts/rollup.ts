/** `weavets/rollup`: the plugin for rollup and rolldown, before the one that strips types. See bundler.ts. */
import { type BundlerPlugin, bundlerPlugin, type WeaveOptions } from './bundler.ts'

export type { BundlerPlugin, WeaveOptions }

export function weave(options: WeaveOptions = {}): BundlerPlugin {
  return bundlerPlugin(options, () => process.cwd())
}

export default weave
