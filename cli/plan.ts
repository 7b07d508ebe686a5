/**
 * `weave plan`: which placement the measured calls ask for, what it would cost against today's, and why; or, with `--what-if`, what another one would
 * cost. Nothing moves. In: a call graph that was recorded in a file.
 */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { checkedRequest } from '../deployer/planner/check.ts'
import type { PlanRequest } from '../deployer/planner/model.ts'
import { propose } from '../deployer/planner/propose.ts'
import { whatIf } from '../deployer/planner/what-if.ts'
import { WeaveError } from '../runtime/errors.ts'
import { EXIT, Failure } from './errors.ts'
import { planText, whatIfText } from './plan-text.ts'

interface Flags {
  graph: string
  whatIf: string[]
  json?: boolean
}

const HELP = `
A recorded graph is JSON: { "graph": …, "today": [{ "name": "main", "components": ["Cart"] }], "rules": { "pins": { "apart": [["Cart", "Ads"]] } } };
docs/placement.md says what is in each. Without "today", each component is taken to be in a process of its own.

Exit code: 0 when there is an answer, also when nothing should move; 1 when the graph can't be planned for; 2 when a wish names nothing.`

export function planCommand(): Command {
  return new Command('plan')
    .requiredOption('--graph <file>', 'the recorded call graph to plan for')
    .option(
      '--what-if <wish>',
      "what 'Cart with Checkout' or 'Cart apart' would cost; may be given several times",
      (wish: string, wishes: string[]) => [...wishes, wish],
      [],
    )
    .option('--json', 'the plan, or the answers, as JSON')
    .addHelpText('after', HELP)
    .action((flags: Flags) => {
      const request = readRequest(flags.graph)
      const answer = flags.whatIf.length > 0 ? flags.whatIf.map((wish) => asked(request, wish)) : propose(request)
      if (flags.json) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
      else if (Array.isArray(answer)) process.stdout.write(whatIfText(answer, process.stdout))
      else process.stdout.write(planText(request.graph.application, answer, process.stdout))
    })
}

function asked(request: PlanRequest, wish: string) {
  try {
    return whatIf(request, wish, '--what-if')
  } catch (error) {
    if (!(error instanceof WeaveError)) throw error
    const next = "Write --what-if 'Cart with Checkout' or --what-if 'Cart apart', with names of your components."
    throw new Failure(error.message, { next, exitCode: EXIT.usage, cause: error })
  }
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
      next: 'Record the graph again, or mend the file; docs/placement.md says what is in it.',
      cause,
    })
  }
}
