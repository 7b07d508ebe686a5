/**
 * Where the state of deployments is kept: `WEAVE_STATE`, else `$XDG_STATE_HOME/weave`, else `~/.local/state/weave`; a folder for each
 * application in it, ours alone (0700). In: environment and application names. Out: paths. A socket's path may be too long for the
 * kernel in here, so the API's socket is elsewhere (directory.ts) and only a link in the folder leads to it.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

export const ENV_STATE = 'WEAVE_STATE'

/** Bytes of a folder's name that every file system takes, less than its 255. */
const NAME_BYTES_MAX = 120

export function stateRoot(environment: NodeJS.ProcessEnv = process.env): string {
  const { [ENV_STATE]: own, XDG_STATE_HOME: base } = environment
  if (own) return resolve(own)
  return join(base || join(homedir(), '.local', 'state'), 'weave')
}

export class StateFolder {
  readonly application: string
  readonly path: string

  constructor(application: string, root: string = stateRoot()) {
    this.application = application
    this.path = join(root, folderName(application))
  }

  get database(): string {
    return join(this.path, 'state.db')
  }

  get lock(): string {
    return join(this.path, 'lock.db')
  }

  get logs(): string {
    return join(this.path, 'logs')
  }

  /** What the deployer itself printed, when it is detached. */
  get deployerLog(): string {
    return join(this.path, 'deployer.log')
  }

  get exists(): boolean {
    return existsSync(join(this.path, 'application'))
  }

  create(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 })
    writeFileSync(join(this.path, 'application'), this.application)
  }

  /** Path of the API's socket; undefined when no deployer has been there, or it has ended. */
  get api(): string | undefined {
    try {
      return readlinkSync(join(this.path, 'api'))
    } catch {
      return undefined
    }
  }

  linkApi(socket: string): void {
    this.unlinkApi()
    symlinkSync(socket, join(this.path, 'api'))
  }

  unlinkApi(): void {
    rmSync(join(this.path, 'api'), { force: true })
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** Of every application that has been deployed from here, by name. */
export function stateFolders(root: string = stateRoot()): StateFolder[] {
  if (!existsSync(root)) return []
  return readdirSync(root)
    .map((name) => join(root, name, 'application'))
    .filter((file) => existsSync(file))
    .map((file) => new StateFolder(readFileSync(file, 'utf8'), root))
    .sort((a, b) => (a.application < b.application ? -1 : 1))
}

/** The name itself where it can be one. */
function folderName(application: string): string {
  const name = encodeURIComponent(application).replace(/^\.+/, (dots) => '%2E'.repeat(dots.length))
  if (name.length <= NAME_BYTES_MAX) return name
  const hash = createHash('sha256').update(application).digest('hex').slice(0, 16)
  return `${name.slice(0, NAME_BYTES_MAX - 17)}-${hash}`
}
