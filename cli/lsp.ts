/**
 * `weave lsp`: the language server on stdin and stdout, for an editor to start. In front of TypeScript 7's own where the project has
 * that, else beside the editor's TypeScript server.
 */
import { resolve } from 'node:path'
import { Command } from 'commander'
import { packageVersion } from './project/version.ts'

interface Flags {
  upstream: boolean
  typescript?: string
  stdio?: boolean
}

export function lspCommand(): Command {
  return new Command('lsp')
    .option('--stdio', 'talk on stdin and stdout; the only way there is, so editors may leave it out')
    .option('--no-upstream', 'boundary errors only: the editor has a TypeScript server already')
    .option('--typescript <folder>', 'the typescript package to use (default: the one that the project has)')
    .action(serveEditor)
}

async function serveEditor({ upstream, typescript }: Flags): Promise<void> {
  const { serve } = await import('../transformer/hosts/lsp/server.ts')
  const { WorkspaceThread } = await import('../transformer/hosts/lsp/worker.ts')
  const folder = typescript === undefined ? undefined : resolve(typescript)
  const entry = new URL(import.meta.url.endsWith('.ts') ? './lsp-worker.ts' : './lsp-worker.js', import.meta.url)
  const ended = new Promise<number>((exit) => {
    serve({
      input: process.stdin,
      output: process.stdout,
      version: packageVersion(),
      upstream,
      typescript: folder,
      startThread: (events) => new WorkspaceThread(entry, { typescript: folder }, events),
      after(ms, run) {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
      exit,
      logError: (text) => process.stderr.write(`${text}\n`),
    })
  })
  process.exitCode = await ended
  // What an editor leaves open must not keep us.
  process.exit()
}
