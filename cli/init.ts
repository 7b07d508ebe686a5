/**
 * `weave init`: into an empty folder a small working app; into an existing project what it takes to use weave there. Shows
 * all that it is about to do, asks, and only then writes. Never overwrites a file; edits insert a line and leave the rest.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import pc from 'picocolors'
import { Failure } from './errors.ts'
import { emptyConfig, GITIGNORE, type NewFile, wholeApp } from './init-files.ts'
import { insertJson } from './json-edit.ts'
import { packageVersion } from './version.ts'

export type Change =
  | { kind: 'create'; path: string; text: string }
  | { kind: 'edit'; path: string; before: string; after: string }

interface Proposal {
  changes: Change[]
  /** What we leave to the user, and why; each a line. */
  notes: string[]
  /** What to type when it is done. */
  next: string
}

interface Flags {
  yes?: boolean
  dryRun?: boolean
}

export function initCommand(): Command {
  return new Command('init')
    .argument('[folder]', 'where (default: here)')
    .option('-y, --yes', "don't ask")
    .option('--dry-run', 'show what would change, and change nothing')
    .action(async (folder: string | undefined, flags: Flags) => init(resolve(folder ?? '.'), flags))
}

async function init(folder: string, { yes = false, dryRun = false }: Flags): Promise<void> {
  const proposal = await propose(folder)
  for (const change of proposal.changes) process.stdout.write(describe(change))
  for (const note of proposal.notes) process.stdout.write(`${pc.dim('note')}    ${note}\n`)
  if (proposal.changes.length === 0) {
    process.stdout.write(`Nothing to do: weave is set up here.\n`)
    return
  }
  if (dryRun) {
    process.stdout.write('Nothing was changed (--dry-run).\n')
    return
  }
  if (!yes && !(await agreed(proposal.changes.length))) {
    process.stdout.write('Nothing was changed.\n')
    return
  }
  for (const change of proposal.changes) apply(folder, change)
  const there = folder === process.cwd() ? '' : `cd ${folder} && `
  process.stdout.write(`\nDone. Next:  ${there}${proposal.next}\n`)
}

async function agreed(changes: number): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new Failure('there is no terminal to ask whether this is right.', {
      next: 'Run "weave init --yes" to do it, or "weave init --dry-run" to look only.',
    })
  }
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message: changes === 1 ? 'Make this change?' : `Make these ${changes} changes?` })
  return !isCancel(answer) && answer
}

/** What to do, without doing it. */
export async function propose(folder: string): Promise<Proposal> {
  const read = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined)
  const manifest = read('package.json')
  return manifest === undefined ? proposeApp(folder) : proposeSetup(folder, manifest, read)
}

