/**
 * `weave tsc`: tsc's command line, with generated code in what it writes and boundary errors among what it prints. Takes the
 * project's own TypeScript, 6 or 7.1, as `tsc` would, and the 6 that weave brings where that can't serve; a `tsc` in an npm
 * script becomes `weave tsc` and nothing else changes.
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { type ChosenTypeScript, chooseTypeScript, findProjectRoot, systemOf } from '../transformer/checker/load.ts'
import type { Compilation7 } from '../transformer/hosts/tsc7-compile.ts'
import { Watcher } from './project/watcher.ts'

/** Only for `weave --help`: the flags are tsc's, and tsc parses them. */
export function tscCommand(): Command {
  return new Command('tsc').argument('[args...]', 'whatever tsc takes: -p, -b, -w, --noEmit …').allowUnknownOption()
}

/** Gives the exit code when there is nothing left to do. */
export async function tsc(args: readonly string[]): Promise<number> {
  const folder = process.cwd()
  const chosen = chooseTypeScript({ root: findProjectRoot(projectFolder(folder, args)) })
  return chosen.ts7 === undefined ? withTypeScript6(chosen, args) : withTypeScript7(chosen, args)
}

async function withTypeScript6({ ts }: ChosenTypeScript, args: readonly string[]): Promise<number> {
  const { tsc6 } = await import('../transformer/hosts/tsc6.ts')
  const code = tsc6({ ts: ts!, args, system: systemOf(ts!) })
  return code ?? forever()
}

async function withTypeScript7({ ts7, compiler }: ChosenTypeScript, args: readonly string[]): Promise<number> {
  const { command7 } = await import('../transformer/hosts/tsc7.ts')
  const command = command7({
    ts7: ts7!,
    args,
    folder: process.cwd(),
    pretty: process.stdout.isTTY === true && !process.env.NO_COLOR,
    write: (text) => process.stdout.write(text),
    warn: (text) => process.stderr.write(text),
  })
  switch (command.kind) {
    case 'tsc': {
      const own = resolve(compiler.path, 'lib', 'tsc.js')
      return spawnSync(process.execPath, [own, ...args], { stdio: 'inherit' }).status ?? 1
    }
    case 'done':
      return command.code
    case 'compile':
      try {
        return command.watch ? await watch(command.compilation) : command.compilation.run()
      } finally {
        command.compilation.close()
      }
  }
}

/** Until a signal ends the process. */
async function watch(compilation: Compilation7): Promise<number> {
  const watcher = new Watcher()
  const stop = () => watcher.close()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  say('Starting compilation in watch mode...')
  for (let more = true; more; more = (await watcher.next()).length > 0) {
    if (compilation.folders.length > 0) say('File change detected. Starting incremental compilation...')
    compilation.run()
    watcher.add(compilation.folders)
    const { errors } = compilation
    say(`Found ${errors} error${errors === 1 ? '' : 's'}. Watching for file changes.`)
  }
  return 0
}

function say(text: string): void {
  process.stdout.write(`[${new Date().toLocaleTimeString('en-US')}] ${text}\n\n`)
}

/** Where to look for the TypeScript: beside the project that is named, else here. */
function projectFolder(folder: string, args: readonly string[]): string {
  const at = args.findIndex((each) => /^--?(p|project)$/i.test(each))
  const named = at === -1 ? undefined : args[at + 1]
  if (named === undefined) return folder
  return named.endsWith('.json') ? resolve(folder, named, '..') : resolve(folder, named)
}

function forever(): Promise<never> {
  return new Promise(() => undefined)
}
