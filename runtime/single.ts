/** An application in one process: settings, start, `main`, signals, stop, exit code. */
import { constants } from 'node:os'
import { App } from './app.ts'
import type { AppDescriptor } from './boundary.ts'
import { readSettings } from './config/settings.ts'
import { enterApp, leaveApp, providedFor } from './current.ts'
import { LIMITS } from './limits.ts'
import { PortBinder } from './listener.ts'
import { exitNow, exitSoon, printError } from './process/exit.ts'

/** Long: the timer is there to be there. */
const ALIVE_MS = 2 ** 30

type Signal = 'SIGINT' | 'SIGTERM'

export async function runSingle(descriptor: AppDescriptor): Promise<void> {
  let app: App | undefined
  try {
    const { application, isolated, config, listeners } = readSettings(descriptor, process.env, process.cwd())
    const binder = new PortBinder(listeners)
    app = new App({ descriptor, application, isolated, config, binder, provided: providedFor })
    enterApp(app)
    const forced = await runToItsEnd(app)
    if (forced !== undefined) return await exitNow(128 + constants.signals[forced])
  } catch (error) {
    printError(error)
    await app?.stop()
    return await exitNow(1)
  } finally {
    if (app) leaveApp(app)
  }
  exitSoon()
}

/** Gives the signal that cut `main` off, if one did. */
async function runToItsEnd(app: App): Promise<Signal | undefined> {
  const late = Promise.withResolvers<Signal>()
  const signalled = (signal: Signal) => {
    // The second one: somebody has waited enough.
    if (app.signal.aborted) return void exitNow(128 + constants.signals[signal])
    app.abort()
    setTimeout(() => late.resolve(signal), LIMITS.drainMs).unref()
  }
  // The application ends when `main` returns, also one that waits for nothing but the signal.
  const alive = setInterval(() => {}, ALIVE_MS)
  process.on('SIGINT', signalled)
  process.on('SIGTERM', signalled)
  try {
    await app.start()
    // `main` gets an aborted signal when one came meanwhile, and can't tell it from one that comes at once.
    const forced = await Promise.race([app.main(), late.promise])
    if (forced !== undefined) app.log.warn(`main did not return within ${LIMITS.drainMs} ms after ${forced}`)
    await app.stop()
    return forced ?? undefined
  } finally {
    clearInterval(alive)
    process.off('SIGINT', signalled)
    process.off('SIGTERM', signalled)
  }
}
