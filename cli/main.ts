/**
 * The command `weave`: finds the command's file, which parses its own flags and calls what does the work. Only the command
 * that was asked for is loaded, and TypeScript or esbuild only by the commands that need them.
 */
import { enableCompileCache } from 'node:module'
import { Command, CommanderError } from 'commander'
import { EXIT, EXIT_CODES_HELP, report } from './errors.ts'
import { packageVersion } from './project/version.ts'

// As tsc does: TypeScript is nine megabytes to compile, and the second command needn't.
enableCompileCache()

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
  explain: {
    does: 'show what a diagnostic means, with a wrong and a right example',
    load: async () => (await import('./explain.ts')).explainCommand(),
  },
  doctor: {
    does: 'show which TypeScript, Node and plugins are used, and what is wrong with them',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  build: {
    does: 'bundle the app and write its manifest into .weave/build',
    load: async () => (await import('./build.ts')).buildCommand(),
  },
  generate: {
    does: 'write weave.gen.ts, with which any compiler builds the app (swc, Bun, Jest, tsc)',
    load: async () => (await import('./generate.ts')).generateCommand(),
  },
  tsc: {
    does: "compile as tsc does, with weave's code and errors; takes the flags of tsc",
    load: async () => (await import('./tsc.ts')).tscCommand(),
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
  status: {
    does: 'show what is deployed on this machine, and what is wrong with it',
    load: async () => (await import('./status.ts')).statusCommand(),
  },
  scale: {
    does: 'change the number of processes of a group while it runs',
    load: async () => (await import('./scale.ts')).scaleCommand(),
  },
  restart: {
    does: 'drain processes and start them again, one after the other',
    load: async () => (await import('./restart.ts')).restartCommand(),
  },
  move: {
    does: 'move components to another process while calls run',
    load: async () => (await import('./move.ts')).moveCommand(),
  },
  stop: {
    does: 'drain a deployed app and end it',
    load: async () => (await import('./stop.ts')).stopCommand(),
  },
  logs: {
    does: 'show what the processes of a detached app print',
    load: async () => (await import('./logs.ts')).logsCommand(),
  },
  purge: {
    does: 'remove what is kept of an app: records, logs',
    load: async () => (await import('./purge.ts')).purgeCommand(),
  },
  graph: {
    does: 'print the component graph as Mermaid, or with --live what is measured of it',
    load: async () => (await import('./graph.ts')).graphCommand(),
  },
  plan: {
    does: 'show which placement measured calls ask for, what it costs and why',
    load: async () => (await import('./plan.ts')).planCommand(),
  },
  lsp: {
    does: 'run a language server: boundary errors in the editor, as you type',
    load: async () => (await import('./lsp.ts')).lspCommand(),
  },
}

export async function main(args: readonly string[]): Promise<number> {
  // Its flags are tsc's, and none of ours.
  if (args[0] === 'tsc') return (await import('./tsc.ts')).tsc(args.slice(1))
  const program = new Command('weave')
    .description('One TypeScript application, in one process or many.')
    .version(packageVersion(), '-v, --version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', `\n${EXIT_CODES_HELP}\n\nStart in an empty folder: npm install weavets && npx weave init`)
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
    const command = program.commands.find((each) => each.name() === asked)
    const about = command === undefined ? '' : `${asked} `
    const meant = meantOption(command, error)
    if (meant !== undefined) process.stderr.write(`(Did you mean ${meant}?)\n`)
    const application = meant === undefined ? forTheApplication(command, args, error) : undefined
    process.stderr.write(`  next  ${application ?? `weave ${about}--help`}\n`)
    return EXIT.usage
  }
}

/** The one option that begins with what was written: too far from it for a slip, and yet clear. */
function meantOption(command: Command | undefined, error: CommanderError): string | undefined {
  if (error.code !== 'commander.unknownOption' || error.message.includes('Did you mean')) return undefined
  const written = /'(--[\w-]{3,})'/.exec(error.message)?.[1]
  const longer = (command?.options ?? [])
    .flatMap(({ long }) => long ?? [])
    .filter((each) => each.startsWith(written ?? ' '))
  return longer.length === 1 ? longer[0] : undefined
}

/** An unknown option may be meant for the application: then where to put it, as the whole command line. */
function forTheApplication(
  command: Command | undefined,
  args: readonly string[],
  error: CommanderError,
): string | undefined {
  if (error.code !== 'commander.unknownOption' || error.message.includes('Did you mean')) return undefined
  if (command === undefined || command.registeredArguments.every((each) => !each.variadic)) return undefined
  let position = args.indexOf(command.name()) + 1
  for (; position < args.length; position++) {
    const option = command.options.find(({ short, long }) => args[position] === long || args[position] === short)
    if (option === undefined) break
    if (option.required) position++
  }
  const own = [...args.slice(0, position), '--', ...args.slice(position)].join(' ')
  return `put the arguments of the application after "--": weave ${own}`
}

// `weave status | head`: nobody reads any more, so there is nothing left to do. Those that run an application end it first, by themselves.
if (!['deploy', 'dev', 'run'].includes(process.argv[2] ?? '')) process.stdout.on('error', () => process.exit())

process.exitCode = await main(process.argv.slice(2)).catch(report)
