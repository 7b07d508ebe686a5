/** What the kernel has counted of processes (Linux, /proc). */
import { readdirSync, readFileSync } from 'node:fs'

export interface Usage {
  /** On a core, user and system, of all threads. */
  cpuMs: number
  /** Read from sockets, pipes and files. */
  bytesRead: number
  /** Proportional set size, so that what processes share counts once. */
  memoryBytes: number
}

export function usage(pids: readonly number[]): Usage {
  const total: Usage = { cpuMs: 0, bytesRead: 0, memoryBytes: 0 }
  for (const pid of pids) {
    total.cpuMs += cpuMs(pid)
    total.bytesRead += field(`/proc/${pid}/io`, 'rchar')
    total.memoryBytes += field(`/proc/${pid}/smaps_rollup`, 'Pss') * 1024
  }
  return total
}

/** By process and thread, nanoseconds when it was looked at last. */
const looked = new Map<number, Map<string, number>>()

/** Over its threads. One that has ended, as a planner's does, counts with what it had when it was looked at last. */
function cpuMs(pid: number): number {
  const threads = looked.get(pid) ?? new Map<string, number>()
  looked.set(pid, threads)
  for (const thread of readdirSync(`/proc/${pid}/task`))
    threads.set(thread, Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
  return [...threads.values()].reduce((sum, each) => sum + each, 0) / 1e6
}

/** On a core, of the process, all that it has started, and those of them that have ended; those to a hundredth of a second. */
export function cpuEverMs(pid: number): number {
  const pids = family(pid)
  return usage(pids).cpuMs + pids.reduce((sum, each) => sum + endedMs(each), 0)
}

const TICK_MS = 10

/** Of children that have ended and were waited for. */
function endedMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // After the name, which may have any characters: the state, and so on; proc(5) numbers them from 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[16 - 3]) + Number(fields[17 - 3])) * TICK_MS
}

function field(file: string, name: string): number {
  const found = readFileSync(file, 'utf8').match(new RegExp(`^${name}:\\s*(\\d+)`, 'm'))
  return Number(found?.[1] ?? 0)
}

/** The process and all that it has started, and they. */
export function family(pid: number): number[] {
  const children = childrenOf(pid)
  return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => family(Number(child))))]
}

/** As text; of a process that has ended meanwhile, none. */
function childrenOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  } catch {
    return ''
  }
}
