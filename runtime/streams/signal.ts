/**
 * Listening to `AbortSignal`s of the user's. A signal may be passed with thousands of calls (the one that `main` got, say), so it gets one
 * listener for all of them, which goes with the last: nothing of a call that has ended stays with its signal.
 */

/** `aborted` is called once, when the signal aborts; not when it has. Gives what ends the listening. */
export function onAbort(signal: AbortSignal, aborted: () => void): () => void {
  if (signal.aborted) return () => {}
  const listener = listeners.get(signal) ?? new Listener(signal)
  // A function of its own, so that the same one given twice is told twice.
  const callback = () => aborted()
  listener.add(callback)
  return () => listener.remove(callback)
}

const listeners = new WeakMap<AbortSignal, Listener>()

class Listener {
  readonly #signal: AbortSignal
  readonly #callbacks = new Set<() => void>()
  readonly #tell = () => this.#aborted()

  constructor(signal: AbortSignal) {
    this.#signal = signal
    listeners.set(signal, this)
    signal.addEventListener('abort', this.#tell, { once: true })
  }

  add(callback: () => void): void {
    this.#callbacks.add(callback)
  }

  remove(callback: () => void): void {
    if (!this.#callbacks.delete(callback) || this.#callbacks.size > 0) return
    listeners.delete(this.#signal)
    this.#signal.removeEventListener('abort', this.#tell)
  }

  #aborted(): void {
    listeners.delete(this.#signal)
    // One that is told may remove another, or itself.
    for (const callback of this.#callbacks) {
      this.#callbacks.delete(callback)
      callback()
    }
  }
}
