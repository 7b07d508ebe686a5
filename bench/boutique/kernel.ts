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

/** Over threads that live; Node's live as long as it does. */
function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const ns = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  )
  return ns.reduce((sum, each) => sum + each, 0) / 1e6
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
