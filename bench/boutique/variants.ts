/**
 * Starts the shop as each variant: ours by `weave deploy` of a build made once, the others as a process for each service. Two parts: `page`, the
 * whole shop behind HTTP; `calls`, its components alone, driven from within the front process (call-load.ts).
 */
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build as esbuild } from 'esbuild'
import type { DeployEvent } from '../../deployer/events.ts'
import type { LoadReport } from '../../fixtures/boutique/load/tally.ts'
import { Conversation } from '../conversation.ts'
import { installPeers } from '../peers/install.ts'
import { automatic } from './automatic.ts'
import type { Order } from './call-load.ts'
import { family } from './kernel.ts'
import type { PeerKind, PeerProcess } from './peer-process.ts'
import type { Settled } from './results.ts'
import { SERVICES } from './services.ts'

const repository = join(import.meta.dirname, '..', '..')
const weave = join(repository, 'bin', 'weave.js')

export type Part = 'page' | 'calls'

export interface Running extends AsyncDisposable {
  /** Where the shop is; the calls part has none. */
  readonly url: string | undefined
  /** From the command to the moment when the shop answers. */
  readonly startMs: number
  /** What ours has told so far. */
  readonly events: readonly DeployEvent[]
  /** All processes of the variant now, ours with their deployer. */
  pids(): number[]
  /** Drives the calls part. */
  calls(order: Order): Promise<LoadReport>
}

export interface Variant {
  name: string
  /** `groups`: where it had settled, for the one that places itself. */
  start(part: Part, groups?: string[][]): Promise<Running>
  /** Of that one, which was started without: sends customers until it has. */
  settle?(running: Running): Promise<Settled>
}

const PROJECTS: Record<Part, string> = {
  page: join(repository, 'fixtures', 'boutique'),
  calls: join(import.meta.dirname, 'calls'),
}

export const VARIANTS: readonly Variant[] = [
  peer('gRPC microservices', 'grpc'),
  peer('HTTP/JSON microservices', 'http'),
  peer('NestJS over TCP', 'nest'),
  peer('bare sockets', 'bare'),
  ours('weave, apart', '--placement', 'apart'),
  ours('weave, apart over TCP', '--placement', 'apart', '--transport', 'tcp'),
  automatic('weave, auto', startOurs),
  ours('weave, together', '--placement', 'together'),
]

/** Where the peers' bundle is, beside the packages that it imports; split, so that a process loads its own transport only. */
const PEER_BUNDLE = join(repository, 'bench', 'peers', 'dist')

/** Bundles all variants: ours into each project's own `.weave/build`, the peers by esbuild, with packages outside as ours have them. */
export async function build(): Promise<void> {
  installPeers()
  await esbuild({
    entryPoints: [join(import.meta.dirname, 'peer-process.ts')],
    outdir: PEER_BUNDLE,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    loader: { '.proto': 'text' },
    // Where the shop looks for its pictures.
    define: { 'import.meta.dirname': JSON.stringify(PROJECTS.page) },
  })
  for (const project of Object.values(PROJECTS)) {
    const { status } = spawnSync(process.execPath, [weave, 'build'], { cwd: project, stdio: ['ignore', 2, 2] })
    if (status !== 0) throw new Error(`weave build in ${project} ended with ${status}`)
  }
}

function ours(name: string, ...flags: string[]): Variant {
  return { name, start: (part) => startOurs(part, flags) }
}

async function startOurs(part: Part, flags: readonly string[]): Promise<Running> {
  const begun = performance.now()
  const bench = part === 'calls' ? await Conversation.open() : undefined
  const rest = bench ? ['--', bench.path] : []
  const state = mkdtempSync(join(tmpdir(), 'weave-bench-'))
  const child = spawn(
    process.execPath,
    [weave, 'deploy', '--json', ...flags, '--build', join(PROJECTS[part], '.weave', 'build'), ...rest],
    {
      cwd: PROJECTS[part],
      env: { ...process.env, PORT: '0', WEAVE_STATE: state },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const events: DeployEvent[] = []
  const isReady = Promise.withResolvers<void>()
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const event = JSON.parse(line) as DeployEvent
    events.push(event)
    if (event.type === 'ready') isReady.resolve()
  })
  child.once('exit', (code) => isReady.reject(new Error(`weave deploy ended with ${code}`)))
  await isReady.promise
  const url = events.flatMap((event) => (event.type === 'listener' ? [event.url] : []))[0]
  await (bench?.connected ?? answers(url!))
  return {
    url,
    startMs: performance.now() - begun,
    events,
    pids: () => family(child.pid!),
    calls: (order) => bench!.ask<LoadReport>(order),
    async [Symbol.asyncDispose]() {
      bench?.close()
      if (child.exitCode === null) {
        child.kill('SIGINT')
        await once(child, 'exit')
      }
      rmSync(state, { recursive: true, force: true })
    },
  }
}

function peer(name: string, kind: PeerKind): Variant {
  return {
    name,
    async start(part) {
      const begun = performance.now()
      const bench = part === 'calls' ? await Conversation.open() : undefined
      const front = part === 'calls' ? 'calls' : 'web'
      const ports = await freePorts([...Object.keys(SERVICES), front])
      const start = (role: string) => {
        const options: PeerProcess = { kind, role, ports, ...(bench && { socket: bench.path }) }
        return fork(join(PEER_BUNDLE, 'peer-process.mjs'), [JSON.stringify(options)], {
          stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        })
      }
      // Clients connect when they are first used, so nobody waits for anybody.
      const children = [...Object.keys(SERVICES), front].map(start)
      await Promise.all(children.map(ready))
      const url = bench ? undefined : `http://127.0.0.1:${ports.web}`
      await (bench?.connected ?? answers(url!))
      return {
        url,
        startMs: performance.now() - begun,
        events: [],
        pids: () => children.map(({ pid }) => pid!),
        calls: (order) => bench!.ask<LoadReport>(order),
        async [Symbol.asyncDispose]() {
          bench?.close()
          const left = children.filter(({ exitCode }) => exitCode === null)
          for (const child of left) child.kill('SIGKILL')
          await Promise.all(left.map((child) => once(child, 'exit')))
        },
      }
    },
  }
}

async function ready(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit').then(([code]) => Promise.reject(new Error(`a service ended with ${code}`)))
  await Promise.race([once(child, 'message'), exit])
  exit.catch(() => {})
}

/** Asked until it does, since a port is bound a moment after a process says that it is up. */
async function answers(url: string): Promise<void> {
  const response = await fetch(url)
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${await response.text()}`)
  await response.arrayBuffer()
}

async function freePorts(names: readonly string[]): Promise<Record<string, number>> {
  const servers = await Promise.all(
    names.map(async (name) => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return { name, server, port: (server.address() as { port: number }).port }
    }),
  )
  await Promise.all(servers.map(({ server }) => new Promise((resolve) => server.close(resolve))))
  return Object.fromEntries(servers.map(({ name, port }) => [name, port]))
}
