/**
 * `weave purge`: removes what is kept of an application: its records, its logs, its build. What runs is refused; with --force it is killed
 * first, whether its deployer is there or not.
 */
import { rmSync } from 'node:fs'
import { Command } from 'commander'
import { StateFolder } from '../deployer/state/folder.ts'
import { DeployerGone, statusOf } from './deployments/deployments.ts'
import { removeKeptBuild } from './deployments/kept-build.ts'
import { Failure } from './errors.ts'

export function purgeCommand(): Command {
  return new Command('purge')
    .argument('<application>')
    .option('--force', 'kill what runs of it')
    .action(async (application: string, { force = false }: { force?: boolean }) => {
      const folder = new StateFolder(application)
      if (!folder.exists) {
        throw new Failure(`Nothing is kept of an application "${application}".`, { next: 'weave status' })
      }
      const { Store } = await import('../deployer/state/store.ts')
      const { runsStill } = await import('../deployer/state/pid.ts')
      const store = new Store(folder.database)
      const left = store.deployment()
      const pids = store
        .processes()
        .flatMap(({ pid, start }) => (pid === null || start === null ? [] : [{ pid, start }]))
      store.close()
      const living = [...(left ? [left.deployer] : []), ...pids].filter(runsStill)
      if (!force && (living.length > 0 || (await answers(folder)))) {
        const count = living.length === 1 ? '1 process' : `${living.length} processes`
        throw new Failure(`"${application}" runs: ${count}.`, {
          next: `weave stop ${application}, or weave purge --force ${application}`,
        })
      }
      // The deployer first, which would start the others again.
      for (const { pid } of living) kill(pid)
      if (left) {
        rmSync(left.sockets, { recursive: true, force: true })
        removeKeptBuild(left.directory)
      }
      folder.remove()
      const killed = living.length === 0 ? '' : `, after ${living.length} of its processes were killed`
      process.stdout.write(`${application} is purged${killed}\n`)
    })
}

async function answers(folder: StateFolder): Promise<boolean> {
  if (folder.api === undefined) return false
  return statusOf(folder).then(
    () => true,
    (error) => !(error instanceof DeployerGone),
  )
}

/** Each has a group of its own, with what it has started. */
function kill(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile.
    }
  }
}
