/** The one sentence for code that reached the runtime without having gone through the transformer: which file, and what to add where. */
import { WeaveError } from './errors.ts'
import { callerFile } from './stack.ts'

const PLUGINS =
  '"weavets/transform" under "plugins" in tsconfig.json (built with tspc), weave() of "weavets/esbuild" or of "weavets/vite" under "plugins" in the build\'s config; or start it with "weave run"'

/** `call` as the user wrote it; `callee` is the function that was called, whose caller is at fault. */
export function untransformed(call: string, callee: (...args: never[]) => unknown, plugins = PLUGINS): WeaveError {
  const file = callerFile(callee) ?? 'a file'
  return new WeaveError(`${file} calls ${call} and was not transformed by weavets: add ${plugins}.`, {
    code: 'WV_UNTRANSFORMED',
  })
}
