/** `weave scale`: changes the number of replicas of a group, and waits until all are ready and none is too many. */
import { Command, InvalidArgumentError } from 'commander'
import type { Status } from '../deployer/status.ts'
import { ask, findDeployment } from './deployments/deployments.ts'
import { statusText } from './output/status-text.ts'
import { applicationOption } from './restart.ts'

export function scaleCommand(): Command {
  return new Command('scale')
    .argument('<group>', 'its name (cart) or that of a component in it (Cart)')
    .argument('<replicas>', 'how many processes', count)
    .addOption(applicationOption())
    .action(async (group: string, replicas: number, { app }: { app?: string }) => {
      const status = (await ask(findDeployment(app), 'POST', '/v1/scale', { group, replicas })) as Status
      process.stdout.write(statusText(status, process.stdout))
    })
}

function count(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}
