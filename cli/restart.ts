/** `weave restart`: drains processes and starts them again, in each group one after the other, and waits until all are ready. */
import { Command, Option } from 'commander'
import type { Status } from '../deployer/status.ts'
import { ask, findDeployment } from './deployments/deployments.ts'
import { statusText } from './output/status-text.ts'

export const applicationOption = () => new Option('--app <name>', 'which application; default: the only one that runs')

export function restartCommand(): Command {
  return new Command('restart')
    .argument('[name]', 'a process (cart-1), a group (cart) or a component (Cart); default: all processes')
    .addOption(applicationOption())
    .action(async (name: string | undefined, { app }: { app?: string }) => {
      const body = name === undefined ? {} : { name }
      const status = (await ask(findDeployment(app), 'POST', '/v1/restart', body)) as Status
      process.stdout.write(statusText(status, process.stdout))
    })
}
