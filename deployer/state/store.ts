/**
 * What a deployer must find again when it is started anew under a running application: which version and what of it should run, each
 * process with its number and address, and what has happened lately. In: records, after every change. Out: the same, when a
 * deployer opens it. SQLite, since a writer that is killed leaves nothing half written.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { WeaveConfig } from '../../runtime/config/configuration.ts'
import { type Trial, UNMEASURED } from '../automatic/trial.ts'
import type { DeployEvent } from '../events.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { Moving } from '../moves/unfinished.ts'
import type { Group } from '../placement.ts'
import type { Decisions } from '../planning/stays.ts'
import type { ProcessState } from '../supervisor.ts'
import { openDatabase } from './sqlite.ts'

/** Raised when an older deployer's records can't be read any more; such a state is not taken over. */
const FORMAT = 1

export interface DeploymentRecord {
  application: string
  version: string
  detached: boolean
  /** Folder with the sockets. */
  sockets: string
  /** Folder with the manifest and what was built with it. */
  directory: string
  /** What weave.config.ts said: a process that is started later gets the same, and so does a deployer that only ends it all. */
  config: WeaveConfig
  deployer: { pid: number; start: string }
  sinceMs: number
  groups: readonly Group[]
  /** What was on the way when this was written. */
  moving?: Moving
  /** Placement decides by itself. */
  automatic?: boolean
  /** What people have moved and scaled, which placement leaves alone. */
  decisions?: Decisions
}

export interface ProcessRecord {
  process: string
  group: string
  slot: number
  /** Its number in names of sockets. */
  index: number
  lives: number
  state: ProcessState['kind']
  pid: number | null
  /** pid.ts; null when none runs. */
  start: string | null
  /** Of its data socket. */
  address: string | null
  mainFinished: boolean
  /** Where it listens: listener → path. */
  listens: Record<string, string>
}

export interface EventRecord {
  id: number
  /** Milliseconds since 1970. */
  timeMs: number
  event: DeployEvent
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS deployment (id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS processes (name TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, event TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS trials (id INTEGER PRIMARY KEY, trial TEXT NOT NULL) STRICT;
`

/** Of an application that nothing runs of, perhaps: no deployer has to be there, and nothing is changed. */
export function trialsIn(path: string, limit: number): Trial[] {
  const database = openDatabase(path, { readOnly: true })
  try {
    const { user_version: format } = database.prepare('PRAGMA user_version').get() as { user_version: number }
    return format === FORMAT ? readTrials(database, limit) : []
  } finally {
    database.close()
  }
}

function readTrials(database: DatabaseSync, limit: number): Trial[] {
  const rows = database.prepare('SELECT trial FROM trials ORDER BY id DESC LIMIT ?').all(limit)
  return rows.map(({ trial }) => JSON.parse(trial as string))
}

export class Store {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #closed = false

  constructor(path: string) {
    this.#database = openDatabase(path)
    // A reader never waits for the deployer. What a power failure could lose is gone with the processes anyway.
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000')
    const { user_version: format } = this.#database.prepare('PRAGMA user_version').get() as { user_version: number }
    if (format !== FORMAT)
      this.#database.exec(
        'DROP TABLE IF EXISTS deployment; DROP TABLE IF EXISTS processes; DROP TABLE IF EXISTS events; DROP TABLE IF EXISTS trials',
      )
    this.#database.exec(`${SCHEMA} PRAGMA user_version = ${FORMAT}`)
  }

  /** What runs, or did when its deployer was killed; undefined when the last deployment has ended. */
  deployment(): DeploymentRecord | undefined {
    return this.#all<{ record: string }>('SELECT record FROM deployment').map(({ record }) => JSON.parse(record))[0]
  }

  processes(): ProcessRecord[] {
    return this.#all<{ record: string }>('SELECT record FROM processes ORDER BY rowid').map(({ record }) =>
      JSON.parse(record),
    )
  }

  /** At most `limit`, the newest of those after `after`; the oldest first. */
  events(after: number, limit: number): EventRecord[] {
    const rows = this.#all<{ id: number; time: number; event: string }>(
      'SELECT id, time, event FROM events WHERE id > ? ORDER BY id DESC LIMIT ?',
      after,
      limit,
    )
    return rows.reverse().map(({ id, time, event }) => ({ id, timeMs: time, event: JSON.parse(event) }))
  }

  saveDeployment(record: DeploymentRecord): void {
    this.#run('INSERT OR REPLACE INTO deployment (id, record) VALUES (1, ?)', JSON.stringify(record))
  }

  saveProcess(record: ProcessRecord): void {
    this.#run(
      'INSERT INTO processes (name, record) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET record = ?2',
      record.process,
      JSON.stringify(record),
    )
  }

  removeProcess(process: string): void {
    this.#run('DELETE FROM processes WHERE name = ?', process)
  }

  /** Returns its number. */
  saveEvent(event: DeployEvent, timeMs: number): number {
    const { lastInsertRowid } = this.#prepared('INSERT INTO events (time, event) VALUES (?, ?)').run(
      timeMs,
      JSON.stringify(event),
    )
    const id = Number(lastInsertRowid)
    if (id % 100 === 0) this.#run('DELETE FROM events WHERE id <= ?', id - DEPLOYER_LIMITS.eventsMax)
    return id
  }

  /** Of automatic placement; the newest first. */
  trials(limit: number): Trial[] {
    return readTrials(this.#database, limit)
  }

  saveTrial(trial: Trial): void {
    this.#run('INSERT OR REPLACE INTO trials (id, trial) VALUES (?, ?)', trial.id, JSON.stringify(trial))
    this.#run('DELETE FROM trials WHERE id <= ?', trial.id - DEPLOYER_LIMITS.trialsMax)
  }

  /** No deployer measures those of the one before. */
  trialsEnded(): void {
    for (const trial of this.trials(DEPLOYER_LIMITS.trialsMax)) {
      const isOpen = trial.state === 'moving' || trial.state === 'measuring'
      if (isOpen) this.saveTrial({ ...trial, state: 'unmeasured', why: UNMEASURED })
    }
  }

  /** Nothing runs any more; what has happened stays. */
  end(): void {
    this.#run('DELETE FROM deployment')
    this.#run('DELETE FROM processes')
  }

  /** Safe to call again. */
  close(): void {
    if (!this.#closed) this.#database.close()
    this.#closed = true
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepared(sql).run(...values)
  }

  #all<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#prepared(sql).all(...values) as T[]
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}
