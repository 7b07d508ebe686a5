/**
 * Which tsconfig a command line of tsc means, and what it says, by TypeScript 6's own reader. In goes a parsed command line; what can't
 * be found is reported as tsc reports it, and `Exit` leaves with tsc's code.
 */
import type * as TS from 'typescript'

type Ts = typeof TS

/** Thrown to leave with what has been printed. */
export class Exit extends Error {
  readonly code: number

  constructor(code: number) {
    super()
    this.code = code
  }
}

export function findConfig(
  ts: Ts,
  command: TS.ParsedCommandLine,
  system: TS.System,
  report: TS.DiagnosticReporter,
): string | undefined {
  const { project } = command.options
  if (project === undefined) {
    return command.fileNames.length > 0
      ? undefined
      : ts.findConfigFile(system.getCurrentDirectory(), (path) => system.fileExists(path))
  }
  const complain = (text: string): never => {
    report({
      category: ts.DiagnosticCategory.Error,
      code: 5057,
      messageText: text,
      file: undefined,
      start: undefined,
      length: undefined,
    })
    throw new Exit(ts.ExitStatus.DiagnosticsPresent_OutputsSkipped)
  }
  if (command.fileNames.length > 0) complain("Option 'project' cannot be mixed with source files on a command line.")
  const path = system.directoryExists(project) ? `${project.replace(/\/$/, '')}/tsconfig.json` : project
  if (!system.fileExists(path)) complain(`Cannot find a tsconfig.json file at the specified directory: '${project}'.`)
  return system.resolvePath(path)
}

export function readConfig(
  ts: Ts,
  config: string,
  command: TS.ParsedCommandLine,
  system: TS.System,
  report: TS.DiagnosticReporter,
): TS.ParsedCommandLine {
  const host: TS.ParseConfigFileHost = {
    useCaseSensitiveFileNames: system.useCaseSensitiveFileNames,
    readDirectory: (...values) => system.readDirectory(...values),
    fileExists: (path) => system.fileExists(path),
    readFile: (path) => system.readFile(path),
    getCurrentDirectory: () => system.getCurrentDirectory(),
    onUnRecoverableConfigFileDiagnostic(diagnostic) {
      report(diagnostic)
      throw new Exit(ts.ExitStatus.DiagnosticsPresent_OutputsSkipped)
    },
  }
  return ts.getParsedCommandLineOfConfigFile(
    config,
    absolute(ts, command.options, system),
    host,
    undefined,
    command.watchOptions,
  )!
}

/** What the command line names is relative to where it was typed, not to the tsconfig. */
export function absolute(ts: Ts, options: TS.CompilerOptions, system: TS.System): TS.CompilerOptions {
  const { optionDeclarations } = ts as unknown as { optionDeclarations: { name: string; isFilePath?: boolean }[] }
  const paths = new Set(optionDeclarations.filter((each) => each.isFilePath === true).map((each) => each.name))
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) =>
      paths.has(name) && typeof value === 'string' ? [name, system.resolvePath(value)] : [name, value],
    ),
  )
}
