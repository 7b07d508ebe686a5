/**
 * `weave tsc` with TypeScript 6: takes tsc's command line, does what tsc does with it, and hands every program that it makes to
 * tsc-program.ts first. Projects, `--build`, `--watch`, incremental builds, output and exit codes are TypeScript's own; what
 * emits nothing (`--help`, `--init`, `--showConfig` …) is left to tsc altogether. Refuses the flags that measure tsc.
 */
import type * as TS from 'typescript'
import { withSignedBuildInfo } from './build-info.ts'
import { withPublicCodes } from './ts-diagnostics.ts'
import { type Weaving, weaveProgram } from './tsc-program.ts'
import { absolute, Exit, findConfig, readConfig } from './tsc6-config.ts'

type Ts = typeof TS

/** What TypeScript exports without declaring it: the parts of which its own tsc is made. Checked when it is loaded. */
interface Undeclared {
  executeCommandLine(system: TS.System, done: () => void, args: readonly string[]): void
  /** `createCompilerHost` of a system that is given. */
  createCompilerHostWorker(options: TS.CompilerOptions, setParents: undefined, system: TS.System): TS.CompilerHost
  createDiagnosticReporter(system: TS.System, pretty?: boolean): TS.DiagnosticReporter
  createWatchStatusReporter(system: TS.System, pretty?: boolean): TS.WatchStatusReporter
  createBuilderStatusReporter(system: TS.System, pretty?: boolean): TS.DiagnosticReporter
  getErrorSummaryText(count: number, files: readonly unknown[], newLine: string, host: TS.System): string
  emitFilesAndReportErrorsAndGetExitStatus(
    program: TS.Program,
    report: TS.DiagnosticReporter,
    write: (text: string) => void,
    summary: TS.ReportEmitErrorSummary | undefined,
  ): TS.ExitStatus
  performIncrementalCompilation(input: object): TS.ExitStatus
}

const NEEDED = [
  'executeCommandLine',
  'createCompilerHostWorker',
  'createDiagnosticReporter',
  'createWatchStatusReporter',
  'createBuilderStatusReporter',
  'getErrorSummaryText',
  'emitFilesAndReportErrorsAndGetExitStatus',
  'performIncrementalCompilation',
] as const satisfies readonly (keyof Undeclared)[]

type Internal = Ts & Undeclared

/** Flags that print something and compile nothing. */
const PRINTING = ['help', 'all', 'version', 'init', 'showConfig'] as const
/** Flags by which tsc measures itself; the figures would be tsc's and ours together, under tsc's name. */
const MEASURING = ['diagnostics', 'extendedDiagnostics', 'generateTrace', 'generateCpuProfile'] as const

export interface Tsc6 {
  readonly ts: Ts
  readonly args: readonly string[]
  readonly system: TS.System
}

/** Gives the exit code; undefined when it watches, and the process lives on. */
export function tsc6({ ts, args, system: given }: Tsc6): number | undefined {
  const internal = ts as Internal
  const system: TS.System = { ...given, write: (text) => given.write(withPublicCodes(text)) }
  const missing = NEEDED.find((name) => typeof internal[name] !== 'function')
  if (missing !== undefined) {
    system.write(
      `weave tsc can't drive TypeScript ${ts.version}, which has no "${missing}". Use tspc of ts-patch, or typescript@6.${system.newLine}`,
    )
    return ts.ExitStatus.DiagnosticsPresent_OutputsSkipped
  }
  const build = /^--?(b|build)$/i.test(args[0] ?? '')
  return build ? buildProjects(internal, args.slice(1), withSignedBuildInfo(system)) : compile(internal, args, system)
}

