/**
 * `weave plan`: which placement the measured calls ask for, what it would cost against today's, and why; or, with `--what-if`, what another one would
 * cost; with `--history`, what automatic placement has tried. Nothing moves. In: an application that is deployed, or a call graph that was recorded
 * in a file.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import type { Trial } from '../deployer/automatic/trial.ts'
import { checkedRequest } from '../deployer/planner/check.ts'
import type { Plan, PlanRequest } from '../deployer/planner/model.ts'
import { propose } from '../deployer/planner/propose.ts'
import { type WhatIf, whatIf } from '../deployer/planner/what-if.ts'
import { WeaveError } from '../runtime/errors.ts'
import { EXIT, Failure } from './errors.ts'
import { secondsFlag } from './graph.ts'
import { planText, whatIfText } from './output/plan-text.ts'

interface Flags {
  graph?: string
  seconds?: number
  whatIf: string[]
  record?: string
  history?: boolean
  json?: boolean
}

const SECONDS_DEFAULT = 60

const HELP = `
Of an application that is deployed:
  weave plan                               what its calls of the last minute ask for; "weave move" makes a move, "weave deploy --auto" all of them
  weave plan --what-if 'Cart with Checkout' --what-if 'Ads apart'
  weave plan --history                     what automatic placement has tried: cost before, predicted, measured
  weave plan --record graph.json           writes down what a plan is made from

Of a recorded graph (--graph): JSON, { "graph": …, "today": [{ "name": "main", "components": ["Cart"] }], "rules": { "pins": { "apart": [["Cart", "Ads"]] } } };
docs/placement.md says what is in each. Without "today", each component is taken to be in a process of its own.

Exit code: 0 when there is an answer, also when nothing should move; 1 when nothing can be planned for; 2 when a wish names nothing.`

export function planCommand(): Command {
  return new Command('plan')
    .argument('[application]', 'default: the only one that is deployed')
    .option(
      '--what-if <wish>',
      "what 'Cart with Checkout' or 'Cart apart' would cost; may be given several times",
      (wish: string, wishes: string[]) => [...wishes, wish],
      [],
    )
    .addOption(
      new Option(
        '--seconds <n>',
        `measured in the last so many seconds, up to a day (default: ${SECONDS_DEFAULT})`,
      ).argParser(secondsFlag),
    )
    .addOption(
      new Option('--history', 'what automatic placement has tried').conflicts(['graph', 'whatIf', 'seconds', 'record']),
    )
    .addOption(new Option('--record <file>', 'write down what a plan is made from').conflicts(['graph', 'whatIf']))
    .addOption(new Option('--graph <file>', 'plan for a recorded call graph instead').conflicts('seconds'))
    .option('--json', 'the plan, the answers, or the trials, as JSON')
    .addHelpText('after', HELP)
    .action(async (name: string | undefined, flags: Flags) => {
      if (flags.graph !== undefined) return ofFile(name, flags.graph, flags)
      if (flags.history) return await history(name, flags)
      await ofDeployment(name, flags)
    })
}

// ---- a recorded graph

function ofFile(name: string | undefined, file: string, flags: Flags): void {
  if (name !== undefined) {
    const next = `Write "weave plan ${name}" for what is deployed, or "weave plan --graph ${file}".`
    throw new Failure(`"${name}" and --graph are two things to plan for.`, { next, exitCode: EXIT.usage })
  }
  const request = readRequest(file)
  const answer = flags.whatIf.length > 0 ? flags.whatIf.map((wish) => asked(request, wish)) : propose(request)
  print(request.graph.application, answer, flags)
}

function asked(request: PlanRequest, wish: string): WhatIf {
  try {
    return whatIf(request, wish, '--what-if')
  } catch (error) {
    if (!(error instanceof WeaveError)) throw error
    throw wrongWish(error)
  }
}

function wrongWish(cause: Error): Failure {
  const next = "Write --what-if 'Cart with Checkout' or --what-if 'Cart apart', with names of your components."
  return new Failure(cause.message, { next, exitCode: EXIT.usage, cause })
}

function readRequest(file: string): PlanRequest {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const next = 'Name a file that holds a recorded call graph.'
    throw new Failure(`--graph ${file}: it can't be read.`, { next, exitCode: EXIT.usage, cause })
  }
  try {
    return checkedRequest(JSON.parse(text), file)
  } catch (cause) {
    const why = cause instanceof WeaveError ? cause.message : `${file}: it is not JSON.`
    throw new Failure(why, {
      next: 'Record the graph again, with weave plan --record, or mend the file; docs/placement.md says what is in it.',
      cause,
    })
  }
}

// ---- an application that is deployed

async function ofDeployment(name: string | undefined, flags: Flags): Promise<void> {
  const { ask, findDeployment } = await import('./deployments/deployments.ts')
  const { seconds = SECONDS_DEFAULT, record } = flags
  const folder = findDeployment(name)
  const query = new URLSearchParams({ seconds: String(seconds) })
  if (record !== undefined) {
    const request = await ask(folder, 'GET', `/v1/plan/request?${query}`)
    writeRequest(record, request as PlanRequest)
    return
  }
  for (const wish of flags.whatIf) query.append('what-if', wish)
  const answer = await ask(folder, 'GET', `/v1/plan?${query}`).catch((error: Error) => {
    throw error instanceof Failure && error.code === 'WV_CONFIG' ? wrongWish(error) : error
  })
  print(folder.application, answer as Plan | WhatIf[], flags)
}

function writeRequest(file: string, request: PlanRequest): void {
  try {
    writeFileSync(file, `${JSON.stringify(request, null, 2)}\n`)
  } catch (cause) {
    const next = 'Name a file in a folder that is there.'
    throw new Failure(`--record ${file}: it can't be written.`, { next, exitCode: EXIT.usage, cause })
  }
  const { graph } = request
  process.stdout.write(
    `${file}: ${graph.components.length} components, ${graph.edges.length} edges, of ${Math.round(graph.windowSeconds)} s; weave plan --graph ${file}\n`,
  )
}

/** Of what has ended too: then it is read where its deployer has left it. */
async function history(name: string | undefined, { json }: Flags): Promise<void> {
  const { TRIALS_DEFAULT } = await import('../deployer/api/plan.ts')
  const { trialsIn } = await import('../deployer/state/store.ts')
  const { DeployerGone, ask, findKept } = await import('./deployments/deployments.ts')
  const { historyText } = await import('./output/history-text.ts')
  const folder = findKept(name)
  const kept = () => trialsIn(folder.database, TRIALS_DEFAULT)
  const asked = folder.api === undefined ? kept() : ask(folder, 'GET', `/v1/trials?limit=${TRIALS_DEFAULT}`)
  const trials = (await Promise.resolve(asked).catch((error: Error) => {
    if (error instanceof DeployerGone) return kept()
    throw error
  })) as Trial[]
  if (json) process.stdout.write(`${JSON.stringify(trials, null, 2)}\n`)
  else process.stdout.write(historyText(folder.application, trials, process.stdout))
}

function print(application: string, answer: Plan | WhatIf[], { json }: Flags): void {
  if (json) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
  else if (Array.isArray(answer)) process.stdout.write(whatIfText(answer, process.stdout))
  else process.stdout.write(planText(application, answer, process.stdout))
}
