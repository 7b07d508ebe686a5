/**
 * The folder that holds a deployment's sockets: fresh, ours alone (0700), and with a path so short that a socket's path in
 * it fits what the kernel takes. What deployers that were killed have left behind goes when the next one comes. Names in it are numbers, because names of components could be long.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { WeaveError } from '../runtime/errors.ts'
import { DEPLOYER_LIMITS } from './limits.ts'

/** As long as the longest name that is made: process and life, in digits. */
const LONGEST_NAME = 'p000-00000000'

/** File with the pid of the deployer and its machine's name: a folder for temporary files may be shared by containers. */
const OWNER = 'owner'
/** Instead of a pid: the folder belongs to an application's state, and goes with that. */
const KEPT = 'kept'

export class SocketDirectory {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** `parent`: `os.tmpdir()` as a rule. `kept`: it stays when this deployer is gone, for the next one to open. */
  static make(parent: string, { kept = false } = {}): SocketDirectory {
    const longest = join(parent, 'weave-XXXXXX', LONGEST_NAME)
    const bytes = Buffer.byteLength(longest)
    if (bytes > DEPLOYER_LIMITS.socketPathBytesMax) {
      const text = `The folder for temporary files, ${parent}, has too long a path: a socket in it would have ${bytes} bytes, and ${DEPLOYER_LIMITS.socketPathBytesMax} are the most that fit; set TMPDIR to a shorter one, such as /tmp.`
      throw new WeaveError(text, { code: 'WV_DEPLOY' })
    }
    removeAbandoned(parent)
    // mkdtemp makes the folder with mode 0700.
    const path = mkdtempSync(join(parent, 'weave-'))
    writeFileSync(join(path, OWNER), kept ? KEPT : `${process.pid} ${hostname()}`)
    return new SocketDirectory(path)
  }

  /** That of a deployer which is gone; its processes know the paths in it. Undefined when it isn't there any more. */
  static reopen(path: string): SocketDirectory | undefined {
    if (!existsSync(path)) return undefined
    const directory = new SocketDirectory(path)
    for (const own of [directory.control, directory.api]) directory.forget(own)
    return directory
  }

  /** Numbers of listeners' sockets that are in use, at most. */
  get lastListener(): number {
    return Math.max(0, ...readdirSync(this.path).map((name) => Number(/^l(\d+)$/.exec(name)?.[1] ?? 0)))
  }

  get control(): string {
    return join(this.path, 'control')
  }

  /** The socket of the HTTP API. */
  get api(): string {
    return join(this.path, 'api')
  }

  data(process: number, life: number): string {
    return join(this.path, `p${process}-${life}`)
  }

  /** Where a process notes the code of a `process.exit`. */
  exitNote(process: number, life: number): string {
    return `${this.data(process, life)}.exit`
  }

  listener(number: number): string {
    return join(this.path, `l${number}`)
  }

  /** Where a component's state is for the moment in which it moves. */
  state(name: string): string {
    return join(this.path, `s${name}`)
  }

  /** The code that is noted there, if a process ended the application with one. */
  exitCode(note: string): number | undefined {
    if (!existsSync(note)) return undefined
    const code = Number(readFileSync(note, 'utf8'))
    this.forget(note)
    return code
  }

  /** A dead process leaves its sockets behind. */
  forget(path: string): void {
    rmSync(path, { force: true })
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** Only where it is certain that nobody owns it. Whatever can't be read or removed is somebody else's. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!/^weave-\w{6}$/.test(name)) continue
    const folder = join(parent, name)
    try {
      const [pid, host] = readFileSync(join(folder, OWNER), 'utf8').split(' ')
      if (host === hostname() && !lives(Number(pid))) rmSync(folder, { recursive: true, force: true })
    } catch {}
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
