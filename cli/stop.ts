/** `weave stop`: drains an application, callers before callees, and waits until nothing of it runs. Its exit code is the application's. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import type { StateFolder } from '../deployer/state/folder.ts'
import { parseManifest } from '../runtime/manifest.ts'
import { ask, DeployerGone, findDeployment } from './deployments/deployments.ts'
import { removeKeptBuild } from './deployments/kept-build.ts'
import { Failure } from './errors.ts'

export function stopCommand(): Command {
  return new Command('stop')
    .argument('[application]', 'default: the only one that runs')
    .option('--kill', 'end every process at once, whatever it is doing')
    .addHelpText('after', "\nExit code: the application's: 0 when every process stopped in time, 130 after --kill.")
    .action(async (name: string | undefined, { kill = false }: { kill?: boolean }) => {
      const folder = findDeployment(name)
      const exitCode = await ask(folder, 'POST', '/v1/stop', { kill }).then(
        (answer) => (answer as { exitCode: number }).exitCode,
        (error) => stopWithout(folder, kill, error),
      )
      process.stdout.write(`${folder.application} ${exitCode === 0 ? 'stopped' : `stopped, exit code ${exitCode}`}\n`)
      process.exitCode = exitCode
    })
}

/** The deployer was killed: this process takes over what it has left, to end it in order. */
async function stopWithout(folder: StateFolder, kill: boolean, error: unknown): Promise<number> {
  if (!(error instanceof DeployerGone)) throw error
  const { application } = folder
  const { Store } = await import('../deployer/state/store.ts')
  const store = new Store(folder.database)
  const left = store.deployment()
  store.close()
  if (left === undefined || !left.detached) {
    folder.unlinkApi()
    return 0
  }
  const file = join(left.directory, 'weave.manifest.json')
  if (!existsSync(file)) {
    throw new Failure(`The deployer of "${application}" is gone, and so is its build, ${left.directory}.`, {
      next: `weave purge --force ${application}`,
    })
  }
  const { deploy, stateRoot } = await import('../deployer/index.ts')
  const manifest = parseManifest(readFileSync(file, 'utf8'), file)
  const { directory, config } = left
  const deployment = deploy({ manifest, directory, config, detached: true, stateRoot: stateRoot() })
  if (kill) deployment.kill()
  else await deployment.ready.then(() => deployment.stop())
  const exitCode = await deployment.finished
  removeKeptBuild(directory)
  return exitCode
}
