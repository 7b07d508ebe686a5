/** How many cores of this machine nobody uses. In: the kernel's accounts. Out: a mean since it was asked last. Of a container's own share the kernel's accounts know nothing. */
import { cpus } from 'node:os'

export function spareCores(): () => number {
  let before = account()
  return () => {
    const now = account()
    const all = now.all - before.all
    const idle = now.idle - before.idle
    before = now
    return all <= 0 ? now.cores : (idle / all) * now.cores
  }
}

function account(): { cores: number; all: number; idle: number } {
  const times = cpus().map((cpu) => cpu.times)
  const idle = times.reduce((sum, each) => sum + each.idle, 0)
  const all = times.reduce((sum, each) => sum + each.user + each.nice + each.sys + each.idle + each.irq, 0)
  return { cores: times.length, all, idle }
}
