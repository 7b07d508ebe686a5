/** `weave status`: what is deployed, what of it runs, and what is wrong with it. Exit code 0 when all that should run does, else 1. */
import { setTimeout as pause } from 'node:timers/promises'
import { Command } from 'commander'
import type { StateFolder } from '../deployer/state/folder.ts'
import type { Status } from '../deployer/status.ts'
import { DeployerGone, findDeployment, runningFolders, statusOf } from './deployments/deployments.ts'
import { EXIT } from './errors.ts'
import { goneText, isWell, statusText } from './output/status-text.ts'

interface Flags {
  watch?: boolean
  json?: boolean
}

const WATCH_MS = 1_000
const HOME_AND_CLEAR = '\x1b[H\x1b[0J'

const HELP = `
Exit code: 0 when all that should run is ready; 1 when something isn't, or nothing is deployed.`

export function statusCommand(): Command {
  return new Command('status')
    .argument('[application]', 'default: all that are deployed')
    .option('--watch', 'show it again every second, until Ctrl-C')
    .option('--json', 'one JSON value a line for each application')
    .addHelpText('after', HELP)
    .action(async (name: string | undefined, { watch, json }: Flags) => {
      for (;;) {
        const folders = name === undefined && runningFolders().length > 0 ? runningFolders() : [findDeployment(name)]
        const found = await Promise.all(folders.map(look))
        const screen = watch && !json && process.stdout.isTTY
        const text = found.map((each) => (json ? `${JSON.stringify(each.json)}\n` : each.text())).join(json ? '' : '\n')
        process.stdout.write(screen ? `${HOME_AND_CLEAR}${text}` : text)
        process.exitCode = found.every(({ well }) => well) ? EXIT.ok : EXIT.failed
        if (!watch) return
        await pause(WATCH_MS)
      }
    })
}

interface Look {
  well: boolean
  json: object
  text: () => string
}

async function look(folder: StateFolder): Promise<Look> {
  try {
    const status: Status = await statusOf(folder)
    return { well: isWell(status), json: status, text: () => statusText(status, process.stdout) }
  } catch (error) {
    if (!(error instanceof DeployerGone)) throw error
    const { application } = folder
    return {
      well: false,
      json: { application, state: 'deployer gone' },
      text: () => goneText(application, process.stdout),
    }
  }
}
