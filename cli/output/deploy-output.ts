/**
 * What `weave deploy` shows. In: events of the deployment and chunks of its processes' output. Out: text for people (a few lines when
 * all is up, then only changes; the application's lines with the process's name in front), or one JSON event a line, or the
 * application's bytes as they are. No colour off a terminal.
 */
import type { Outcome } from '../../deployer/automatic/outcome.ts'
import type { DeployEvent, ProcessPlan } from '../../deployer/index.ts'
import { figure } from '../../deployer/planner/figures.ts'
import { shortName } from '../../runtime/names.ts'
import { Repetition } from '../deployments/repetition.ts'
import { type Colours, coloursOf, columnsOf, type OutputStream } from './colours.ts'
import { LinePrefixer } from './line-prefixer.ts'
import { readable } from './readable-line.ts'

export interface DeployOutputOptions {
  mode: 'text' | 'json'
  raw: boolean
  detached?: boolean
  stdout: OutputStream
  stderr: OutputStream
  now?: () => Date
}

const NAME_COLOURS = ['cyan', 'magenta', 'yellow', 'blue', 'green'] as const

export class DeployOutput {
  readonly #options: DeployOutputOptions
  /** Where our own words go: off stdout when that is the application's or a program's. */
  readonly #words: OutputStream
  readonly #colours: { stdout: Colours; stderr: Colours; words: Colours }
  /** Of processes that aren't ready, what they say of it. */
  readonly #starts = new Map<string, Repetition>()
  readonly #prefixers = new Map<string, LinePrefixer>()
  #processes: ProcessPlan[] = []
  readonly #listeners: { name: string; url: string }[] = []
  #up = false
  /** Streams whose buffer is full. */
  readonly #full = new Map<OutputStream, Promise<void>>()

  constructor(options: DeployOutputOptions) {
    this.#options = options
    const { stdout, stderr, mode, raw } = options
    this.#words = raw || mode === 'json' ? stderr : stdout
    const colours = { stdout: coloursOf(stdout), stderr: coloursOf(stderr) }
    this.#colours = { ...colours, words: this.#words === stdout ? colours.stdout : colours.stderr }
  }

  event(event: DeployEvent): void {
    if (event.type === 'deploying') this.#processes = event.processes
    const again = event.type === 'process-exited' && this.#ended(event.process)
    if (event.type === 'process-started')
      this.#starts.set(event.process, new Repetition(this.#starts.get(event.process)))
    if (event.type === 'process-ready') {
      this.#release(event.process)
      this.#starts.delete(event.process)
    }
    if (event.type === 'waiting') for (const { process } of event.processes) this.#release(process)
    if (this.#options.mode === 'json') {
      const time = (this.#options.now?.() ?? new Date()).toISOString()
      this.#options.stdout.write(`${JSON.stringify({ time, ...event })}\n`)
    } else {
      const text = this.#sentence(event, again)
      if (text !== undefined) this.#words.write(`${text}\n`)
    }
  }

  /** A promise when the reader of our output is slower than the process. */
  chunk(process: string, source: 'stdout' | 'stderr', chunk: Buffer): void | Promise<void> {
    const { mode, raw } = this.#options
    const stream = mode === 'json' ? 'stderr' : source
    const shown = source === 'stderr' ? (this.#starts.get(process)?.push(chunk) ?? chunk) : chunk
    const data = raw ? shown : this.#prefixer(process, source, stream).push(shown)
    if (data.length === 0) return
    const target = this.#options[stream]
    if (!target.write(data)) return this.#drained(target)
  }

  /** True when it has failed with the words with which it failed before: they are not shown again. */
  #ended(process: string): boolean {
    const again = this.#starts.get(process)?.complete === true
    if (!again) this.#release(process)
    this.#flush(process)
    return again
  }

  #release(process: string): void {
    const held = this.#starts.get(process)?.release() ?? ''
    if (held.length > 0) this.#options.stderr.write(this.#prefixer(process, 'stderr', 'stderr').push(held as Buffer))
  }

