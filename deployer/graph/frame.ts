/**
 * `Totals` as bytes and back, for keeping thousands of them: whole numbers of as many bytes as they need, rows without what is 0 and in
 * the order of their numbers. An edge's method in which something happened takes some 30 bytes a second.
 */
import { LATENCY_BUCKETS } from '../../runtime/measure/latency.ts'
import { CHILD_SUMS, childOf, EDGE_SUMS, METHOD_SUMS, PROCESS_SUMS, Totals } from './totals.ts'

export function writeFrame(totals: Totals): Uint8Array {
  const bytes = new Bytes()
  bytes.write(totals.ms)
  bytes.write(totals.seconds)
  bytes.rows(totals.edges, ({ sums, latency, callsSquared }) => {
    for (const name of EDGE_SUMS) bytes.write(sums[name])
    // Of one second it is known.
    if (totals.seconds > 1) bytes.write(callsSquared)
    writeLatency(bytes, latency)
  })
  bytes.rows(totals.methods, ({ sums, children }) => {
    for (const name of METHOD_SUMS) bytes.write(sums[name])
    bytes.rows(children, (child) => {
      for (const name of CHILD_SUMS) bytes.write(child[name])
    })
  })
  bytes.rows(new Map([...totals.components.values()].entries()), (component) => {
    const { process, cpuUs, cpuUsSquared, heapBytes } = component
    for (const value of [component.component, process, cpuUs, cpuUsSquared, heapBytes]) bytes.write(value)
  })
  bytes.rows(totals.processes, (process) => {
    for (const name of PROCESS_SUMS) bytes.write(process[name])
    for (const value of [process.delayUsMax, process.rssBytes, process.heapBytes, process.startUs]) bytes.write(value)
  })
  return bytes.take()
}

export function readFrame(frame: Uint8Array): Totals {
  const bytes = new Bytes(frame)
  const totals = new Totals()
  totals.ms = bytes.read()
  totals.seconds = bytes.read()
  bytes.each((number) => {
    const edge = totals.edge(number)
    for (const name of EDGE_SUMS) edge.sums[name] = bytes.read()
    edge.callsSquared = totals.seconds > 1 ? bytes.read() : edge.sums.calls ** 2
    readLatency(bytes, edge.latency)
  })
  bytes.each((number) => {
    const method = totals.method(number)
    for (const name of METHOD_SUMS) method.sums[name] = bytes.read()
    bytes.each((child) => {
      const sums = childOf(method, child)
      for (const name of CHILD_SUMS) sums[name] = bytes.read()
    })
  })
  bytes.each(() => {
    const component = totals.component(bytes.read(), bytes.read())
    component.cpuUs = bytes.read()
    component.cpuUsSquared = bytes.read()
    component.heapBytes = bytes.read()
  })
  bytes.each((number) => {
    const process = totals.process(number)
    for (const name of PROCESS_SUMS) process[name] = bytes.read()
    process.delayUsMax = bytes.read()
    process.rssBytes = bytes.read()
    process.heapBytes = bytes.read()
    process.startUs = bytes.read()
  })
  return totals
}

function writeLatency(bytes: Bytes, latency: Float64Array): void {
  let filled = 0
  for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) if (latency[bucket]! > 0) filled++
  bytes.write(filled)
  let last = 0
  for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
    if (latency[bucket] === 0) continue
    bytes.write(bucket - last)
    bytes.write(latency[bucket]!)
    last = bucket
  }
}

function readLatency(bytes: Bytes, latency: Float64Array): void {
  let bucket = 0
  for (let left = bytes.read(); left > 0; left--) {
    bucket += bytes.read()
    latency[bucket] = bytes.read()
  }
}

class Bytes {
  #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array = new Uint8Array(4096)) {
    this.#bytes = bytes
  }

  /** Seven bits a byte, the lowest first. What has a fraction is rounded. */
  write(value: number): void {
    if (this.#at + 8 > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    let rest = Math.min(Math.round(value), Number.MAX_SAFE_INTEGER)
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) + 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#at++] = rest
  }

  read(): number {
    let value = 0
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#bytes[this.#at++]!
      value += (byte % 0x80) * factor
      if (byte < 0x80) return value
    }
  }

  /** Numbers are written as what they are more than the one before. */
  rows<T>(rows: ReadonlyMap<number, T>, write: (row: T) => void): void {
    this.write(rows.size)
    let last = 0
    for (const number of [...rows.keys()].sort((a, b) => a - b)) {
      this.write(number - last)
      last = number
      write(rows.get(number)!)
    }
  }

  each(read: (number: number) => void): void {
    let number = 0
    for (let left = this.read(); left > 0; left--) {
      number += this.read()
      read(number)
    }
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }
}