function proposeApp(folder: string): Proposal {
  const name =
    basename(folder)
      .toLowerCase()
      .replace(/[^a-z0-9-~]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'app'
  const files = wholeApp(name, packageVersion())
  const there = files.filter((file) => existsSync(join(folder, file.path)))
  return {
    changes: files.filter((file) => !there.includes(file)).map(create),
    notes: there.map((file) => `${file.path} is there already and stays as it is`),
    next: 'npm install && npx weave dev',
  }
}

type Read = (name: string) => string | undefined

async function proposeSetup(folder: string, manifest: string, read: Read): Promise<Proposal> {
  const { loadTypeScript } = await import('../transformer/checker/load.ts')
  const ts = loadTypeScript(folder)
  const changes: Change[] = []
  const notes: string[] = []
  const edit = (path: string, before: string, after: string | undefined, otherwise: string) => {
    if (after === undefined) notes.push(otherwise)
    else if (after !== before) changes.push({ kind: 'edit', path, before, after })
  }

  const range = `^${packageVersion()}`
  const { dependencies, devDependencies } = parsed(manifest)
  if (!('weavets' in dependencies) && !('weavets' in devDependencies)) {
    const after = insertJson(ts, manifest, { path: ['dependencies'], key: 'weavets', value: range })
    edit(
      'package.json',
      manifest,
      after,
      `add "weavets": "${range}" to the dependencies in package.json; it could not be read`,
    )
  }

  const tsconfig = read('tsconfig.json')
  const usesTspc = 'ts-patch' in devDependencies || 'ts-patch' in dependencies
  if (tsconfig !== undefined && usesTspc && !tsconfig.includes('weavets/transform')) {
    const plugin = { transform: 'weavets/transform', transformProgram: true }
    const after = insertJson(ts, tsconfig, { path: ['compilerOptions', 'plugins'], value: plugin })
    edit(
      'tsconfig.json',
      tsconfig,
      after,
      `add ${JSON.stringify(plugin)} to "plugins" in tsconfig.json; it could not be read`,
    )
  }

  const configured = readdirSync(folder).some((name) => /^weave\.config\.m?[jt]s$/.test(name))
  if (!configured) changes.push(create(emptyConfig(entryOf(manifest, read))))

  const ignored = read('.gitignore')
  if (ignored === undefined) changes.push(create({ path: '.gitignore', text: GITIGNORE }))
  else if (!/^\/?\.weave\/?$/m.test(ignored)) {
    const gap = ignored === '' || ignored.endsWith('\n') ? '' : '\n'
    edit('.gitignore', ignored, `${ignored}${gap}.weave/\n`, '')
  }

  const bundler = readdirSync(folder).find((name) => /^vite(st)?\.config\.[cm]?[jt]s$/.test(name))
  if (bundler !== undefined && !(read(bundler) ?? '').includes('weavets/vite')) {
    notes.push(`in ${bundler}, add weave() from 'weavets/vite' to "plugins", so that tests and builds go through it`)
  }
  if (changes.length > 0)
    notes.push("then let one interface extend Component (import type { Component } from 'weavets')")
  return { changes, notes, next: 'npm install && npx weave check' }
}

function parsed(manifest: string): { dependencies: object; devDependencies: object } {
  try {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(manifest) as Record<string, object>
    return { dependencies, devDependencies }
  } catch (cause) {
    throw new Failure('package.json is not valid JSON.', { next: 'Correct it, then run "weave init" again.', cause })
  }
}

/** The file that most likely starts the program. */
function entryOf(manifest: string, read: Read): string {
  const { main } = JSON.parse(manifest) as { main?: unknown }
  const candidates = ['src/main.ts', 'src/index.ts', 'src/server.ts', 'src/app.ts', 'main.ts', 'index.ts', 'server.ts']
  if (typeof main === 'string' && main.endsWith('.ts')) candidates.unshift(main)
  return candidates.find((name) => read(name) !== undefined) ?? 'src/main.ts'
}

function create(file: NewFile): Change {
  return { kind: 'create', path: file.path, text: file.text }
}

function describe(change: Change): string {
  if (change.kind === 'create') {
    const lines = change.text.split('\n').length - 1
    return `${pc.green('create')}  ${change.path} ${pc.dim(`(${lines} lines)`)}\n`
  }
  return `${pc.yellow('edit')}    ${change.path}\n${difference(change.before, change.after)}`
}

/** The lines between what the two texts have in common at their beginnings and ends: an edit inserts in one place. */
function difference(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')]
  let head = 0
  while (head < old.length && old[head] === now[head]) head++
  let tail = 0
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++
  const lines = [
    ...old.slice(head, old.length - tail).map((line) => pc.red(`        - ${line}`)),
    ...now.slice(head, now.length - tail).map((line) => pc.green(`        + ${line}`)),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function apply(folder: string, change: Change): void {
  const path = join(folder, change.path)
  mkdirSync(dirname(path), { recursive: true })
  // `wx`: what has appeared since we looked is not ours to overwrite.
  if (change.kind === 'create') writeFileSync(path, change.text, { flag: 'wx' })
  else writeFileSync(path, change.after)
}
