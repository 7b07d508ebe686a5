/**
 * Which process a number means. Numbers are used again, so a process is its number and the time at which it began: in ticks since the machine
 * was started on Linux, as `ps` prints it elsewhere. In: a pid. Out: that time as text, or undefined when no such process runs (a dead
 * one that nobody has waited for doesn't run).
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export function pidStart(pid: number): string | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
}

export function runsStill({ pid, start }: { pid: number; start: string }): boolean {
  return pidStart(pid) === start
}

function fromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the name in parentheses, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const state = fields[0]!
    return state === 'Z' || state === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function fromPs(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 })
  const [state = '', ...start] = (stdout ?? '').trim().split(/\s+/)
  return state === '' || state.startsWith('Z') ? undefined : start.join(' ')
}
