/**
 * Applications that `weave generate` wrote down: registered by `weave.gen.ts` when it is loaded, found by their root's class when
 * untransformed code calls `run(Shop)`. Refuses to start one whose sources, if they are there, have changed since: their codecs
 * may not fit any more.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AppDescriptor, ComponentDescriptor, ImplementationClass } from './boundary.ts'
import { WeaveError } from './errors.ts'
import { shortName } from './names.ts'
import { callerFile } from './stack.ts'

export interface Generated {
  /** The generated file, from the project's root. */
  readonly file: string
  /** Every component of the project; no root. */
  readonly all: () => AppDescriptor
  readonly apps: readonly GeneratedApp[]
  /** Path from the project's root → hash of its text. */
  readonly sources: Readonly<Record<string, string>>
}

export interface GeneratedApp {
  readonly root: ComponentDescriptor
  /** The root's class is declared in the file that calls `run`, which can't be imported by what it waits for. */
  readonly inEntry: boolean
  /** Components that the root reaches. */
  readonly components: readonly string[]
}

interface Registered extends Generated {
  /** Where it runs: the generated source, or what a compiler or bundler made of it. */
  readonly runsIn: string | undefined
}

const GENERATED = Symbol.for('weavets.generated.1')
const holder = globalThis as { [GENERATED]?: Registered[] }

/** Called by generated code. */
export function registerGenerated(generated: Generated): void {
  holder[GENERATED] ??= []
  const known = holder[GENERATED].findIndex((each) => each.file === generated.file)
  // A test runner that loads modules anew loads this one again.
  if (known >= 0) holder[GENERATED].splice(known, 1)
  holder[GENERATED].push({ ...generated, runsIn: callerFile(registerGenerated) })
}

export function hasGenerated(): boolean {
  return (holder[GENERATED]?.length ?? 0) > 0
}

/** The application whose root is this class; undefined when nothing was generated. */
export async function generatedFor(root: unknown): Promise<AppDescriptor | undefined> {
  const files = holder[GENERATED] ?? []
  if (files.length === 0 || typeof root !== 'function') return undefined
  for (const generated of files) {
    for (const app of byName(generated.apps, root.name)) {
      if (!(await isRoot(app, root))) continue
      refuseStale(generated)
      return descriptorOf(generated, app, root as ImplementationClass)
    }
  }
  const names = files.flatMap(({ apps }) => apps.map((app) => shortName(app.root.name)))
  throw new WeaveError(
    `${files[0]!.file} has no application whose root is ${root.name} (it has ${names.join(', ') || 'none'}); run "weave generate".`,
    { code: 'WV_VERSION' },
  )
}

/** Every component, for tests; undefined when nothing was generated. */
export function generatedForTests(): AppDescriptor | undefined {
  const generated = holder[GENERATED]?.at(-1)
  if (generated === undefined) return undefined
  refuseStale(generated)
  return generated.all()
}

/** Likely ones first: telling by identity loads their modules. */
function byName(apps: readonly GeneratedApp[], name: string): GeneratedApp[] {
  const named = apps.filter((app) => shortName(app.root.name) === name)
  return [...named, ...apps.filter((app) => !named.includes(app))]
}

async function isRoot({ root, inEntry }: GeneratedApp, given: object & { name: string }): Promise<boolean> {
  if (inEntry) return shortName(root.name) === given.name
  return (await root.load?.()) === given
}

function descriptorOf(generated: Generated, app: GeneratedApp, root: ImplementationClass): AppDescriptor {
  const all = generated.all()
  const reached = new Set(app.components)
  return {
    ...all,
    root: app.root.name,
    components: [...all.components.filter(({ name }) => reached.has(name)), { ...app.root, load: async () => root }],
  }
}

/** Folders above the running file in which the project may be. */
const ABOVE_MAX = 6

/** Where the sources aren't deployed with the build there is nothing to compare; `weave generate --check` is for that. */
function refuseStale({ file, sources, runsIn }: Registered): void {
  const root = runsIn === undefined ? undefined : projectOf(runsIn, file)
  if (root === undefined) return
  for (const [path, hash] of Object.entries(sources)) {
    const source = join(root, path)
    if (existsSync(source) && sourceHash(readFileSync(source, 'utf8')) === hash) continue
    const what = existsSync(source) ? 'was changed' : 'was removed'
    throw new WeaveError(
      `${path} ${what} after ${file} was generated, so its codecs may not fit; run "weave generate", then build again.`,
      { code: 'WV_VERSION' },
    )
  }
}

function projectOf(runsIn: string, file: string): string | undefined {
  let folder = dirname(runsIn)
  for (let above = 0; above < ABOVE_MAX; above++, folder = dirname(folder)) {
    if (existsSync(join(folder, file))) return folder
  }
  return undefined
}

/** As the generator makes it (transformer/generate/sources.ts has the same). */
function sourceHash(text: string): string {
  const content = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  return createHash('sha256').update(content).digest('hex').slice(0, 12)
}

/** The default export of an imported module, whichever kind of module a compiler made of it. */
export function defaultOf(module: { readonly default?: unknown }): unknown {
  const found = module.default
  const isWrapped = typeof found === 'object' && found !== null && '__esModule' in found && 'default' in found
  return isWrapped ? found.default : found
}
