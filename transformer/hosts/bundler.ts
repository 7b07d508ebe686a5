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
  transform: {
    filter: { id: RegExp }
    handler(this: BundlerContext, code: string, id: string): { code: string; map: null } | null
  }
  generateBundle: {
    order: 'post'
    handler(this: BundlerContext, options: unknown, bundle: Record<string, Chunk>): void
  }
}

/** `folder`: known when the bundler has read its own config. */
export function bundlerPlugin(options: WeaveOptions, folder: () => string): BundlerPlugin {
  let planner: Planner | undefined
  let plan: Plan | undefined
  let warned = ''

  function refreshed(context: BundlerContext, more: readonly string[] = []): Plan {
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
    const warnings = warningsOf(plan)
    if (warnings !== '' && warnings !== warned) context.warn(warnings)
    warned = warnings
    return plan
  }

  return {
    name: 'weave',
    watchChange() {
      plan = undefined
    },
    transform: {
      filter: { id: /\.[cm]?tsx?(\?v=\w+)?$/ },
      handler(code, id) {
        const path = resolve(id.replace(/\?.*$/, ''))
        if (path.includes('/node_modules/')) return null
        let now = plan ?? refreshed(this)
        if (!now.includes(path) && concernsUs(code)) now = refreshed(this, outsiders(path, now))
        let file = now.files.get(path)
        // The file may have changed since the plan was made; if it differs still, somebody else has changed its text.
        if (file !== undefined && file.text !== code) {
          now = refreshed(this)
          file = now.files.get(path)
        }
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

function changedBefore(file: string): BundlerError {
  return {
    message:
      `WV9005 Another plugin changed '${file}' before weave could add its code.\n` +
      '  fix  put weave() first in "plugins"',
    pluginCode: 'WV9005',
  }
}
