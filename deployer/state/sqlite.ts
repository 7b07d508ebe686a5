/**
 * `node:sqlite`, without its warning that it is experimental: the user didn't choose it and can't act on it. Every other warning is
 * printed. Loaded when a deployer opens its state, never by an application process.
 */
import type { DatabaseSync, DatabaseSyncOptions } from 'node:sqlite'

type Sqlite = typeof import('node:sqlite')

export function openDatabase(path: string, options: DatabaseSyncOptions = {}): DatabaseSync {
  const warn = process.emitWarning
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).includes('SQLite is an experimental feature')) Reflect.apply(warn, process, [warning, ...rest])
  }) as typeof process.emitWarning
  try {
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite') as Sqlite
    return new DatabaseSync(path, options)
  } finally {
    process.emitWarning = warn
  }
}
