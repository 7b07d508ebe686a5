/**
 * `CheckedProject` over TypeScript 7.1, whose compiler runs in a process of its own: one a project, started by the first
 * `refresh`, ended by `close` and with this process. In goes a tsconfig (or just a folder); out comes a view of what is on disk
 * and in unsaved buffers. The compiler is told what changed (disk7.ts) and keeps the rest.
 *
 * States: *closed* (no server; `start` or `refresh` starts one) → *started* (it reads the program) → *open* (a snapshot, its view) →
 * *closed* by `close`, or by the server's death, which whoever asked next meets as `CompilerStopped`.
 */
import { dirname, resolve } from 'node:path'
import { slashes } from './config6.ts'
import { readConfig7, type Setup7, withoutConfig7 } from './config7.ts'
import { type Changes, Disk7 } from './disk7.ts'
import { type EmitOptions7, type EmitResult7, emit7, PlainOutput7, sourcesOf, typeErrors7 } from './emit7.ts'
import { Links7 } from './links7.ts'
import { type CheckedProject, CompilerStopped, type OpenProjectOptions } from './project.ts'
import type { CheckerView } from './view.ts'
import { createView7 } from './view7.ts'
import { loadBatch, sendBatch } from './view7-answers.ts'
import type { Program, Sync, Ts7 } from './view7-api.ts'
import { Wire7 } from './wire7.ts'

export interface Project7 extends CheckedProject {
  /** Begins what `emit` of all files will wait for, with texts for these; for whoever has yet to make the texts. */
  beginEmit(transformed: Iterable<string>): void
  /** Of what the last `refresh` saw (it calls it if there was none). */
  emit(options: EmitOptions7): EmitResult7
  /** Compiler options that hold, and the projects that the tsconfig refers to; known after `refresh`. */
  readonly options: Setup7['options']
  readonly references: Setup7['references']
}

export interface Project7Options extends OpenProjectOptions {
  readonly ts7: Ts7
  readonly compiler: CheckedProject['compiler']
}

export function isProject7(project: CheckedProject): project is Project7 {
  return project instanceof OpenProject7
}

export function openProject7(options: Project7Options): Project7 {
  return new OpenProject7(options)
}

/** A program on a snapshot. */
interface Opened {
  readonly snapshot: Sync.Snapshot
  readonly program: Program
}

interface Started {
  readonly api: Sync.API
  readonly wire: Wire7
  readonly disk: Disk7
  readonly links: Links7
  setup: Setup7
}

interface Server extends Started {
  rootFiles: readonly string[]
  /** Of what is on disk; snapshots with unsaved buffers are laid over it. */
  base: Opened
  /** What the view is of: `base`, or `base` with the unsaved buffers. */
  current: Opened
  overlays: ReadonlyMap<string, string>
  view: CheckerView
}

class OpenProject7 implements Project7 {
  readonly compiler: CheckedProject['compiler']
  readonly #ts7: Ts7
  readonly #tsconfig: string | undefined
  readonly #folder: string
  readonly #compile: OpenProjectOptions['compilerOptions']
  readonly #added: Set<string>
  readonly #overlays = new Map<string, string>()
  #overlaysChanged = false
  #started: Started | undefined
  #begun: PlainOutput7 | undefined
  #server: Server | undefined

  constructor({ ts7, compiler, root, tsconfig, files, compilerOptions }: Project7Options) {
    this.#compile = compilerOptions
    this.compiler = compiler
    this.#ts7 = ts7
    this.#tsconfig = tsconfig === undefined ? undefined : resolve(tsconfig)
    this.#folder = this.#tsconfig ? dirname(this.#tsconfig) : resolve(root)
    this.#added = new Set(files.map(slashes))
  }

  get configErrors(): readonly string[] {
    return this.#server?.setup.errors ?? []
  }

  get configFiles(): readonly string[] {
    return this.#server?.setup.configFiles ?? []
  }

  get options(): Setup7['options'] {
    return this.#server?.setup.options ?? {}
  }

  get references(): Setup7['references'] {
    return this.#server?.setup.references ?? []
  }

  add(path: string): void {
    this.#added.add(slashes(path))
  }

