/** `weavets/vite`: the plugin for vite and vitest, in front of vite's own. See bundler.ts. */
import type { Plugin } from 'vite'
import { bundlerPlugin, type WeaveOptions } from './bundler.ts'

export type { WeaveOptions }

export function weave(options: WeaveOptions = {}): Plugin {
  let folder = process.cwd()
  return {
    ...bundlerPlugin(options, () => folder),
    enforce: 'pre',
    configResolved(config) {
      folder = config.root
    },
  }
}

export default weave