function compile(ts: Internal, args: readonly string[], system: TS.System): number | undefined {
  const command = ts.parseCommandLine(args, system.readFile)
  const report = ts.createDiagnosticReporter(system, isPretty(command.options, system))
  setLocale(ts, command.options.locale, command.errors, system)
  if (PRINTING.some((flag) => command.options[flag] !== undefined)) return handOver(ts, args, system)
  try {
    if (command.errors.length > 0) return fail(ts, command.errors, report)
    const config = findConfig(ts, command, system, report)
    if (config === undefined && command.fileNames.length === 0) return handOver(ts, args, system)
    const parsed = config === undefined ? command : readConfig(ts, config, command, system, report)
    refuseMeasuring(parsed.options, system)
    if (parsed.options.watch === true) return watch(ts, { config, command, parsed, system })
    return parsed.options.incremental === true || parsed.options.composite === true
      ? compileIncrementally(ts, parsed, system)
      : compileOnce(ts, parsed, system)
  } catch (error) {
    if (error instanceof Exit) return error.code
    throw error
  }
}

function fail(ts: Internal, errors: readonly TS.Diagnostic[], report: TS.DiagnosticReporter): number {
  for (const error of errors) report(error)
  return ts.ExitStatus.DiagnosticsPresent_OutputsSkipped
}

/** tsc itself prints its help, its version, a new tsconfig. It ends the process. */
function handOver(ts: Internal, args: readonly string[], system: TS.System): undefined {
  ts.executeCommandLine(system, () => undefined, args)
}

function compileOnce(ts: Internal, parsed: TS.ParsedCommandLine, system: TS.System): number {
  const { options, fileNames, projectReferences } = parsed
  const host = ts.createCompilerHostWorker(options, undefined, system)
  const program = ts.createProgram({
    rootNames: fileNames,
    options,
    host,
    ...(projectReferences && { projectReferences }),
    configFileParsingDiagnostics: ts.getConfigFileParsingDiagnostics(parsed),
  })
  return ts.emitFilesAndReportErrorsAndGetExitStatus(
    weaveProgram(ts, program, host),
    ts.createDiagnosticReporter(system, isPretty(options, system)),
    (text) => system.write(text + system.newLine),
    summaryFor(ts, options, system),
  )
}

function compileIncrementally(ts: Internal, parsed: TS.ParsedCommandLine, system: TS.System): number {
  const { options, fileNames, projectReferences } = parsed
  return ts.performIncrementalCompilation({
    rootNames: fileNames,
    options,
    projectReferences,
    system,
    host: ts.createIncrementalCompilerHost(options, system),
    configFileParsingDiagnostics: ts.getConfigFileParsingDiagnostics(parsed),
    reportDiagnostic: ts.createDiagnosticReporter(system, isPretty(options, system)),
    reportErrorSummary: summaryFor(ts, options, system),
    createProgram: programsOf(ts),
  })
}

interface Watched {
  readonly config: string | undefined
  readonly command: TS.ParsedCommandLine
  readonly parsed: TS.ParsedCommandLine
  readonly system: TS.System
}

function watch(ts: Internal, { config, command, parsed, system }: Watched): undefined {
  const pretty = isPretty(parsed.options, system)
  const report = ts.createDiagnosticReporter(system, pretty)
  const status = ts.createWatchStatusReporter(system, pretty)
  const create = programsOf(ts)
  if (config === undefined) {
    const { fileNames, options, projectReferences, watchOptions } = parsed
    ts.createWatchProgram(
      ts.createWatchCompilerHost(fileNames, options, system, create, report, status, projectReferences, watchOptions),
    )
  } else {
    const options = absolute(ts, command.options, system)
    ts.createWatchProgram(
      ts.createWatchCompilerHost(config, options, system, create, report, status, command.watchOptions),
    )
  }
}

