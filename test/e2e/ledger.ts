/**
 * The application of apps/ledger, deployed by this process, and the audit of its books: each call counted where it was made and where it
 * ran. For test/e2e/moves.test.ts and bench/moves.ts.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type DeployEvent, type Deployment, deploy } from '../../deployer/index.ts'
import { parseManifest } from '../../runtime/manifest.ts'
import type { TransportKind } from '../../runtime/transport/address.ts'
import { weave } from './deployment.ts'

const PROJECT = join(import.meta.dirname, 'apps', 'ledger')

export interface Books {
  made: number
  /** Said to have been done, and run once. */
  done: number
  /** Said to have been done, and never run. */
  lost: string[]
  /** Run more than once. */
  twice: string[]
  /** Said not to have run, with the code. */
  refused: string[]
  /** Said not to have run, and run all the same. */
  untrue: string[]
  /** They may have run, as their callers were told: the process that had them died. */
  unknown: string[]
  /** Nobody has written down what became of them: the caller died. */
  unfinished: string[]
  streams: { whole: number; broken: string[]; cut: string[] }
  /** Of the counter, which keeps its state in memory: answers that weren't one more than the last, and calls that failed. */
  counts: { counted: number; wrong: string[]; failed: string[] }
}

export interface RunningLedger {
  /** Where the application writes what it does, and looks for accidents (apps/ledger/src/accident.ts). */
  folder: string
  deployment: Deployment
  events: DeployEvent[]
  /** What processes have printed on stderr. */
  errors: () => string
  /** Calls that have been made so far. */
  made(): number
  /** Stops all, and adds up. */
  close(): Promise<{ books: Books; exitCode: number }>
}

let built: Promise<string> | undefined

/** Gives the folder of the build: one for each process, since two test files at once would build under each other's deployers. */
export function buildLedger(): Promise<string> {
  built ??= build(join(PROJECT, '.weave', `build-${process.pid}`))
  return built
}

async function build(folder: string): Promise<string> {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await promisify(execFile)(process.execPath, [weave, 'build', '--outdir', folder], { cwd: PROJECT })
  return folder
}

/** Where the application writes what it does. */
export class LedgerFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'weave-ledger-'))

  read(name: string): string[] {
    const path = join(this.folder, name)
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
  }

  /** Calls that have been made so far. */
  made(): number {
    return this.read('made').filter((line) => line.endsWith(' made')).length
  }

  audit(): Books {
    return audit(this.read('made'), this.read('ran'))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export async function startLedger(
  options: { workers?: number; transport?: TransportKind; onEvent?: (event: DeployEvent) => void } = {},
): Promise<RunningLedger> {
  const directory = await buildLedger()
  const files = new LedgerFiles()
  const { folder } = files
  const events: DeployEvent[] = []
  let errors = ''
  const deployment = deploy({
    manifest: parseManifest(readFileSync(join(directory, 'weave.manifest.json'), 'utf8')),
    directory,
    placement: 'apart',
    transport: options.transport,
    config: { config: { Ledger: { folder }, Counter: { folder }, Office: { folder, workers: options.workers ?? 8 } } },
    onEvent: (event) => {
      events.push(event)
      options.onEvent?.(event)
    },
    onOutput: (_process, stream, chunk) => {
      if (stream === 'stderr') errors = (errors + chunk.toString()).slice(-16_384)
    },
  })
  await deployment.ready
  return {
    folder,
    deployment,
    events,
    errors: () => errors,
    made: () => files.made(),
    async close() {
      await deployment.stop()
      const exitCode = await deployment.finished
      const books = files.audit()
      files.remove()
      return { books, exitCode }
    },
  }
}

function audit(made: readonly string[], ran: readonly string[]): Books {
  const runs = new Map<string, number>()
  for (const id of ran) runs.set(id, (runs.get(id) ?? 0) + 1)
  const outcomes = new Map<string, string>()
  const streams: Books['streams'] = { whole: 0, broken: [], cut: [] }
  const counts: Books['counts'] = { counted: 0, wrong: [], failed: [] }
  for (const line of made) {
    const [id, ...words] = line.split(' ') as [string, ...string[]]
    const said = words.join(' ')
    if (id.endsWith('.count')) {
      if (said.startsWith('counted ')) counts.counted += Number(words[1])
      else counts[said.startsWith('wrong') ? 'wrong' : 'failed'].push(line)
      continue
    }
    if (said === 'whole') streams.whole++
    else if (said.startsWith('broken')) streams.broken.push(line)
    else if (said.startsWith('cut')) streams.cut.push(line)
    else outcomes.set(id, said)
  }
  const all = [...outcomes].map(([id, said]) => ({ id, said, times: runs.get(id) ?? 0, line: `${id} ${said}` }))
  const those = (fits: (call: (typeof all)[number]) => boolean) => all.filter(fits).map(({ line }) => line)
  return {
    made: all.length,
    done: those(({ said, times }) => said === 'done' && times === 1).length,
    lost: those(({ said, times }) => said === 'done' && times === 0),
    twice: [...runs].filter(([, times]) => times > 1).map(([id]) => id),
    refused: those(({ said, times }) => said.startsWith('no ') && times === 0),
    untrue: those(({ said, times }) => said.startsWith('no ') && times > 0),
    unknown: those(
      ({ said }) => said.startsWith('maybe ') || said.startsWith('other ') || said.startsWith('undefined '),
    ),
    unfinished: those(({ said }) => said === 'made'),
    streams,
    counts,
  }
}
