/**
 * `weave build`: bundles the application with esbuild and our plugin into `.weave/build`, with its manifest. Packages stay
 * outside the bundle; each component's module is a chunk of its own, so a process loads only what it hosts.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import type { BuildFailure, BuildOptions, BuildResult } from 'esbuild'
import pc from 'picocolors'
import type { WeaveConfig } from '../runtime/config/configuration.ts'
import type { Plan, Planner } from '../transformer/plan.ts'
import { count, shown, summary } from './check.ts'
import { Failure } from './errors.ts'
import { configOf, entryOption } from './project/entry.ts'

export interface BuildRequest {
  /** A folder of the project. */
  root: string
  /** Default: `.weave/build` in the project's root. */
  outdir?: string
  /** Default: what `weave.config.ts` says. */
  config?: WeaveConfig | undefined
}

export interface Built {
  /** Project's root, absolute. */
  root: string
  outdir: string
  /** Absolute path of the entry's source. */
  source: string
  /** Absolute path of the built entry file. */
  entry: string
  /** Absolute path of the manifest. */
  manifest: string
  plan: Plan
}

const BUILD_FOLDER = '.weave/build'

export function buildCommand(): Command {
  return new Command('build')
    .option('-o, --outdir <folder>', 'where to write (default: .weave/build)')
    .addOption(entryOption())
    .action(async ({ outdir, entry }: { outdir?: string; entry?: string }) => {
      const started = performance.now()
      const built = await buildApp({
        root: process.cwd(),
        config: await configOf(entry),
        ...(outdir === undefined ? {} : { outdir: resolve(outdir) }),
      })
      const ms = Math.round(performance.now() - started)
      process.stdout.write(`${shown(built.entry)}: ${summary(built.plan)}, version ${built.plan.version}, ${ms} ms\n`)
    })
}

/** Builds, or throws a `Failure` after printing what is wrong. */
export async function buildApp(request: BuildRequest): Promise<Built> {
  const esbuild = await import('esbuild')
  const { options, target, planner } = await prepare(request)
  await rm(target.outdir, { recursive: true, force: true })
  let result: BuildResult
  try {
    result = await esbuild.build(options)
  } catch (error) {
    const { errors, warnings } = error as Partial<BuildFailure>
    if (errors === undefined) throw error
    await print(errors, 'error')
    await print(warnings ?? [], 'warning')
    throw new Failure(`the build has ${count(errors.length, 'error')}.`, {
      next: 'Correct the first one; "weave check" lists the boundary errors by themselves.',
    })
  } finally {
    planner.close()
  }
  await print(result.warnings, 'warning')
  return { ...target, plan: target.plan() }
}

export interface Prepared {
  options: BuildOptions
  target: Omit<Built, 'plan'> & { plan: () => Plan }
  /** The caller closes it. */
  planner: Planner
}

/** esbuild's options for the project; `weave dev` makes a context of the same ones. */
export async function prepare(request: BuildRequest): Promise<Prepared> {
  const { plugin } = await import('../transformer/hosts/esbuild.ts')
  const { MANIFEST_FILE, openPlan } = await import('../transformer/plan.ts')
  const { asksForMetadata } = await import('../transformer/hosts/tsconfig.ts')
  const planner = openPlan({ from: request.root, config: request.config })
  const { root, entry } = planner
  if (!existsSync(entry)) {
    throw new Failure(`there is no ${shown(entry)}, and so nothing to build.`, {
      next: 'Set "entry" in weave.config.ts to the file that calls run, or write an app with "weave init".',
    })
  }
  const outdir = resolve(root, request.outdir ?? BUILD_FOLDER)
  let plan: Plan | undefined
  const options: BuildOptions = {
    absWorkingDir: root,
    entryPoints: [{ in: entry, out: 'main' }],
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: `node${process.versions.node.split('.')[0]}`,
    splitting: true,
    packages: 'external',
    sourcemap: 'linked',
    // Whatever the project's package.json says of `.js`, Node takes `.mjs` for what it is.
    outExtension: { '.js': '.mjs' },
    // Two classes of one name in a chunk would get new names, and `error.name = new.target.name` is common. It costs about
    // 0.3 µs each time that a named closure is created.
    keepNames: true,
    logLevel: 'silent',
    plugins: [
      plugin({
        planner,
        onPlan: (next) => (plan = next),
        // With these comes the catalogue, which most builds don't need.
        whyNoManifest: async (of) => (await import('./project/no-app.ts')).whyNotStarted(of, entry),
        warningsOf: async (of) => {
          if (!asksForMetadata(of.folders)) return []
          return (await import('../transformer/hosts/metadata.ts')).lostMetadata(of)
        },
      }),
    ],
  }
  const target = {
    root,
    outdir,
    source: entry,
    entry: join(outdir, 'main.mjs'),
    manifest: join(outdir, MANIFEST_FILE),
    plan: () => plan!,
  }
  return { options, target, planner }
}

export async function print(messages: BuildFailure['errors'], kind: 'error' | 'warning'): Promise<void> {
  if (messages.length === 0) return
  const { formatMessages } = await import('esbuild')
  const texts = await formatMessages(messages, {
    kind,
    color: pc.isColorSupported,
    terminalWidth: process.stderr.columns,
  })
  process.stderr.write(texts.join(''))
}
