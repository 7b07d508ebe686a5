/**
 * `weave deploy --detach`: starts the daemon (daemon.ts) and waits until the application is ready, or the daemon says why it never will be. In:
 * the order, what shows events. Out: nothing; throws a `Failure`. Ctrl-C before it is ready ends the daemon and what it has started.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DeployEvent, StateFolder } from '../../deployer/index.ts'
import { Failure } from '../errors.ts'
import type { DaemonOrder, DaemonReport } from './daemon.ts'

/** As a shell has it for Ctrl-C. */
const EXIT_INTERRUPTED = 130

export async function detach(
  order: DaemonOrder,
  folder: StateFolder,
  onEvent: (event: DeployEvent) => void,
): Promise<void> {
  const daemon = start(folder)
  let asked = false
  const stop = () => {
    asked = true
    daemon.kill('SIGTERM')
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  daemon.send(order)
  try {
    await ready(daemon, folder, onEvent)
  } catch (error) {
    if (!asked) throw error
    process.exitCode = EXIT_INTERRUPTED
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stop)
    if (daemon.connected) daemon.disconnect()
    daemon.unref()
  }
}

function start(folder: StateFolder): ChildProcess {
  const own = import.meta.url
  const entry = fileURLToPath(new URL(`./daemon${extname(own)}`, own))
  folder.create()
  const log = openSync(folder.deployerLog, 'a', 0o600)
  try {
    return spawn(process.execPath, [entry], { stdio: ['ignore', log, log, 'ipc'], detached: true })
  } finally {
    closeSync(log)
  }
}

function ready(daemon: ChildProcess, folder: StateFolder, onEvent: (event: DeployEvent) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const next = 'Correct that, then run "weave deploy --detach" again.'
  /** What a process that crashed had printed: it went to a file, and the user is here. */
  const lastLines = new Map<string, string[]>()
  const failed = (message: string) => {
    const said = [...lastLines].flatMap(([process, lines]) => lines.map((line) => `  ${process} │ ${line}`))
    reject(new Failure([message, ...said].join('\n'), { next }))
  }
  daemon.on('message', (message) => {
    const report = message as DaemonReport
    if (report.type === 'failed') return failed(report.message)
    const { event } = report
    onEvent(event)
    if (event.type === 'process-exited' && event.lastLines.length > 0) lastLines.set(event.process, event.lastLines)
    if (event.type === 'ready') resolve()
  })
  daemon.once('error', (error) => failed(`The deployer could not be started: ${error.message}.`))
  daemon.once('exit', (code, signal) => {
    const how = signal === null ? `with code ${code}` : `by ${signal}`
    failed(`The deployer ended ${how} before the application was ready; ${folder.deployerLog} has what it printed.`)
  })
  return promise
}
