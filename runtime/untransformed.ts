/** The one sentence for code that reached the runtime without having gone through the transformer: which file, and what to add where. */
import { WeaveError } from './errors.ts'
import { hasGenerated } from './generated.ts'
import { callerFile } from './stack.ts'

const PLUGINS =
  '"--import weavets/register" to the flags of node or tsx, weave() of "weavets/esbuild", "weavets/vite" or "weavets/rollup" under "plugins" in the build\'s config, or "weavets/transform" under "plugins" in tsconfig.json (built with "weave tsc" or tspc); or start it with "weave run"'

/** `call` as the user wrote it; `callee` is the function that was called, whose caller is at fault. */
export function untransformed(call: string, callee: (...args: never[]) => unknown, plugins = PLUGINS): WeaveError {
  const file = callerFile(callee) ?? 'a file'
  if (hasGenerated()) {
    return new WeaveError(
      `${file} calls ${call} without the name of a component, which weave.gen.ts can't add: write it as a string, such as get('Cart').`,
      { code: 'WV_UNTRANSFORMED' },
    )
  }
  return new WeaveError(`${file} calls ${call} and was not transformed by weavets: add ${plugins}.`, {
    code: 'WV_UNTRANSFORMED',
  })
}
