/**
 * The application of apps/tally, deployed by this process, and what its answers say: which replica has answered each key, when, how often. For
 * test/e2e/keys.test.ts and bench/keys.ts.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type DeployEvent, type Deployment, type DeployOptions, deploy } from '../../deployer/index.ts'
import { parseManifest } from '../../runtime/manifest.ts'
import { weave } from './deployment.ts'

const PROJECT = join(import.meta.dirname, 'apps', 'tally')
const BUILD = join(PROJECT, '.weave', 'build')

export interface Answer {
  /** When the call was made, and when it ended, in order of which they come. */
  sentMs: number
  key: string
  /** The replica's pid; `failed`. */
  by: string
  /** How often the key had come there; of a failure, its code. */
  times: string
}

export interface TallyOptions extends Partial<DeployOptions> {
  workers?: number
  keys?: number
  /** Of each worker; 0: until it is stopped. */
  calls?: number
  /** Keys of every second call. */
  hot?: string[]
  /** Each call holds the event loop of its replica for so long. */
  holdMs?: number
}

export interface RunningTally {
  deployment: Deployment
  events: DeployEvent[]
  errors: () => string
  answers(): Answer[]
  /** Resolves to the exit code. */
  close(): Promise<number>
}

export async function startTally(options: TallyOptions = {}): Promise<RunningTally> {
  const { workers = 4, keys = 100, calls = 0, hot = [], holdMs = 0, ...rest } = options
  await promisify(execFile)(process.execPath, [weave, 'build'], { cwd: PROJECT })
  const folder = mkdtempSync(join(tmpdir(), 'weave-tally-'))
  const events: DeployEvent[] = []
  let errors = ''
  const deployment = deploy({
    manifest: parseManifest(readFileSync(join(BUILD, 'weave.manifest.json'), 'utf8')),
    directory: BUILD,
    placement: 'apart',
    onEvent: (event) => void events.push(event),
    onOutput: (_process, stream, chunk) => {
      if (stream === 'stderr') errors = (errors + chunk.toString()).slice(-16_384)
    },
    ...rest,
    config: { ...rest.config, config: { Desk: { folder, workers, keys, calls, hot, holdMs } } },
  })
  await deployment.ready
  return {
    deployment,
    events,
    errors: () => errors,
    answers: () => answersIn(readFileSync(join(folder, 'answers'), 'utf8')),
    async close() {
      await deployment.stop()
      const code = await deployment.finished
      rmSync(folder, { recursive: true })
      return code
    },
  }
}

export function answersIn(text: string): Answer[] {
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => {
    const [sentMs, key, by, ...times] = line.split(' ') as [string, string, string, ...string[]]
    return { sentMs: Number(sentMs), key, by, times: times.join(' ') }
  })
}

export interface Affinity {
  calls: number
  failed: Answer[]
  /** Answers that say what another has said: a call was counted twice, or its answer given twice. */
  doubled: number
  /** Keys whose owner has changed. */
  moved: number
  /** Answered by who was no longer, or not yet, the key's owner, as its other calls say. */
  byOthers: number
}

/**
 * A key's owner is whoever answers it; it changes at most once in these answers. A call that was sent after another replica had answered one, and went to the
 * former owner all the same, was answered by a replica that was not the owner.
 */
export function affinityOf(answers: readonly Answer[]): Affinity {
  const failed = answers.filter(({ by }) => by === 'failed')
  const answered = answers.filter(({ by }) => by !== 'failed')
  const doubled = answered.length - new Set(answered.map(({ key, by, times }) => `${key} ${by} ${times}`)).size
  let byOthers = 0
  for (const sent of byKey(answered)) {
    const last = sent.at(-1)!.by
    const first = sent.findIndex(({ by }) => by === last)
    byOthers += sent.slice(first).filter(({ by }) => by !== last).length
    byOthers += sent.slice(0, first).filter(({ by }) => by !== sent[0]!.by).length
  }
  return { calls: answers.length, failed, doubled, moved: movedKeys(answers).length, byOthers }
}

/** Keys whose last call another replica has answered than their first. */
export function movedKeys(answers: readonly Answer[]): string[] {
  return byKey(answers.filter(({ by }) => by !== 'failed')).flatMap((sent) =>
    sent.at(-1)!.by === sent[0]!.by ? [] : [sent[0]!.key],
  )
}

/** In the order in which they were sent. */
function byKey(answers: readonly Answer[]): Answer[][] {
  const groups = Map.groupBy(answers, ({ key }) => key).values()
  return [...groups].map((calls) => calls.toSorted((a, b) => a.sentMs - b.sentMs))
}
