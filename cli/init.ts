/**
 * `weave init`: into a folder without sources a small working app; into a project what it takes to use weave there. Shows
 * all that it is about to do, asks, and only then writes. Never overwrites a file; edits insert a line and leave the rest.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import pc from 'picocolors'
import { Failure } from './errors.ts'
import {
  type Change,
  CONFIG_FILE,
  completedPackageJson,
  create,
  emptyConfig,
  type Proposal,
  packageJson,
  wholeApp,
} from './init/files.ts'
import { type ProjectFolder, readProject } from './init/project.ts'
import { packageVersion } from './project/version.ts'

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
  if (proposal.left.length > 0) process.stdout.write('\nLeft to you:\n')
  for (const item of proposal.left) process.stdout.write(`  - ${item}\n`)
  if (proposal.changes.length === 0) {
    const open = proposal.left.length > 0
    process.stdout.write(
      `${open ? '\n' : ''}Nothing to do: weave is set up here.${open ? ' The list above is yours.' : ''}\n`,
    )
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
async function propose(folder: string): Promise<Proposal> {
  const project = readProject(folder)
  if (!project.hasSources) return proposeApp(project)
  const { proposeSetup } = await import('./init/setup.ts')
  return proposeSetup(project)
}

function proposeApp({ folder, manifest, read, config }: ProjectFolder): Proposal {
  const changes: Change[] = []
  const left: string[] = []
  if (manifest === undefined) changes.push(create(packageJson(packageName(folder), packageVersion())))
  else {
    const after = completedPackageJson(manifest, packageVersion())
    if (after !== manifest) changes.push({ kind: 'edit', path: 'package.json', before: manifest, after })
  }
  // What an earlier `init` wrote for a program that wasn't there says nothing yet, and the shop needs its own.
  const ours = config !== undefined && config.text === emptyConfig(config.entry, config.path.endsWith('.mts')).text
  if (config !== undefined && ours) {
    const after = CONFIG_FILE.text.replace('({\n', `({\n  entry: ${JSON.stringify(config.entry)},\n`)
    changes.push({ kind: 'edit', path: config.path, before: config.text, after })
  } else if (config !== undefined) {
    left.push(`in ${config.path}, under "config": Shop: { title: 'Corner shop' }`)
  }
  const files = wholeApp(config?.entry ?? 'src/main.ts').filter(
    (file) => config === undefined || file.path !== CONFIG_FILE.path,
  )
  const there = files.filter((file) => read(file.path) !== undefined)
  changes.push(...files.filter((file) => !there.includes(file)).map(create))
  const notes = there.map((file) => `${file.path} is there already and stays as it is`)
  return { changes, notes, left, next: 'npm install && npx weave dev' }
}

/** As npm would accept it. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9-~]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name || 'app'
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
