/** The table of `weave check --copies`: what co-located calls copy, why, and what would spare it. */
import pc from 'picocolors'
import { type Copy, copiesIn } from '../../transformer/copies.ts'
import type { Plan } from '../../transformer/plan.ts'

export function copiesOf(plan: Plan): Copy[] {
  return copiesIn(plan.analysis.model, plan.app)
}

export function copiesText(plan: Plan): string {
  const copies = copiesOf(plan)
  const of = (kind: Copy['kind']) => copies.filter((each) => each.kind === kind)
  const lines = of('copied').flatMap((copy) => {
    const spared = copy.sparable ? 'with readonly there, nothing is copied' : 'no readonly spares it'
    return [
      `${place(copy, plan)} ${pc.bold(title(copy))} ${copy.type}`,
      ...copy.because.map((each) => `    ${each}`),
      pc.dim(`    ${spared}`),
    ]
  })
  const counts = [
    `${of('copied').length} of ${copies.length} arguments and results are copied between co-located components`,
    `${of('readonly').length} are readonly`,
  ]
  return [...lines, `${counts.join('; ')}.`].join('\n')
}

const title = ({ method, parameter }: Copy): string =>
  parameter === undefined ? `the result of ${method}` : `${method}(${parameter})`

function place({ place: { file, start } }: Copy, { root, readFile }: Plan): string {
  const text = readFile(`${root}/${file}`) ?? ''
  return `${file}:${text.slice(0, start).split('\n').length}`
}
