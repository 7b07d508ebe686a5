/** `weave move`: moves components to another group while calls run, and waits until the old instances have stopped. */
import { Command } from 'commander'
import type { MoveAnswer } from '../deployer/api/move.ts'
import { shortName } from '../runtime/names.ts'
import { ask, findDeployment } from './deployments/deployments.ts'
import { statusText } from './output/status-text.ts'
import { applicationOption } from './restart.ts'

export function moveCommand(): Command {
  return new Command('move')
    .argument('<components...>', 'their names (Cart); all of one group')
    .requiredOption('--to <where>', 'a group (checkout), a component in it (Checkout), one of its processes, or new')
    .addOption(applicationOption())
    .action(async (components: string[], { to, app }: { to: string; app?: string }) => {
      const { move, status } = (await ask(findDeployment(app), 'POST', '/v1/move', { components, to })) as MoveAnswer
      const names = move.components.map(shortName).join(', ')
      const empty = move.beganEmpty.map(
        ({ component, keeps }) =>
          `${shortName(component)} began empty: its class keeps ${keeps} in memory, which stayed behind. @stateful with handOver and takeOver takes it along.\n`,
      )
      process.stdout.write(
        `${names} moved from ${move.from} to ${move.to} in ${move.durationMs} ms\n${empty.join('')}\n`,
      )
      process.stdout.write(statusText(status, process.stdout))
    })
}
