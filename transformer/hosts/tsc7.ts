/**
 * `weave tsc` with TypeScript 7.1, which lets nobody into its own tsc: takes tsc's command line (parsed by TypeScript), checks and emits
 * each project through the API with generated code laid over the sources, and prints errors as tsc does. Every compilation
 * is a whole one, so nothing can be stale; what tsc does to spare itself work (`.tsbuildinfo`, `--build`'s skipping of projects
 * that are up to date) isn't done. Refuses, with a sentence, the flags that it doesn't know how to honour.
 */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Sync, Ts7 } from '../checker/view7-api.ts'
import { Compilation7 } from './tsc7-compile.ts'

export interface Tsc7 {
  readonly ts7: Ts7
  readonly args: readonly string[]
  readonly folder: string
  readonly pretty: boolean
  write(text: string): void
  /** For warnings, which aren't tsc's. */
  warn(text: string): void
}

/** As tsc's. */
export const EXIT = { ok: 0, nothingWritten: 1, written: 2 } as const

export type Command7 =
  /** It is tsc's own business: help, version, a new tsconfig. */
  | { readonly kind: 'tsc' }
  | { readonly kind: 'done'; readonly code: number }
  | { readonly kind: 'compile'; readonly watch: boolean; readonly compilation: Compilation7 }

const PRINTING = ['help', 'all', 'version', 'init', 'showConfig', 'listFilesOnly'] as const
/** Flag → why it isn't honoured. */
const REFUSED: Readonly<Record<string, string>> = {
  diagnostics: 'the figures would be of tsc and of weave together; run "tsc --noEmit --diagnostics" beside it',
  extendedDiagnostics:
    'the figures would be of tsc and of weave together; run "tsc --noEmit --extendedDiagnostics" beside it',
  generateTrace: 'run "tsc --noEmit --generateTrace" beside it',
  generateCpuProfile: 'run "tsc --noEmit --generateCpuProfile" beside it',
  pprofDir: 'run "tsc --noEmit --pprofDir" beside it',
  traceResolution: 'run "tsc --noEmit --traceResolution" beside it',
  explainFiles: 'run "tsc --noEmit --explainFiles" beside it',
  listFiles: 'run "tsc --listFilesOnly" beside it',
  clean: 'with TypeScript 7 "weave tsc --build" keeps nothing; run "tsc --build --clean"',
  dry: 'with TypeScript 7 "weave tsc --build" compiles every project each time',
  checkers: 'TypeScript decides it by itself here',
}
/** Of `--build`; whole compilations make the first two true by themselves. */
const BUILD_FLAGS = new Set(['--force', '-f', '--verbose', '-v', '--stopBuildOnErrors'])
const BUILD_REFUSED = new Set(['--clean', '--dry', '-d'])

export function command7(input: Tsc7): Command7 {
  const { ts7, folder, write } = input
  const build = /^--?(b|build)$/i.test(input.args[0] ?? '')
  const api = new ts7.sync.API({ cwd: folder })
  try {
    const rest = build ? input.args.slice(1) : input.args
    const refused = build ? rest.find((each) => BUILD_REFUSED.has(each)) : undefined
    if (refused !== undefined) return refuse(write, refused, REFUSED[refused.replace(/^-+/, '')] ?? REFUSED.dry!)
    const parsed = api.parseCommandLine(rest.filter((each) => !build || !BUILD_FLAGS.has(each)))
    const options = parsed.options as Record<string, unknown>
    if (parsed.errors.length > 0) {
      for (const { text, code } of parsed.errors) write(`error TS${code}: ${text}\n`)
      return { kind: 'done', code: EXIT.nothingWritten }
    }
    if (PRINTING.some((flag) => options[flag] !== undefined)) return { kind: 'tsc' }
    const found = Object.keys(REFUSED).find((flag) => options[flag] !== undefined && options[flag] !== false)
    if (found !== undefined) return refuse(write, `--${found}`, REFUSED[found]!)
    const configs = configsOf(api, { build, folder, fileNames: parsed.fileNames, project: options.project })
    if (typeof configs === 'string') {
      write(configs)
      return { kind: 'done', code: EXIT.nothingWritten }
    }
    if (configs === undefined) return { kind: 'tsc' }
    const { project: _project, build: _build, watch, pretty, ...compilerOptions } = options
    const stop = build && rest.includes('--stopBuildOnErrors')
    const asked = { ...input, pretty: typeof pretty === 'boolean' ? pretty : input.pretty }
    return {
      kind: 'compile',
      watch: watch === true,
      compilation: new Compilation7({ ...asked, configs, compilerOptions, stop }),
    }
  } finally {
    api.close()
  }
}

function refuse(write: (text: string) => void, flag: string, why: string): Command7 {
  write(`weave tsc has no ${flag} with TypeScript 7: ${why}.\n`)
  return { kind: 'done', code: EXIT.nothingWritten }
}

interface Asked {
  readonly build: boolean
  readonly folder: string
  readonly fileNames: readonly string[]
  readonly project: unknown
}

/** Absolute tsconfigs in the order of their compilation; a text is why there are none; undefined leaves it to tsc to say. */
function configsOf(api: Sync.API, { build, folder, fileNames, project }: Asked): string[] | string | undefined {
  const named = (path: string): string => {
    const absolute = resolve(folder, path)
    return absolute.endsWith('.json') ? absolute : join(absolute, 'tsconfig.json')
  }
  if (build) {
    const ordered: string[] = []
    for (const each of fileNames.length === 0 ? ['.'] : fileNames) withReferences(api, named(each), ordered)
    return ordered
  }
  if (fileNames.length > 0) {
    return 'weave tsc compiles projects, not single files, with TypeScript 7: name a tsconfig with -p.\n'
  }
  if (typeof project === 'string') {
    const config = named(project)
    return existsSync(config) ? [config] : `error TS5058: The specified path does not exist: '${project}'.\n`
  }
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'tsconfig.json'))) return [join(at, 'tsconfig.json')]
    if (dirname(at) === at) return undefined
  }
}

function withReferences(api: Sync.API, config: string, ordered: string[], open: Set<string> = new Set()): void {
  if (ordered.includes(config) || open.has(config) || !existsSync(config)) return
  open.add(config)
  for (const { path } of api.parseConfigFile(config).projectReferences ?? []) {
    withReferences(api, path.endsWith('.json') ? path : join(path, 'tsconfig.json'), ordered, open)
  }
  ordered.push(config)
}
