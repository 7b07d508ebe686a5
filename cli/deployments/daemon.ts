/**
 * The deployer of a detached deployment, a process of a session of its own. In: over its IPC channel, once, what to deploy. Out, until
 * whoever started it has heard `ready` and hangs up: events, or why it can't be. Then it goes on alone; SIGTERM drains the application.
 */
import { type DeployEvent, type DeployOptions, deploy } from '../../deployer/index.ts'
import { WeaveError } from '../../runtime/errors.ts'
import { removeKeptBuild } from './kept-build.ts'

/** Plain data: it travels as JSON. */
export type DaemonOrder = Pick<
  DeployOptions,
  | 'manifest'
  | 'directory'
  | 'config'
  | 'placement'
  | 'automatic'
  | 'placementSource'
  | 'replicas'
  | 'transport'
  | 'args'
  | 'stateRoot'
>

export type DaemonReport =
  | { type: 'event'; event: DeployEvent }
  /** It didn't come to anything. */
  | { type: 'failed'; message: string; code: string | undefined }

function tell(report: DaemonReport): void {
  // Whoever started us may hang up at any moment; without a callback that would be an uncaught error.
  if (process.connected) process.send?.(report, undefined, undefined, () => {})
}

async function serve(order: DaemonOrder): Promise<void> {
  const deployment = deploy({
    ...order,
    detached: true,
    onEvent: (event) => tell({ type: 'event', event }),
  })
  let asked = 0
  const stop = () => {
    if (++asked === 1) void deployment.stop()
    else deployment.kill()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  // The terminal that it was started from is no business of it.
  process.on('SIGHUP', () => {})
  await deployment.ready.catch((error: Error) => {
    if (asked === 0) tell({ type: 'failed', message: error.message, code: undefined })
  })
  process.exitCode = await deployment.finished
  removeKeptBuild(order.directory)
  if (process.connected) process.disconnect()
}

process.once('message', (order) => {
  serve(order as DaemonOrder).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error)
    if (!(error instanceof WeaveError)) console.error(error)
    tell({ type: 'failed', message, code: error instanceof WeaveError ? error.code : undefined })
    process.exitCode = 1
    if (process.connected) process.disconnect()
  })
})
