/**
 * That there is one deployer of an application: an exclusive transaction of a database that is for nothing else, held open for as long
 * as the deployer lives. The kernel drops it with the process, however that ends, so there is no stale lock to judge.
 */
import type { DatabaseSync } from 'node:sqlite'
import { openDatabase } from './sqlite.ts'

/** What SQLite calls SQLITE_BUSY. */
const BUSY = 5

export class DeployerLock {
  readonly #database: DatabaseSync

  private constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Undefined when somebody else has it. */
  static take(path: string): DeployerLock | undefined {
    const database = openDatabase(path)
    try {
      database.exec('BEGIN EXCLUSIVE')
      return new DeployerLock(database)
    } catch (error) {
      database.close()
      if ((error as { errcode?: number }).errcode === BUSY) return undefined
      throw error
    }
  }

  release(): void {
    this.#database.close()
  }
}
