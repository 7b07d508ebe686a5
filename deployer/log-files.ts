/**
 * What the processes of a detached deployment print: a file each, stdout and stderr in the order in which they were written. The processes
 * write to the files themselves, so that nothing is lost and nobody waits when the deployer is gone. In: names of processes. Out:
 * descriptors to start them with, the end of what a life has printed. Bounded: a file that is too long is copied aside and cut, since the
 * descriptor can't be taken from a process; what it writes in the microseconds between copy and cut is lost. Nothing cuts while there is
 * no deployer.
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Clock, type Timer, untilTurn } from '../runtime/clock.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import type { OutputDescriptors } from './spawn.ts'
import type { Output } from './supervisor.ts'

export class LogFiles {
  readonly #folder: string
  readonly #clock: Clock
  readonly #names = new Set<string>()
  #timer: Timer | undefined

  constructor(folder: string, clock: Clock) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#folder = folder
    this.#clock = clock
    this.#watch()
  }

  path(process: string): string {
    return join(this.#folder, `${process}.log`)
  }

  /** `start` starts the process, which writes to these descriptors. */
  spawn<T>(process: string, start: (descriptors: OutputDescriptors) => T): T {
    this.#names.add(process)
    const file = openSync(this.path(process), 'a', 0o600)
    try {
      return start({ stdout: file, stderr: file })
    } finally {
      closeSync(file)
    }
  }

  /** What is printed from now on. */
  output(process: string): Output {
    this.#names.add(process)
    const path = this.path(process)
    const from = existsSync(path) ? statSync(path).size : 0
    return { lastLines: () => lastLines(path, from), drained: () => Promise.resolve() }
  }

  close(): void {
    this.#timer?.cancel()
  }

  #watch(): void {
    this.#timer = this.#clock
      .setTimeout(
        () => {
          for (const name of this.#names) rotate(this.path(name))
          this.#watch()
        },
        untilTurn(this.#clock, DEPLOYER_LIMITS.logRotationMs),
      )
      .unref()
  }
}

function rotate(path: string): void {
  try {
    if (statSync(path).size < DEPLOYER_LIMITS.logBytesMax) return
    for (let number = DEPLOYER_LIMITS.logFilesMax - 1; number > 1; number--) {
      if (existsSync(`${path}.${number - 1}`)) renameSync(`${path}.${number - 1}`, `${path}.${number}`)
    }
    copyFileSync(path, `${path}.1`)
    truncateSync(path)
  } catch {
    // A full disk, or somebody has removed it: the next look tries again.
  }
}

/** From `from` on, at most so many, and no more is read than they can have. */
function lastLines(path: string, from: number): string[] {
  try {
    const file = openSync(path, 'r')
    try {
      const { size } = fstatSync(file)
      const most = DEPLOYER_LIMITS.lastLinesMax * DEPLOYER_LIMITS.lastLineMax
      // A file that is shorter than it was has been cut.
      const start = Math.max(size - most, from <= size ? from : 0)
      const buffer = Buffer.alloc(size - start)
      const read = readSync(file, buffer, 0, buffer.length, start)
      const lines = buffer.toString('utf8', 0, read).split('\n')
      return lines
        .filter((line) => line.trim() !== '')
        .slice(-DEPLOYER_LIMITS.lastLinesMax)
        .map((line) => line.slice(0, DEPLOYER_LIMITS.lastLineMax))
    } finally {
      closeSync(file)
    }
  } catch {
    return []
  }
}
