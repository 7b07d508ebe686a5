/**
 * The command `weave`: finds the command's file, which parses its own flags and calls what does the work. Only the command
 * that was asked for is loaded, and TypeScript or esbuild only by the commands that need them.
 */
import { Command, CommanderError } from 'commander'
import { EXIT, EXIT_CODES_HELP, report } from './errors.ts'
import { packageVersion } from './version.ts'

interface Entry {
  does: string
  load: () => Promise<Command>
}

const COMMANDS: Record<string, Entry> = {
  init: {
    does: 'write a working app here, or show what it takes in an existing project',
    load: async () => (await import('./init.ts')).initCommand(),
  },
  check: {
    does: 'report what can not cross a boundary and what is not wired',
    load: async () => (await import('./check.ts')).checkCommand(),
  },
  build: {
    does: 'bundle the app and write its manifest into .weave/build',
    load: async () => (await import('./build.ts')).buildCommand(),
  },
  run: { does: 'build, and run in one process', load: async () => (await import('./run.ts')).runCommand() },
  dev: {
    does: 'rebuild and restart on change; calls go through the codec',
    load: async () => (await import('./dev.ts')).devCommand(),
  },
  deploy: {
    does: 'build, and run in several processes on this machine',
    load: async () => (await import('./deploy.ts')).deployCommand(),
  },
  graph: {
    does: 'print the component graph as Mermaid',
    load: async () => (await import('./graph.ts')).graphCommand(),
  },
}

export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('weave')
    .description('One TypeScript application, in one process or many.')
    .version(packageVersion(), '-v, --version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', `\n${EXIT_CODES_HELP}\n\nStart with "weave init" in an empty folder.`)
    .showHelpAfterError(false)
    .configureOutput({ outputError: (text, write) => write(text) })
    .exitOverride()
  const asked = args[0] === 'help' ? args[1] : args.find((each) => !each.startsWith('-'))
  for (const [name, { does, load }] of Object.entries(COMMANDS)) {
    const command = name === asked ? await load() : new Command(name)
    program.addCommand(command.description(does).exitOverride())
  }
  if (args.length === 0) {
    program.outputHelp()
    return EXIT.ok
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return process.exitCode === undefined ? EXIT.ok : Number(process.exitCode)
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error)
    if (error.exitCode === 0) return EXIT.ok
    const about = asked !== undefined && asked in COMMANDS ? `${asked} ` : ''
    process.stderr.write(`  next  weave ${about}--help\n`)
    return EXIT.usage
  }
}

process.exitCode = await main(process.argv.slice(2)).catch(report)
