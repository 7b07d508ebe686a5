/**
 * The plugin for vite, vitest and rollup. Takes a module's text; gives the text with its generated code when the plan
 * touches it, and otherwise nothing. Boundary errors fail the module that starts the application, in the bundler's own form.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Plugin, Rollup } from 'vite'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { formatDiagnostics } from '../diagnostics/format.ts'
import { type FilePlan, MANIFEST_FILE, openPlan, type Plan, type Planner, setupProblem } from '../plan.ts'

export interface WeaveOptions {
  /** A folder of the project. Default: vite's `root`. */
  root?: string
  /** Default: `tsconfig.json` in the project's root. */
  tsconfig?: string
}

/** What a file outside the tsconfig (a test, often) must say to be worth adding to the program. */
const CONCERNS_US = /\bweavets\b|\.get\s*</

export function weave(options: WeaveOptions = {}): Plugin {
  let from = resolve(options.root ?? '.')
  let planner: Planner | undefined
  let plan: Plan | undefined
  const warned = new Set<string>()

  function refreshed(context: Rollup.PluginContext, more: readonly string[] = []): Plan {
    try {
      planner ??= openPlan({ from, tsconfig: options.tsconfig && resolve(from, options.tsconfig) })
      for (const path of more) planner.add(path)
      plan = planner.refresh()
    } catch (error) {
      const problem = setupProblem(error)
      if (problem === undefined) throw error
      context.error({ message: headOf(problem), pluginCode: problem.code })
    }
    for (const each of plan.analysis.diagnostics) {
      const text = formatDiagnostics([each], plan)
      if (each.severity === 'warning' && !warned.has(text)) context.warn(text)
      warned.add(text)
    }
    return plan
  }

  return {
    name: 'weave',
    enforce: 'pre',
    configResolved(config) {
      from = resolve(config.root, options.root ?? '.')
    },
    watchChange() {
      plan = undefined
    },
    transform: {
      filter: { id: /\.[cm]?tsx?(\?v=\w+)?$/ },
      handler(code, id) {
        const path = resolve(id.replace(/\?.*$/, ''))
        if (path.includes('/node_modules/')) return null
        let now = plan ?? refreshed(this)
        if (!now.includes(path) && CONCERNS_US.test(code)) now = refreshed(this, neighbours(path, now))
        let file = now.files.get(path)
        // The file may have changed since the plan was made; if it differs still, somebody else has changed its text.
        if (file !== undefined && file.text !== code) file = refreshed(this).files.get(path)
        if (file === undefined) return null
        if (file.text !== code) this.error(changedBefore(relative(now.root, path)))
        return give(this, plan ?? now, file)
      },
    },
    generateBundle: {
      // After vite has thrown away the assets of a server's build.
      order: 'post',
      handler(_, bundle) {
        if (plan?.entry === undefined) return
        const { entry } = plan
        const chunks = Object.values(bundle).filter((each) => each.type === 'chunk')
        const own = chunks.find((chunk) => chunk.isEntry && chunk.facadeModuleId === entry)
        const chunk = own ?? chunks.find((each) => each.isEntry && each.moduleIds.includes(entry))
        const source = chunk && plan.manifestText(chunk.fileName)
        if (source !== undefined) this.emitFile({ type: 'asset', fileName: MANIFEST_FILE, source })
      },
    },
  }
}

export default weave

/**
 * A file outside the program, with those beside it that concern us too: a folder of tests then costs one analysis and not
 * one a file.
 */
function neighbours(path: string, plan: Plan): string[] {
  const folder = dirname(path)
  const beside = readdirSync(folder)
    .filter((name) => /\.[cm]?tsx?$/.test(name) && !/\.d\.[cm]?ts$/.test(name))
    .map((name) => join(folder, name))
  return beside.filter(
    (each) => each === path || (!plan.includes(each) && CONCERNS_US.test(readFileSync(each, 'utf8'))),
  )
}

function give(context: Rollup.TransformPluginContext, plan: Plan, file: FilePlan): Rollup.TransformResult {
  // Types are invisible to a bundler: without these, a change of an interface would rebuild nothing.
  for (const dependency of file.dependencies) context.addWatchFile(dependency)
  if (file.isApp) {
    const errors = plan.analysis.diagnostics.filter((each) => each.severity === 'error')
    if (errors.length > 0) context.error(convert(errors, plan))
  }
  // No line moves, so the module's own positions stay right.
  return { code: file.apply('source'), map: null }
}

/** A bundler's error is one, and its place is the module it was handed: all of ours are in the text, with their own places. */
function convert(errors: readonly Diagnostic[], plan: Plan): Rollup.RollupError {
  return { message: formatDiagnostics(errors, plan).trimEnd(), pluginCode: errors[0]!.code }
}

function headOf({ code, message, why, fix }: Diagnostic): string {
  return `${code} ${message}\n  why  ${why}\n  fix  ${fix}`
}

function changedBefore(file: string): Rollup.RollupError {
  return {
    message:
      `WV9005 Another plugin changed '${file}' before weave could add its code.\n` +
      '  fix  put weave() first in "plugins"',
    pluginCode: 'WV9005',
  }
}
