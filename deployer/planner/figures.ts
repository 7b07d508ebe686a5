/** Figures as people read them: three digits that matter, units written out where they are. */

/** `1,240`, `31.5`, `0.21`. */
export function figure(value: number): string {
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2
  const rounded = value.toFixed(digits)
  const [whole, fraction] = rounded.split('.')
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ',')
  const kept = fraction?.replace(/0+$/, '') ?? ''
  return kept === '' ? grouped : `${grouped}.${kept}`
}

export function percent(share: number): string {
  const value = share * 100
  return `${value > 0 && value < 1 ? value.toFixed(1) : value.toFixed(0)} %`
}

/** From milliseconds of CPU a second: `0.21 cores`. */
export function cores(cpuMsPerSecond: number): string {
  const value = cpuMsPerSecond / 1000
  if (value !== 0 && Math.abs(value) < 0.1) return `${figure(cpuMsPerSecond)} ms/s of CPU`
  return `${figure(value)} ${figure(value) === '1' ? 'core' : 'cores'}`
}

export function mebibytes(bytes: number): string {
  return bytes >= 2 ** 30 ? `${figure(bytes / 2 ** 30)} GiB` : `${figure(bytes / 2 ** 20)} MiB`
}

/** `230 µs`, `1.24 ms`. */
export function milliseconds(ms: number): string {
  return Math.abs(ms) < 1 ? `${figure(ms * 1000)} µs` : `${figure(ms)} ms`
}

/** `Cart, Checkout and Ads`; `Cart, Checkout and 7 others` of more than four. */
export function listed(names: readonly string[]): string {
  if (names.length === 1) return names[0]!
  if (names.length <= 4) return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`
}
