/**
 * Where `emitDecoratorMetadata` asks for what esbuild doesn't emit (it looks at one file at a time and knows no types): frameworks that inject by it
 * would get undefined, without a word. In goes a plan, out comes a warning for the hosts that build or load by esbuild; tsc emits it. They load this
 * file where a tsconfig asks for it, since the catalogue comes with it.
 */
import { dirname, join } from 'node:path'
import { loadConfigFile } from '../../runtime/config/config-file.ts'
import { isTestFile } from '../analyse/declared/test-files.ts'
import { createDiagnostic } from '../diagnostics/create.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { SourceTokens } from '../diagnostics/fixes/tokens.ts'
import { applySeverities } from '../diagnostics/severity.ts'
import type { Plan } from '../plan.ts'
import { asksForMetadata, loaderSettings } from './tsconfig.ts'

export function lostMetadata(plan: Plan): Diagnostic[] {
  const { root, folders } = plan
  if (!asksForMetadata(folders)) return []
  const asks = (file: string): boolean => loaderSettings(dirname(join(root, file))).emitDecoratorMetadata
  const found = plan.sources().flatMap(([file, text]) => {
    if (!/\.[cm]?tsx?$/.test(file) || isTestFile(root, join(root, file)) || !text.includes('@') || !asks(file))
      return []
    const { tokens } = new SourceTokens(text)
    const at = tokens.findIndex((each) => each.text === '@')
    const [sign, name] = [tokens[at], tokens[at + 1]]
    return sign === undefined || name === undefined ? [] : [{ file, text, start: sign.start, end: name.end }]
  })
  const [first] = found
  if (first === undefined) return []
  const others = found.length === 1 ? '' : `, as ${found.length - 1} more of its files have`
  const warning = createDiagnostic('WV9018', first, {
    message: `'${first.file}' has decorators${others}, and their types ("emitDecoratorMetadata") are not emitted by weave's own builds.`,
    why: '"weave run", "dev", "build", "deploy" and weavets/register compile with esbuild, which knows no types: what NestJS, TypeORM and the like inject by them is undefined',
    fix: 'build with "weave tsc" and deploy that: "weave deploy --build dist"; or construct what needs them by hand, behind provide<…>(() => new …)',
  })
  return applySeverities([warning], loadConfigFile(root)?.diagnostics ?? {})
}