  /** One wait for all processes whose output is held back. Ends also when the reader has gone. */
  #drained(stream: OutputStream): Promise<void> {
    const known = this.#full.get(stream)
    if (known) return known
    const drained = new Promise<void>((resolve) => {
      const done = () => {
        stream.off('drain', done)
        stream.off('close', done)
        this.#full.delete(stream)
        resolve()
      }
      stream.once('drain', done)
      stream.once('close', done)
    })
    this.#full.set(stream, drained)
    return drained
  }

  #sentence(event: DeployEvent, again: boolean): string | undefined {
    const { bold, dim, red, yellow, green } = this.#colours.words
    switch (event.type) {
      case 'deploying': {
        const { length } = event.processes
        const count = length === 1 ? '1 process' : `${length} processes`
        const does = event.takesOver ? 'taking over what runs' : `starting ${count}`
        return `${bold(event.application)} ${dim(event.version.slice(0, 12))}  ${dim(does)}`
      }
      case 'listener':
        this.#listeners.push(event)
        return undefined
      case 'ready':
        this.#up = true
        return this.#overview(event.durationMs)
      case 'process-started':
        return undefined
      case 'process-ready':
        return this.#up
          ? `${green('up')} ${event.process} ${dim(`is ready after ${event.durationMs} ms, pid ${event.pid}`)}`
          : undefined
      case 'process-exited': {
        // What a start ends by is the command's error, with what to do about it.
        if (event.expected && !this.#up && event.reason.startsWith('failed: ')) return undefined
        if (event.expected) return event.code === 0 ? undefined : `${dim(`${event.process} ${event.reason}`)}`
        const then = event.restartInMs === null ? '' : dim(`; it starts again in ${event.restartInMs} ms`)
        return `${red('down')} ${event.process} ${event.reason}${again ? ', again' : ''}${then}`
      }
      case 'taking-over':
      case 'process-adopted':
        return undefined
      case 'process-silent':
        return `${yellow('silent')} ${event.process} ${dim(`has not answered for ${Math.round(event.silenceMs / 1000)} s; nobody calls it`)}`
      case 'process-answers':
        return `${green('up')} ${event.process} ${dim('answers again')}`
      case 'waiting': {
        const names = event.processes.map(({ process, component }) =>
          component === null ? process : `${process} (${shortName(component)})`,
        )
        return `${yellow('waiting')} for ${names.join(', ')} ${dim(`not ready after ${Math.round(event.durationMs / 1000)} s`)}`
      }
      case 'crash-looping':
        return `${red('crash-looping')} ${event.process} has crashed ${event.crashes} times in a row`
      case 'refused':
        return `${yellow('refused')} ${event.process === null ? '' : `${event.process} `}${event.reason}`
      case 'scaling':
        return `${bold('scaling')} ${event.group} ${dim(`from ${event.from} to ${event.to}${event.why === undefined ? '' : `: ${event.why}`}`)}`
      case 'restarting':
        return `${bold('restarting')} ${event.processes.join(', ')}`
      case 'moving':
        return `${bold('moving')} ${names(event.components)} ${dim(`from ${event.from} to ${event.to}`)}`
      case 'move-step':
        return undefined
      case 'moved':
        return `${green('moved')} ${names(event.components)} ${dim(`from ${event.from} to ${event.to} in ${event.durationMs} ms`)}`
      case 'rebalanced': {
        const { group, keys, from, to } = event
        return `${bold('rebalanced')} ${group} ${dim(`${Math.round(keys * 1000) / 10} % of its keys have another replica; the busiest had ${from} times the mean load, now ${to}`)}`
      }
      case 'move-undone':
        return `${yellow('not moved')} ${names(event.components)} ${dim(`stays in ${event.from}:`)} ${event.reason}`
      case 'trial':
        return trialSentence(event, this.#colours.words)
      case 'main-finished':
        return event.exitCode === 0
          ? undefined
          : `${red('failed')} main in ${event.process}, exit code ${event.exitCode}`
      case 'stopping':
        return event.reason === 'asked' ? dim('stopping · Ctrl-C again kills what is left') : undefined
      case 'stopped':
        return this.#up ? dim(event.exitCode === 0 ? 'stopped' : `stopped, exit code ${event.exitCode}`) : undefined
    }
  }

  #overview(durationMs: number): string {
    const { bold, dim, cyan } = this.#colours.words
    const rows = groupRows(this.#processes)
    const width = Math.max(...rows.map(([names]) => names.length), ...this.#listeners.map(({ name }) => name.length))
    const columns = Math.max(columnsOf(this.#words) - width - 4, 30)
    const lines = rows.flatMap(([names, components]) =>
      wrap(components, columns).map((part, index) => `  ${bold((index === 0 ? names : '').padEnd(width))}  ${part}`),
    )
    const listeners = this.#listeners.map(({ name, url }) => `  ${bold(name.padEnd(width))}  ${cyan(url)}`)
    const end = this.#options.detached ? `"weave stop" ends it · "weave status" shows it` : 'Ctrl-C stops'
    const blocks = [lines, listeners, [dim(`  ready in ${durationMs} ms · ${end}`)]].filter((block) => block.length > 0)
    return `\n${blocks.map((block) => block.join('\n')).join('\n\n')}\n`
  }

  #prefixer(process: string, source: 'stdout' | 'stderr', target: 'stdout' | 'stderr'): LinePrefixer {
    const key = `${process} ${source}`
    const known = this.#prefixers.get(key)
    if (known) return known
    const colours = this.#colours[target]
    const width = Math.max(...this.#processes.map((each) => each.process.length), process.length)
    const index = this.#processes.findIndex((each) => each.process === process)
    const colour = NAME_COLOURS[Math.max(index, 0) % NAME_COLOURS.length]!
    const prefix = `${colours[colour](process.padEnd(width))} ${colours.dim('│')} `
    const prefixer = new LinePrefixer(prefix, source === 'stderr' ? (line) => readable(line, colours) : undefined)
    this.#prefixers.set(key, prefixer)
    return prefixer
  }

  /** A last line without a newline. */
  #flush(process: string): void {
    for (const source of ['stdout', 'stderr'] as const) {
      const rest = this.#prefixers.get(`${process} ${source}`)?.flush()
      if (rest) this.#options[this.#options.mode === 'json' ? 'stderr' : source].write(rest)
    }
  }
}

/** One row a group: the names of its processes, its components. */
function groupRows(processes: readonly ProcessPlan[]): [string, string[]][] {
  return [...Map.groupBy(processes, ({ group }) => group).values()].map((members) => {
    const names = members.map(({ process }) => process)
    const label = names.length <= 2 ? names.join(', ') : `${names[0]} … ${names.at(-1)}`
    return [label, members[0]!.components.map(shortName)]
  })
}

function wrap(words: readonly string[], columns: number): string[] {
  const lines: string[] = []
  for (const [index, word] of words.entries()) {
    const text = index === words.length - 1 ? word : `${word},`
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + text.length > columns) lines.push(text)
    else lines[lines.length - 1] = `${last} ${text}`
  }
  return lines
}

function trialSentence(trial: Extract<DeployEvent, { type: 'trial' }>, { bold, dim, green, yellow }: Colours): string {
  const { id, state, moves, before, predicted, measured, why } = trial
  const cost = ({ cpuMsPerRequest, latencyMs }: Outcome) =>
    `${figure(cpuMsPerRequest)} ms of CPU${latencyMs === null ? '' : ` and ${figure(latencyMs)} ms`} a request`
  if (state === 'moving') {
    const list = moves.map(({ components, to }) => `${names(components)} to ${to}`).join(', ')
    return `${bold('trial')} ${id} ${list} ${dim(`${cost(before)} now, ${cost(predicted)} predicted`)}`
  }
  if (state === 'measuring') return `${bold('trial')} ${id} ${dim('has moved; it is being measured')}`
  const result =
    measured === null ? '' : dim(`: ${cost(measured)} measured, ${cost(predicted)} predicted, ${cost(before)} before`)
  if (state === 'unmeasured') return `${bold('trial')} ${id} ${dim(why)}`
  return `${state === 'kept' ? green('kept') : yellow('undone')} trial ${id}${result} ${why}`
}

function names(components: readonly string[]): string {
  return components.map(shortName).join(', ')
}
