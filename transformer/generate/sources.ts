/** The project's sources with a hash each, for the check that a generated file makes when its program starts (runtime/generated.ts). */
import { createHash } from 'node:crypto'
import type { Plan } from '../plan.ts'

export function sourceHashes(plan: Plan): [file: string, hash: string][] {
  return plan.sources().map(([file, text]) => [file, sourceHash(text)])
}

function sourceHash(text: string): string {
  const content = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  return createHash('sha256').update(content).digest('hex').slice(0, 12)
}