function buildProjects(ts: Internal, args: readonly string[], system: TS.System): number | undefined {
  const { parseBuildCommand } = ts as unknown as {
    parseBuildCommand(args: readonly string[]): {
      buildOptions: TS.BuildOptions &
        TS.CompilerOptions & { clean?: boolean; help?: boolean; watch?: boolean; locale?: string }
      watchOptions: TS.WatchOptions | undefined
      projects: string[]
      errors: TS.Diagnostic[]
    }
  }
  const { buildOptions, watchOptions, projects, errors } = parseBuildCommand(args)
  const pretty = isPretty(buildOptions, system)
  const report = ts.createDiagnosticReporter(system, pretty)
  setLocale(ts, buildOptions.locale, errors, system)
  if (buildOptions.help === true) return handOver(ts, ['--build', ...args], system)
  if (errors.length > 0) return fail(ts, errors, report)
  try {
    refuseMeasuring(buildOptions, system)
  } catch (error) {
    if (error instanceof Exit) return error.code
    throw error
  }
  const status = ts.createBuilderStatusReporter(system, pretty)
  const names = projects.length === 0 ? ['.'] : projects
  const create = programsOf(ts, { referencesToo: true })
  if (buildOptions.watch === true) {
    const watching = ts.createWatchStatusReporter(system, pretty)
    const host = ts.createSolutionBuilderWithWatchHost(system, create, report, status, watching)
    ts.createSolutionBuilderWithWatch(host, names, buildOptions, watchOptions).build()
    return undefined
  }
  const host = ts.createSolutionBuilderHost(system, create, report, status, summaryFor(ts, buildOptions, system))
  const builder = ts.createSolutionBuilder(host, names, buildOptions)
  return buildOptions.clean === true ? builder.clean() : builder.build()
}

/** What builders make their programs by: the same builder as tsc's, over a program of which the plan is a part. */
function programsOf(
  ts: Internal,
  weaving: Weaving = {},
): TS.CreateProgram<TS.EmitAndSemanticDiagnosticsBuilderProgram> {
  return (rootNames, options, host, old, configDiagnostics, projectReferences) => {
    // Nothing but what is wrong with the tsconfig has changed: the program is the old one.
    if (rootNames === undefined || options === undefined) {
      return ts.createEmitAndSemanticDiagnosticsBuilderProgram(
        rootNames,
        options,
        host,
        old,
        configDiagnostics,
        projectReferences,
      )
    }
    const before = (old as { getProgramOrUndefined?(): TS.Program | undefined } | undefined)?.getProgramOrUndefined?.()
    const program = ts.createProgram({
      rootNames,
      options,
      ...(host && { host }),
      ...(before && { oldProgram: before }),
      ...(configDiagnostics && { configFileParsingDiagnostics: configDiagnostics }),
      ...(projectReferences && { projectReferences }),
    })
    const given = host ?? ts.createCompilerHost(options)
    return ts.createEmitAndSemanticDiagnosticsBuilderProgram(
      weaveProgram(ts, program, given, weaving),
      given,
      old,
      configDiagnostics,
    )
  }
}

function summaryFor(
  ts: Internal,
  options: TS.CompilerOptions,
  system: TS.System,
): TS.ReportEmitErrorSummary | undefined {
  if (!isPretty(options, system)) return undefined
  return (count, files) => system.write(ts.getErrorSummaryText(count, files, system.newLine, system))
}

function isPretty({ pretty }: TS.CompilerOptions, system: TS.System): boolean {
  if (typeof pretty === 'boolean') return pretty
  return system.writeOutputIsTTY?.() === true && !process.env.NO_COLOR
}

function setLocale(ts: Internal, locale: unknown, errors: TS.Diagnostic[], system: TS.System): void {
  if (typeof locale === 'string') ts.validateLocaleAndSetLanguage(locale, system, errors)
}

function refuseMeasuring(options: TS.CompilerOptions, system: TS.System): void {
  const flag = MEASURING.find((each) => options[each] !== undefined && options[each] !== false)
  if (flag === undefined) return
  system.write(
    `weave tsc has no --${flag}: the figures would be of tsc and of weave together. Run "tsc --noEmit --${flag}" beside it.${system.newLine}`,
  )
  throw new Exit(1)
}
