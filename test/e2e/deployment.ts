/**
 * Starts `weave deploy --json` as a user would and reads its events. Gives the shop's URL, the processes as they come and
 * go, and the exit code; `stop` is Ctrl-C. Everything waits for an event, nothing for a time.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { DeployEvent } from '../../deployer/events.ts'

export const repository = join(import.meta.dirname, '..', '..')
export const weave = join(repository, 'bin', 'weave.js')

export interface Deployment extends AsyncDisposable {
  readonly events: readonly DeployEvent[]
  /** Of the deployer. */
  readonly pid: number
  /** Where its state is: for other commands, as `WEAVE_STATE`. */
  readonly state: string
  /** What the processes and the deployer said on stderr, for messages of failing tests. */
  readonly errors: () => string
  /** Resolves to the first event, past or to come, that fits; rejects when the deployment ends before. */
  event<T extends DeployEvent['type']>(
    type: T,
    fits?: (event: Extract<DeployEvent, { type: T }>) => boolean,
  ): Promise<Extract<DeployEvent, { type: T }>>
  stop(): Promise<number | null>
  readonly exit: Promise<number | null>
}

export function deploy(project: string, ...flags: string[]): Deployment {
  const state = mkdtempSync(join(tmpdir(), 'weave-state-'))
  const child: ChildProcess = spawn(process.execPath, [weave, 'deploy', '--json', ...flags], {
    cwd: project,
    // Any free port, and a state of its own: several deployments of one application may run side by side.
    env: { ...process.env, PORT: '0', WEAVE_STATE: state },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const events: DeployEvent[] = []
  const waiting = new Set<() => void>()
  let stderr = ''
  let ended = false
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-16_384)
  })
  createInterface({ input: child.stdout! }).on('line', (line) => {
    if (!line.startsWith('{')) return
    events.push(JSON.parse(line) as DeployEvent)
    for (const look of [...waiting]) look()
  })
  const exit = once(child, 'close').then(([code]) => {
    ended = true
    rmSync(state, { recursive: true, force: true })
    for (const look of [...waiting]) look()
    return code as number | null
  })
  const deployment: Deployment = {
    events,
    pid: child.pid!,
    state,
    errors: () => stderr,
    exit,
    event: (type, fits = () => true) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = events.find((event) => event.type === type && fits(event as never))
          if (!found && !ended) return
          waiting.delete(look)
          if (found) resolve(found as never)
          else reject(new Error(`weave deploy ended without a "${type}" event:\n${stderr}`))
        }
        waiting.add(look)
        look()
      }),
    async stop() {
      if (!ended) child.kill('SIGINT')
      return exit
    },
    async [Symbol.asyncDispose]() {
      await deployment.stop()
    },
  }
  return deployment
}
