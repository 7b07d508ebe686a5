/**
 * Deployments as commands find and ask them: by application name, or the only one there is, through the API of its deployer. In: a name or
 * none. Out: answers, or a `Failure` that says what there is and what to do.
 */
import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { type StateFolder, stateFolders, stateRoot } from '../../deployer/state/folder.ts'
import type { Status } from '../../deployer/status.ts'
import { LIMITS } from '../../runtime/limits.ts'
import { didYouMean, shortName } from '../../runtime/names.ts'
import { EXIT, Failure } from '../errors.ts'

/** A command that has no answer after so long says what it waits for, and again each time that as much has passed. */
const WAITING_MS = 2_000

/** Those of which something runs, or of which a deployer was killed. */
export function runningFolders(): StateFolder[] {
  return stateFolders().filter(({ api }) => api !== undefined)
}

/** The one that is meant. Without a name it is the only one that runs. */
export function findDeployment(name: string | undefined): StateFolder {
  const running = runningFolders()
  if (name === undefined) {
    if (running.length === 1) return running[0]!
    if (running.length === 0) throw nothingRuns()
    const names = running.map(({ application }) => application).join(', ')
    throw new Failure(`${running.length} applications run: ${names}.`, {
      next: 'Say which one, after the command.',
      exitCode: EXIT.usage,
    })
  }
  const found = running.find(({ application }) => application === name)
  if (found) return found
  const names = running.map(({ application }) => application)
  if (names.length === 0) throw nothingRuns()
  const near = didYouMean(name, names)
  const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`
  throw new Failure(`No application "${name}" is deployed; ${hint}${near === undefined ? '.' : ''}`, {
    next: 'weave status',
  })
}

/** The one that is meant, if there is a state of it, also of what has ended; else as `findDeployment`. */
export function findKept(name: string | undefined): StateFolder {
  const kept = stateFolders().filter(({ database }) => existsSync(database))
  const found = kept.filter(({ application }) => name === undefined || application === name)
  return found.length === 1 ? found[0]! : findDeployment(name)
}

function nothingRuns(): Failure {
  return new Failure(`Nothing is deployed (state in ${stateRoot()}).`, { next: 'weave deploy' })
}

/** The deployer was killed, perhaps before it had answered; its processes may go on. */
export class DeployerGone extends Failure {
  constructor(application: string, cause: Error) {
    const next = '"weave deploy --detach" takes over what runs, and finishes or takes back what was under way.'
    super(`The deployer of "${application}" is gone.`, { next, cause })
  }
}

export function statusOf(folder: StateFolder): Promise<Status> {
  return ask(folder, 'GET', '/v1/status') as Promise<Status>
}

/** An answer of the API. Throws a `Failure` with the deployer's words, or `DeployerGone`. */
export async function ask(folder: StateFolder, method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const asking = exchange(folder, method, path, body)
  const silence = method === 'GET' ? undefined : setInterval(() => sayWaiting(folder).catch(() => {}), WAITING_MS)
  const { status, text } = await asking.finally(() => clearInterval(silence))
  const answer = JSON.parse(text) as { error?: { code: string; message: string } }
  if (status === 200) return answer
  const { message, code } = answer.error ?? { message: text }
  throw new Failure(message, { next: `weave status ${folder.application}`, code })
}

/** Silence looks like a hang: what isn't as it should be yet, on stderr. */
async function sayWaiting(folder: StateFolder): Promise<void> {
  const { text } = await exchange(folder, 'GET', '/v1/status', undefined)
  const line = waitingText(JSON.parse(text) as Status)
  if (line !== undefined) process.stderr.write(`${line}\n`)
}

/** Undefined when nothing is waited for that the status knows. */
export function waitingText({ application, processes, move }: Status): string | undefined {
  const late = processes.filter(({ state }) => state !== 'ready').map(({ process, state }) => `${process} (${state})`)
  if (move !== null && move.state.kind !== 'done' && move.state.kind !== 'undone')
    late.unshift(
      `${move.components.map(shortName).join(', ')} to move from ${move.from} to ${move.to} (${move.state.kind})`,
    )
  if (late.length === 0) return undefined
  const isDraining = late.some((each) => each.endsWith('(draining)'))
  const calls = isDraining
    ? `; calls have ${LIMITS.drainMs / 1000} s to end, "weave logs ${application}" names them`
    : ''
  return `waiting for ${late.join(', ')}${calls}`
}

function exchange(
  folder: StateFolder,
  method: string,
  path: string,
  body: object | undefined,
): Promise<{ status: number; text: string }> {
  const socketPath = folder.api
  if (socketPath === undefined) return Promise.reject(nothingRuns())
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const sent = request({ socketPath, method, path, agent: false }, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      text += chunk
    })
    response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
    response.once('error', gone)
  })
  const gone = (cause: Error) => reject(new DeployerGone(folder.application, cause))
  sent.once('error', gone)
  sent.end(body === undefined ? undefined : JSON.stringify(body))
  return promise
}
