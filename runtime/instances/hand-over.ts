/**
 * The state of components that keep it in memory, on its way to another process: what `handOver` of the old instance gives, `takeOver` of the
 * new one gets, and in between the bytes are a file that the deployer names. In: the deployer's steps (control.ts). Out: calls that wait
 * meanwhile, and one instance that serves.
 *
 *   serving    calls go to the instance
 *   held       calls are sent back, and their callers make them again; its state may be somewhere else already, and nobody serves
 *   given up   the instance never serves again; `retire` stops it
 *
 * Who decides is this process: a new instance gets no calls before the old one has said that it is given up, and one whose deployer is gone
 * before it was asked to serves on. So there are never two that serve, whoever is killed when.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import type { Boundary, Method } from '../boundary.ts'
import type { Dispatcher } from '../calls/dispatcher.ts'
import type { Clock } from '../clock.ts'
import { argumentError } from '../codec/mismatch.ts'
import { protocolError, Reader } from '../codec/reader.ts'
import { Writer } from '../codec/writer.ts'
import { WeaveError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { shortName } from '../names.ts'
import type { Definitions } from '../shape.ts'
import type { Instance, Linker } from './linker.ts'

export interface HandOverOptions {
  linker: Linker
  dispatcher: Dispatcher
  clock: Clock
  definitions: () => Definitions
}

interface Hands {
  handOver?: () => unknown
  takeOver?: (state: unknown) => unknown
}

export class HandOver {
  readonly #options: HandOverOptions
  /** A later attempt is another object. */
  readonly #held = new Map<string, { here: Instance }>()

  constructor(options: HandOverOptions) {
    this.#options = options
  }

  /**
   * Waits until the instance is not busy, and writes what it hands over to `path`, which must not be there; from then on it is held. Rejects
   * when its calls don't end, or it fails to hand over: it serves on then.
   */
  async give(name: string, path: string): Promise<void> {
    const { linker, dispatcher, clock } = this.#options
    const { index, boundary, here } = linker.callee(name)
    if (here === undefined || this.#held.has(name)) throw notHere(name)
    const { method, hands } = handing(boundary, here, 'handOver')
    const hold = { here }
    this.#held.set(name, hold)
    dispatcher.leave(index)
    linker.hold(name, true)
    try {
      await within(clock, here.inFlight.idle(), () => {
        const { count } = here.inFlight
        return `${count} ${count === 1 ? 'call' : 'calls'} of ${shortName(name)} had not ended in ${LIMITS.handOverMs / 1000} s`
      })
      const late = () => `${shortName(name)}.handOver has taken more than ${LIMITS.handOverMs / 1000} s`
      const state = await within(clock, Promise.resolve(hands.handOver!()), late)
      await writeFile(path, this.#bytes(name, method, state), { mode: 0o600, flag: 'wx' })
      // Its deployer was gone meanwhile.
      if (this.#held.get(name) !== hold) {
        await rm(path, { force: true })
        throw new Error(`${name} serves again`)
      }
    } catch (error) {
      if (this.#held.get(name) === hold) this.keep(name)
      throw error
    }
  }

  #bytes(name: string, method: Method, state: unknown): Buffer {
    const writer = new Writer(1024)
    try {
      method.encodeArguments(writer, [state])
    } catch (thrown) {
      throw argumentError({ component: name, method, definitions: this.#options.definitions(), thrown }, [state])
    }
    if (writer.position > LIMITS.stateBytesMax) {
      const text = `${shortName(name)}.handOver gave ${writer.position} bytes; ${LIMITS.stateBytesMax} are the most that move.`
      throw new WeaveError(text, { code: 'WV_VALUE' })
    }
    return writer.take()
  }

  /** The new instance, which nobody calls yet, gets what is at `path`. Rejects when that can't be read or it doesn't take it. */
  async take(name: string, path: string): Promise<void> {
    const { linker, clock } = this.#options
    const { boundary, here } = linker.callee(name)
    if (here === undefined) throw notHere(name)
    const { method, hands } = handing(boundary, here, 'takeOver')
    const reader = new Reader(await readFile(path))
    reader.references = linker.references(name)
    const [state] = method.decodeArguments(reader)
    if (reader.left !== 0) throw protocolError(`${reader.left} bytes are left over after a state`)
    const late = () => `${shortName(name)}.takeOver has taken more than ${LIMITS.handOverMs / 1000} s`
    await within(clock, Promise.resolve(hands.takeOver!(state)), late)
  }

  /** It is not handed over after all: it serves on, and calls that were sent back find it when they come again. */
  keep(name: string): void {
    const { linker, dispatcher } = this.#options
    const hold = this.#held.get(name)
    if (hold === undefined) return
    this.#held.delete(name)
    const { index, boundary } = linker.callee(name)
    dispatcher.run(index, boundary, hold.here.implementation)
    linker.hold(name, false)
  }

  /** Nobody is left who could decide. */
  keepAll(): void {
    for (const name of [...this.#held.keys()]) this.keep(name)
  }

  /** From now on the new instance is the component. False: it isn't held, so it serves, or isn't here. */
  giveUp(name: string): boolean {
    return this.#held.delete(name)
  }
}

function handing(
  boundary: Boundary,
  { implementation }: Instance,
  name: keyof Hands,
): { method: Method; hands: Hands } {
  const { state, component } = boundary
  const hands = implementation as Hands
  if (state !== undefined && typeof hands[name] === 'function') return { method: state, hands }
  throw new WeaveError(`${shortName(component)} has no ${name}, as what "provide" gives may not.`, {
    code: 'WV_NO_METHOD',
  })
}

function notHere(name: string): WeaveError {
  return new WeaveError(`${name} does not run here.`, { code: 'WV_NO_METHOD' })
}

async function within<T>(clock: Clock, work: Promise<T>, late: () => string): Promise<T> {
  const tooLate = Promise.withResolvers<never>()
  const timer = clock.setTimeout(() => tooLate.reject(new Error(late())), LIMITS.handOverMs)
  try {
    return await Promise.race([work, tooLate.promise])
  } finally {
    timer.cancel()
  }
}
