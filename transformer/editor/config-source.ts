/**
 * The config that an editor works with, while its file is being typed. Read from the text, without running it; only where the
 * text computes something that must be known (a spread, a variable) the *saved* file is run, in a process of its own with a time limit,
 * once a version of it. A text whose brackets don't match, or that can't be run, leaves the last good config standing.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFIG_FILES } from '../../runtime/config/config-file.ts'
import type { WeaveConfig } from '../../runtime/config/configuration.ts'
import { type ConfigNode, readConfigText, staticValue } from './config-text.ts'
import { tokensOf } from './tokens.ts'

export interface EditorConfig {
  readonly config: WeaveConfig
  /** All of it is known: nothing was computed, or the file was run as it is. */
  readonly exact: boolean
  /** From the root; undefined where there is none. */
  readonly file: string | undefined
  readonly text: string
  readonly tree: ConfigNode | undefined
}

const NONE: EditorConfig = { config: {}, exact: true, file: undefined, text: '', tree: undefined }
/** A config that a keystroke has made endless must not stop an editor. */
const RUN_MS_MAX = 5_000
const RUN = 'process.stdout.write(JSON.stringify(require(process.argv[1]).default ?? null))'

export class ConfigSource {
  readonly #root: string
  readonly #readFile: (path: string) => string | undefined
  #last: EditorConfig = NONE
  #ran: { text: string; config: WeaveConfig | undefined } | undefined

  /** `readFile`: as the editor has it, unsaved text included. */
  constructor(root: string, readFile: (path: string) => string | undefined) {
    this.#root = root
    this.#readFile = readFile
  }

  /** The same object as long as nothing has changed. */
  read(): EditorConfig {
    const file = CONFIG_FILES.find((name) => existsSync(join(this.#root, name)))
    const text = file === undefined ? undefined : this.#readFile(join(this.#root, file))
    if (file === undefined || text === undefined) {
      if (this.#last.file !== undefined) this.#last = NONE
      return this.#last
    }
    if (file === this.#last.file && text === this.#last.text) return this.#last
    const { config, exact } = this.#last
    this.#last = {
      ...(isBalanced(text) ? this.#parse(file, text) : { config, exact }),
      file,
      text,
      tree: readConfigText(text),
    }
    return this.#last
  }

  #parse(file: string, text: string): { config: WeaveConfig; exact: boolean } {
    const tree = readConfigText(text)
    const { value, whole } = tree ? staticValue(tree) : { value: {}, whole: false }
    // The cast is checked by whoever shows the config's problems (deployer/config/).
    const written = (value ?? {}) as WeaveConfig
    if (whole) return { config: written, exact: true }
    const path = join(this.#root, file)
    const saved = readFileSync(path, 'utf8')
    if (this.#ran?.text !== saved) this.#ran = { text: saved, config: run(path) }
    const { config } = this.#ran
    if (config === undefined) return { config: written, exact: false }
    // What is typed counts more than what was saved.
    return { config: saved === text ? config : { ...config, ...written }, exact: saved === text }
  }
}

function run(path: string): WeaveConfig | undefined {
  try {
    // In VS Code `execPath` is Electron, which is Node.js when it is told so.
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
    const output = execFileSync(process.execPath, ['-e', RUN, path], {
      env,
      encoding: 'utf8',
      timeout: RUN_MS_MAX,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const value: unknown = JSON.parse(output)
    return typeof value === 'object' && value !== null ? (value as WeaveConfig) : undefined
  } catch {
    return undefined
  }
}

const CLOSES: Record<string, string> = { ')': '(', ']': '[', '}': '{' }

function isBalanced(text: string): boolean {
  const open: string[] = []
  for (const token of tokensOf(text)) {
    if (!token.closed) return false
    const mark = token.kind === 'mark' ? text[token.start]! : ''
    if (/^[([{]$/.test(mark)) open.push(mark)
    else if (CLOSES[mark] !== undefined && open.pop() !== CLOSES[mark]) return false
  }
  return open.length === 0
}
