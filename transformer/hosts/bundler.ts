/**
 * The plugin for every bundler that has rollup's hooks (rollup, rolldown, vite, vitest): vite.ts and rollup.ts give it its public
 * form. Takes a module's text; gives the text with its generated code when the plan touches it, and otherwise nothing.
 * Boundary errors fail the module that starts the application; the manifest is written beside the bundle.
 */
import { relative, resolve } from 'node:path'
import { MANIFEST_FILE, openPlan, type Plan, type Planner, setupProblem } from '../plan.ts'
import { concernsUs, outsiders } from './outside.ts'
import { concerning, errorsFor, formatOne, warningsOf } from './report.ts'

export interface WeaveOptions {
  /** A folder of the project. Default: vite's `root`, rollup's current folder. */
  root?: string
  /** Default: `tsconfig.json` in the project's root. */
  tsconfig?: string
}

/** What of a hook's `this` we use; rollup's, rolldown's and vite's all have it. */
export interface BundlerContext {
  error(problem: BundlerError): never
  warn(message: string): void
  addWatchFile(path: string): void
  emitFile(file: { type: 'asset'; fileName: string; source: string }): unknown
}

export interface BundlerError {
  message: string
  pluginCode: string
}

export interface Chunk {
  type: 'asset' | 'chunk'
  fileName: string
  isEntry?: boolean
  facadeModuleId?: string | null
  moduleIds?: readonly string[]
}

export interface BundlerPlugin {
  name: string
  watchChange(): void
  /** Vitest keeps transformed modules, also on disk, by their own text; false for one whose new text depends on others. */
  configureVitest(vitest: VitestContext): void
  transform: {
    filter: { id: RegExp }
    handler(this: BundlerContext, code: string, id: string): { code: string; map: null } | null
  }
  generateBundle: {
    order: 'post'
    handler(this: BundlerContext, options: unknown, bundle: Record<string, Chunk>): void
  }
}

type CacheKeyGenerator = (module: { readonly id: string; readonly sourceCode: string }) => false | undefined

/** What of it we use; the second name is vitest 4's. */
export interface VitestContext {
  defineCacheKeyGenerator?(generate: CacheKeyGenerator): void
  experimental_defineCacheKeyGenerator?(generate: CacheKeyGenerator): void
}

const SOURCE = /\.[cm]?tsx?(\?v=\w+)?$/

/** `folder`: known when the bundler has read its own config. */
export function bundlerPlugin(options: WeaveOptions, folder: () => string): BundlerPlugin {
  let planner: Planner | undefined
  let plan: Plan | undefined
  /** The plan whose warnings were looked at last, and what they were. */
  let looked: Plan | undefined
  let warned = ''

  function refreshed(context: Pick<BundlerContext, 'error'>, more: readonly string[] = []): Plan {
    try {
      const from = resolve(folder(), options.root ?? '.')
      planner ??= openPlan({ from, tsconfig: options.tsconfig && resolve(from, options.tsconfig) })
      for (const path of more) planner.add(path)
      plan = planner.refresh()
    } catch (error) {
      const problem = setupProblem(error)
      if (problem === undefined) throw error
      context.error({ message: formatOne(problem), pluginCode: problem.code })
    }
    return plan
  }

  function warn(context: BundlerContext, now: Plan): void {
    if (now === looked) return
    looked = now
    const warnings = warningsOf(now)
    if (warnings !== '' && warnings !== warned) context.warn(warnings)
    warned = warnings
  }

  /** Also of a file that the tsconfig leaves out, as it often does with tests. */
  function knowing(context: Pick<BundlerContext, 'error'>, path: string, code: string): Plan {
    const now = plan ?? refreshed(context)
    return now.includes(path) || !concernsUs(code) ? now : refreshed(context, outsiders(path, now))
  }

  /** What is wrong is reported by the transform, which is sure to come then. */
  function isChanged(id: string, code: string): boolean {
    const path = pathOf(id)
    if (!SOURCE.test(id) || path.includes('/node_modules/')) return false
    const fail = ({ message }: BundlerError): never => {
      throw new Error(message)
    }
    try {
      return knowing({ error: fail }, path, code).files.has(path)
    } catch {
      return true
    }
  }

  return {
    name: 'weave',
    watchChange() {
      plan = undefined
    },
    configureVitest(vitest) {
      const define = vitest.defineCacheKeyGenerator ?? vitest.experimental_defineCacheKeyGenerator
      define?.(({ id, sourceCode }) => (isChanged(id, sourceCode) ? false : undefined))
    },
    transform: {
      filter: { id: SOURCE },
      handler(code, id) {
        const path = pathOf(id)
        if (path.includes('/node_modules/')) return null
        let now = knowing(this, path, code)
        let file = now.files.get(path)
        // The file may have changed since the plan was made; if it differs still, somebody else has changed its text.
        if (file !== undefined && file.text !== code) {
          now = refreshed(this)
          file = now.files.get(path)
        }
        warn(this, now)
        if (file === undefined) return null
        if (file.text !== code) this.error(changedBefore(relative(now.root, path)))
        // Types are invisible to a bundler: without these, a change of an interface would rebuild nothing.
        for (const dependency of file.dependencies) this.addWatchFile(dependency)
        if (file.isApp) {
          const message = errorsFor(now, path)
          if (message !== undefined) this.error({ message, pluginCode: concerning(now, path)[0]!.code })
        }
        // No line moves, so the module's own positions stay right.
        return { code: file.apply('source'), map: null }
      },
    },
    generateBundle: {
      // After vite has thrown away the assets of a server's build.
      order: 'post',
      handler(_, bundle) {
        if (plan?.entry === undefined) return
        const { entry } = plan
        const chunks = Object.values(bundle).filter((each) => each.type === 'chunk' && each.isEntry)
        const chunk =
          chunks.find((each) => each.facadeModuleId === entry) ?? chunks.find((each) => each.moduleIds?.includes(entry))
        const source = chunk && plan.manifestText(chunk.fileName)
        if (source !== undefined) this.emitFile({ type: 'asset', fileName: MANIFEST_FILE, source })
      },
    },
  }
}

const pathOf = (id: string): string => resolve(id.replace(/\?.*$/, ''))

function changedBefore(file: string): BundlerError {
  return {
    message:
      `WV9005 Another plugin changed '${file}' before weave could add its code.\n` +
      '  fix  put weave() first in "plugins"',
    pluginCode: 'WV9005',
  }
}
