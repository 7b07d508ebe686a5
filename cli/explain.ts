/** `weave explain`: what a diagnostic means, with a wrong and a right example; without a code, all of them. */
import { Command } from 'commander'
import pc from 'picocolors'
import { explain, findCode, listCodes, nearestCode } from '../transformer/diagnostics/explain.ts'
import { EXIT, Failure } from './errors.ts'
import { columnsOf } from './output/colours.ts'

/** Off a terminal: it is prose. */
const WIDTH_DEFAULT = 80

export function explainCommand(): Command {
  return new Command('explain')
    .argument('[code]', 'WV2005, or the name, class-instance; without it, the list of all')
    .action((asked: string | undefined) => {
      const paint = { code: pc.cyan, heading: pc.bold, wrong: pc.red, dim: pc.dim }
      const options = { width: columnsOf(process.stdout, WIDTH_DEFAULT), paint }
      if (asked === undefined) {
        process.stdout.write(listCodes(options))
        return
      }
      const code = findCode(asked)
      if (code === undefined) {
        const near = nearestCode(asked)
        throw new Failure(
          `there is no diagnostic "${asked}"${near === undefined ? '.' : `; did you mean "${near}"?`}`,
          {
            next: near === undefined ? 'weave explain' : `weave explain ${near}`,
            exitCode: EXIT.usage,
          },
        )
      }
      process.stdout.write(explain(code, options))
    })
}
