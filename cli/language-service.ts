/**
 * What `weavets/language-service` is made of: the tsserver plugin, put together with the deployer's rules for weave.config.ts.
 * scripts/language-service.js bundles it into one CommonJS file.
 */
import { languageServicePlugin, type PluginFactory } from '../transformer/hosts/tsserver/plugin.ts'
import { configProblems } from './project/config.ts'

const factory: PluginFactory = languageServicePlugin({ configProblems })

export default factory
