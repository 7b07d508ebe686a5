/**
 * The state of components that keep it in memory, from the old process to the new while a move is made: each of the two groups has one process
 * (wish.ts). In: a wish whose components have started in the new process. Out: the old instances given up, so that the move has to go on; or a
 * `Failure`, after which `keep` lets them serve again.
 *
 * The state itself passes in a file of the deployment's own folder, so that the deployer neither holds it nor has it on a control connection.
 */
import { rmSync } from 'node:fs'
import type { Manifest } from '../../runtime/manifest.ts'
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { Members } from '../members.ts'
import { Failure, mustBeDone, type Steps } from './steps.ts'
import type { Wish } from './wish.ts'

interface StatesOptions {
  members: Members
  steps: Steps
  statePath: () => string
}

/** Those of `components` whose state goes along. */
export function handedOver(components: readonly string[], manifest: Manifest): string[] {
  const hands = new Set(manifest.components.flatMap(({ name, handsOver }) => (handsOver ? [name] : [])))
  return components.filter((name) => hands.has(name))
}

export async function handOver(
  { from, to }: Wish,
  components: readonly string[],
  options: StatesOptions,
): Promise<void> {
  const { members, steps, statePath } = options
  const [old, next] = [members.in(from)[0], members.in(to)[0]]
  if (old === undefined || next === undefined) throw new Failure('a process of theirs was gone.')
  const [life, nextLife] = [old.supervisor.lives, next.supervisor.lives]
  const ms = DEPLOYER_LIMITS.handOverMs
  for (const component of components) {
    const path = statePath()
    try {
      mustBeDone(old, await steps.ask(old, { type: 'hand-over', component, path }, ms), 'hand-over', component)
      mustBeDone(next, await steps.ask(next, { type: 'take-over', component, path }, ms), 'take-over', component)
    } finally {
      rmSync(path, { force: true })
    }
  }
  steps.mustGoOn()
  if (old.supervisor.lives !== life || next.supervisor.lives !== nextLife || next.supervisor.state.kind !== 'ready')
    throw new Failure('a process ended while states were handed over.')
  // From here on there is no way back: an old instance that doesn't say that it is given up must not live.
  for (const component of components) {
    const answer = await steps.ask(old, { type: 'give-up', component }, DEPLOYER_LIMITS.answerMs)
    if (answer.kind === 'failed' || answer.kind === 'late')
      old.supervisor.fail('did not give up what it had handed over')
  }
}

/** Those that were held serve again. A process that doesn't say so is started again: it would send its calls back for ever. */
export async function keep(
  { from }: Wish,
  components: readonly string[],
  { members, steps }: StatesOptions,
): Promise<void> {
  const asks = members.in(from).flatMap((member) =>
    components.map(async (component) => {
      const answer = await steps.ask(member, { type: 'keep', component }, DEPLOYER_LIMITS.answerMs)
      if (answer.kind === 'late') member.supervisor.fail('did not take back what it was to hand over')
    }),
  )
  await Promise.all(asks)
}
