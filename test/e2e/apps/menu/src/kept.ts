/**
 * A cache that components of one process share, as modules are: the last few values, each dear to compute. It has room for what one of the two needs,
 * not for both: in one process each throws out what the other is about to ask for. No prediction from calls and CPU knows of that.
 */
const ROOM = 8
const COMPUTES_MS = 1

const values = new Map<string, number>()

export function kept(key: string): number {
  const value = values.get(key) ?? computed(key)
  // The youngest is the last.
  values.delete(key)
  values.set(key, value)
  if (values.size > ROOM) values.delete(values.keys().next().value!)
  return value
}

function computed(key: string): number {
  const from = process.cpuUsage()
  for (;;) {
    const { user, system } = process.cpuUsage(from)
    if (user + system >= COMPUTES_MS * 1000) return key.length
  }
}
