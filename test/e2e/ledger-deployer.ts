/**
 * A detached deployer of apps/ledger as a program of its own, which may be killed: detached-ledger.ts forks it. It is told what to do by
 * messages, answers each, and tells its events. `diesAt`: a step of a move at which it kills itself.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DeployEvent, deploy } from '../../deployer/index.ts'
import type { MoveState, MoveStatus } from '../../deployer/moves/mover.ts'
import { parseManifest } from '../../runtime/manifest.ts'
import type { TransportKind } from '../../runtime/transport/address.ts'

export interface DeployerOptions {
  build: string
  state: string
  config: Record<string, object>
  transport: TransportKind
  diesAt?: MoveState['kind'] | undefined
}

export type Ask =
  | { id: number; ask: 'move'; components: string[]; to: string }
  | { id: number; ask: 'processes' }
  | { id: number; ask: 'stop' }

export type Tell =
  | { event: DeployEvent }
  /** Null: there is nothing to say. */
  | { id: number; done: unknown }
  | { id: number; failed: { message: string; code: string } }

const { build, state, config, transport, diesAt } = JSON.parse(process.argv[2]!) as DeployerOptions
/** Who has hung up hears nothing. */
const tell = (message: Tell) => void (process.connected && process.send?.(message))

const deployment = deploy({
  manifest: parseManifest(readFileSync(join(build, 'weave.manifest.json'), 'utf8')),
  directory: build,
  placement: 'apart',
  transport,
  config: { config },
  stateRoot: state,
  detached: true,
  onEvent: (event) => {
    if (event.type === 'move-step' && event.step === diesAt) process.kill(process.pid, 'SIGKILL')
    tell({ event })
  },
})
deployment.ready.catch(() => {})

process.on('message', (message: Ask) => {
  void answer(message).then(
    (done) => tell({ id: message.id, done }),
    ({ message: text, code }) => tell({ id: message.id, failed: { message: text, code } }),
  )
})
// Nobody is left to stop it.
process.on('disconnect', () => deployment.kill())

async function answer(message: Ask): Promise<MoveStatus | unknown> {
  switch (message.ask) {
    case 'move':
      return deployment.move(message.components, message.to)
    case 'processes':
      return deployment.processes()
    case 'stop':
      // Its exit is what is waited for.
      void deployment.stop()
      return null
  }
}

process.exitCode = await deployment.finished
process.removeAllListeners('disconnect')
if (process.connected) process.disconnect()
