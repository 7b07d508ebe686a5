/** `weave logs`: what the processes of a detached deployment have printed, each line with the process's name; with --follow also what they print. */
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { StateFolder } from '../deployer/state/folder.ts'
import { stateFolders } from '../deployer/state/folder.ts'
import { findDeployment } from './deployments/deployments.ts'
import { Failure } from './errors.ts'
import { coloursOf } from './output/colours.ts'
import { LinePrefixer } from './output/line-prefixer.ts'
import { readable } from './output/readable-line.ts'
import { applicationOption } from './restart.ts'

const LOOK_MS = 200
const LINES_DEFAULT = 20
/** Bytes of a file that are looked at for its last lines. */
const TAIL_BYTES = 256 * 1024

export function logsCommand(): Command {
  return new Command('logs')
    .argument('[process]', 'cart-1; default: all')
    .addOption(applicationOption())
    .option('--follow', 'go on with what they print, until Ctrl-C')
    .addOption(new Option('--lines <n>', 'of each process').argParser(count).default(LINES_DEFAULT))
    .action(async (name: string | undefined, flags: { app?: string; follow?: boolean; lines: number }) => {
      const folder = folderOf(flags.app)
      const files = processesOf(folder, name)
      const width = Math.max(...files.map((process) => process.length))
      const colours = coloursOf(process.stdout)
      const tails = files.map((process) => {
        const prefix = `${colours.cyan(process.padEnd(width))} ${colours.dim('│')} `
        return new Tail(
          join(folder.logs, `${process}.log`),
          new LinePrefixer(prefix, (line) => readable(line, colours)),
        )
      })
      for (const tail of tails) process.stdout.write(tail.last(flags.lines))
      while (flags.follow) {
        await pause(LOOK_MS)
        for (const tail of tails) process.stdout.write(tail.more())
      }
    })
}

/** What has ended has logs too. */
function folderOf(name: string | undefined): StateFolder {
  const kept = stateFolders().filter(({ logs }) => existsSync(logs))
  const found = kept.filter(({ application }) => name === undefined || application === name)
  return found.length === 1 ? found[0]! : findDeployment(name)
}

function processesOf({ logs, application }: StateFolder, name: string | undefined): string[] {
  const known = existsSync(logs)
    ? readdirSync(logs).flatMap((file) => (file.endsWith('.log') ? [file.slice(0, -4)] : []))
    : []
  const found = known.filter((process) => name === undefined || process === name)
  if (found.length > 0) return found.sort()
  const there = known.length === 0 ? 'it has none, since it is not detached' : `there are ${known.sort().join(', ')}`
  throw new Failure(`${application}: there are no logs${name === undefined ? '' : ` of "${name}"`}; ${there}.`, {
    next: 'weave logs',
  })
}

class Tail {
  readonly #path: string
  readonly #prefixer: LinePrefixer
  #position = 0

  constructor(path: string, prefixer: LinePrefixer) {
    this.#path = path
    this.#prefixer = prefixer
  }

  last(lines: number): string {
    const text = this.#read((size) => Math.max(size - TAIL_BYTES, 0))
    const all = text.split('\n')
    return this.#prefixed(all.slice(-lines - 1).join('\n'))
  }

  more(): string {
    // Shorter than before: it was cut, and begins anew.
    return this.#prefixed(this.#read((size) => (size < this.#position ? 0 : this.#position)))
  }

  #prefixed(text: string): string {
    return text === '' ? '' : this.#prefixer.push(Buffer.from(text)).toString()
  }

  #read(from: (size: number) => number): string {
    const file = openSync(this.#path, 'r')
    try {
      const { size } = fstatSync(file)
      const start = from(size)
      const buffer = Buffer.alloc(Math.min(size - start, TAIL_BYTES))
      const read = readSync(file, buffer, 0, buffer.length, start)
      this.#position = start + read
      return buffer.toString('utf8', 0, read)
    } finally {
      closeSync(file)
    }
  }
}

function count(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}
