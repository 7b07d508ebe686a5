/** The thread in which `weave lsp` analyses (transformer/hosts/lsp/worker.ts), with the deployer's rules for weave.config.ts. */
import { serveWorkspace } from '../transformer/hosts/lsp/worker.ts'
import { configProblems } from './project/config.ts'

serveWorkspace({ configProblems })
