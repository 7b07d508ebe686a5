/**
 * The host for ts-patch (`tspc`, TypeScript 6): a *program* transformer, which ts-patch calls with each program that the compiler
 * makes. Loaded by `require`, so nothing awaits at top level, and `typescript` is the instance handed in.
 */
import type * as TS from 'typescript'
import { weaveProgram } from './tsc-program.ts'

interface Extras {
  ts: typeof TS
}

export default function weave(
  program: TS.Program,
  host: TS.CompilerHost | undefined,
  _config: unknown,
  { ts }: Extras,
): TS.Program {
  return weaveProgram(ts, program, host)
}
