/** `weave stop`: drains an application, callers before callees, and waits until nothing of it runs. Its exit code is the application's. */
import { Command } from 'commander'
import { ask, findDeployment } from './deployments.ts'

export function stopCommand(): Command {
  return new Command('stop')
    .argument('[application]', 'default: the only one that runs')
    .option('--kill', 'end every process at once, whatever it is doing')
    .addHelpText('after', "\nExit code: the application's: 0 when every process stopped in time, 130 after --kill.")
    .action(async (name: string | undefined, { kill = false }: { kill?: boolean }) => {
      const folder = findDeployment(name)
      const { exitCode } = (await ask(folder, 'POST', '/v1/stop', { kill })) as { exitCode: number }
      process.stdout.write(`${folder.application} ${exitCode === 0 ? 'stopped' : `stopped, exit code ${exitCode}`}\n`)
      process.exitCode = exitCode
    })
}