  overlay(path: string, text: string | undefined): void {
    const name = slashes(path)
    if (this.#overlays.get(name) === text) return
    if (text === undefined) this.#overlays.delete(name)
    else this.#overlays.set(name, text)
    this.#overlaysChanged = true
  }

  start(): void {
    if (this.#server === undefined) this.#started ??= this.#start()
  }

  refresh(): CheckerView {
    if (this.#server) this.#update(this.#server)
    else this.#server = this.#open()
    return this.#server!.view
  }

  typeErrors(files?: readonly string[]): ReturnType<CheckedProject['typeErrors']> {
    return typeErrors7(this.#ts7, this.#opened().current.program, files?.map(slashes))
  }

  beginEmit(transformed: Iterable<string>): void {
    const { current, view, wire } = this.#opened()
    this.#begun = new PlainOutput7({ program: current.program, transformed, files: sourcesOf(view) })
    sendBatch(wire, this.#begun.requests)
  }

  /** What was begun, if it is of the same program and the same files. */
  #plainOutput({ current, api }: Server, { overlays, files }: EmitOptions7): PlainOutput7 | undefined {
    const begun = this.#begun
    this.#begun = undefined
    if (begun === undefined || files !== undefined || begun.program !== current.program) return undefined
    const isSame =
      begun.transformed.size === overlays.size && [...overlays.keys()].every((path) => begun.transformed.has(path))
    if (!isSame) return undefined
    loadBatch(api, begun.requests)
    return begun
  }

  emit({ overlays, files }: EmitOptions7): EmitResult7 {
    const server = this.#opened()
    const known = this.#plainOutput(server, { overlays, ...(files && { files }) })
    const laid = this.#lay(server.base, new Map([...this.#overlays, ...overlays]))
    try {
      const asked = files?.map(slashes)
      return emit7({
        ts7: this.#ts7,
        view: server.view,
        plain: server.current.program,
        laid: laid.program,
        files: asked,
        known,
      })
    } finally {
      if (laid !== server.base) laid.snapshot.dispose()
    }
  }

  close(): void {
    const api = (this.#server ?? this.#started)?.api
    this.#server = undefined
    this.#started = undefined
    try {
      api?.close()
    } catch {
      // It has ended already.
    }
  }

  #opened(): Server {
    if (!this.#server) this.refresh()
    return this.#server!
  }

  #setup(api: Sync.API): Setup7 {
    const read = this.#tsconfig && readConfig7(api, this.#tsconfig, this.#compile)
    if (read) return read
    const setup = withoutConfig7(this.#ts7, this.#folder)
    const errors = this.#tsconfig ? [`${this.#tsconfig}: the file was not found.`] : []
    return { ...setup, errors, configFiles: this.#tsconfig ? [this.#tsconfig] : [] }
  }

  #roots({ fileNames }: Setup7): string[] {
    return [...new Set([...fileNames, ...this.#added])]
  }

  #start(): Started {
    const api = new this.#ts7.sync.API({ cwd: this.#folder })
    guardRequests(api, (work) => this.#guard(api, work))
    try {
      const wire = new Wire7(api)
      const disk = new Disk7()
      const setup = this.#setup(api)
      const rootFiles = this.#roots(setup)
      disk.watch(rootFiles, setup.configFiles)
      const first = api.createSnapshot.gen(created(setup, rootFiles)).next().value
      if (isCreation(first)) wire.send(first.method, first.params)
      // While the compiler reads them too.
      for (const path of rootFiles) if (!this.#overlays.has(path)) disk.read(path)
      return { api, wire, disk, setup, links: new Links7((path) => disk.stamp(path)) }
    } catch (error) {
      api.close()
      throw error
    }
  }

  #open(): Server {
    const started = this.#started ?? this.#start()
    this.#started = undefined
    const { api, setup } = started
    try {
      const rootFiles = this.#roots(setup)
      const snapshot = api.createSnapshot(created(setup, rootFiles))
      const base: Opened = { snapshot, program: snapshot.operation.createdPrograms[0] }
      return this.#viewed({ ...started, rootFiles, base })
    } catch (error) {
      api.close()
      throw error
    }
  }

  #update(server: Server): void {
    const changes = server.disk.changes()
    const setup = this.#setup(server.api)
    const rootFiles = this.#roots(setup)
    const sameRoots = sameList(rootFiles, server.rootFiles)
    const same = sameRoots && configurationText(setup) === configurationText(server.setup)
    const notified = changes.all || changes.changed.length + changes.created.length + changes.deleted.length > 0
    if (same && !notified && !this.#overlaysChanged) {
      server.setup = setup
      return
    }
    const { changed, created, deleted } = changes
    server.links.leave([...changed, ...created, ...deleted, ...server.overlays.keys(), ...this.#overlays.keys()])
    if (changes.all) server.links.invalidate()
    const before = [server.current.snapshot, server.base.snapshot]
    let { base } = server
    if (!same || notified) {
      server.disk.watch(rootFiles, setup.configFiles)
      const id = base.program.id as Sync.SyntheticProjectId
      const snapshot = base.snapshot.update({
        ensurePrograms: true,
        fileNotifications: notifications(changes),
        ...(!same && { reconfigurePrograms: [{ id, ...configuration(setup, rootFiles) }] }),
      })
      base = { snapshot, program: snapshot.getProgram(id)! }
    }
    this.#server = this.#viewed({ ...server, setup, rootFiles, base })
    const now = [this.#server.current.snapshot, this.#server.base.snapshot]
    for (const snapshot of new Set(before)) if (!now.includes(snapshot)) snapshot.dispose()
  }

  /** Lays the unsaved buffers over the new base and makes the view of it. */
  #viewed(server: Omit<Server, 'current' | 'overlays' | 'view'>): Server {
    const current = this.#lay(server.base, this.#overlays)
    this.#overlaysChanged = false
    const overlays = new Map(this.#overlays)
    const { api, wire, base, disk, links } = server
    const view = createView7({
      ts7: this.#ts7,
      api,
      wire,
      links,
      program: current.program,
      // Trees of the base outlive a keystroke. Nothing here may hold the server: it has the view before, and that the one before.
      treesFrom: (path) => (overlays.has(path) ? current.program : base.program),
      readText: (path) => overlays.get(path) ?? disk.text(path),
    })
    const files = view.files().filter(({ origin }) => origin !== 'lib')
    const own = files.filter(({ origin }) => origin === 'project').map(({ path }) => path)
    disk.keep(new Set([...files.map(({ path }) => path), ...server.setup.configFiles]))
    disk.watch(own, [...files.map(({ path }) => path), ...server.setup.configFiles])
    return { ...server, current, overlays, view }
  }

  /** A buffer that has no file yet is a new one; the tsconfig decides whether it is part of the program. */
  #lay(base: Opened, overlays: ReadonlyMap<string, string>): Opened {
    if (overlays.size === 0) return base
    const snapshot = base.snapshot.update({
      ensurePrograms: true,
      fileSystem: { kind: 'layer', files: Object.fromEntries(overlays) },
      fileNotifications: { changed: [...overlays.keys()] },
    })
    return { snapshot, program: snapshot.getProgram(base.program.id)! }
  }

  /** Tells the end of a server from an answer that says no. An old view may find its server ended when there is a new one. */
  #guard<Answer>(api: Sync.API, work: () => Answer): Answer {
    try {
      return work()
    } catch (error) {
      if (!hasEnded(error)) throw error
      if (this.#server?.api === api) this.close()
      throw new CompilerStopped(this.compiler, error)
    }
  }
}

function created(setup: Setup7, rootFiles: readonly string[]) {
  return { createPrograms: [configuration(setup, rootFiles)] } as const
}

/** The API may have something else to say first. */
function isCreation(message: unknown): message is { method: 'createSnapshot'; params: unknown } {
  return (message as { method?: unknown } | undefined)?.method === 'createSnapshot'
}

function configuration({ options, references }: Setup7, rootFiles: readonly string[]) {
  return { rootFiles, compilerOptions: options, options: { projectReferences: references } }
}

const configurationText = ({ options, references }: Setup7): string => JSON.stringify([options, references])

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, at) => each === b[at])
}

function notifications({ changed, created, deleted, all }: Changes): Sync.FileNotifications {
  return all ? { invalidateAll: true } : { changed: [...changed], created: [...created], deleted: [...deleted] }
}

/** What the API keeps to itself, read guardedly: without it the end of the server would be a fault of reading or writing a pipe. */
interface Internals {
  readonly client?: {
    apiRequest?: (...values: unknown[]) => unknown
    apiRequestBinary?: (...values: unknown[]) => unknown
    readonly channel?: { readonly child?: { on?(event: 'error', handle: () => void): void } }
  }
}

/** Any answer may be asked for late, by reading a member of another answer; so the end of the server is met where requests are sent. */
function guardRequests(api: Sync.API, guard: <Answer>(work: () => Answer) => Answer): void {
  const { client } = api as unknown as Internals
  // A process that can't be spawned is noticed by the first request; Node would also throw it into the void.
  client?.channel?.child?.on?.('error', () => undefined)
  for (const name of ['apiRequest', 'apiRequestBinary'] as const) {
    const send = client?.[name]
    if (client && send) client[name] = (...values) => guard(() => send.apply(client, values))
  }
}

const ENDED = /Unexpected EOF|SyncRpcChannel|EPIPE|EBADF|panic|child process/i

function hasEnded(error: unknown): boolean {
  return error instanceof Error && ENDED.test(`${(error as NodeJS.ErrnoException).code ?? ''} ${error.message}`)
}
