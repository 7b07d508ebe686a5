/** One line of `weave doctor`: what was looked at, what was found, and what to do where that is not right. */
import type { Code } from '../diagnostics/catalogue.ts'

export interface Finding {
  /** `typescript`, `editor`: what was looked at. */
  readonly check: string
  /** `problem`: something does not work; `warning`: it will not where it should. */
  readonly status: 'ok' | 'warning' | 'problem'
  readonly code?: Code
  readonly message: string
  readonly fix?: string
}

export const ok = (check: string, message: string): Finding => ({ check, status: 'ok', message })

export const bad = (
  check: string,
  status: 'warning' | 'problem',
  { code, message, fix }: { readonly code?: Code | undefined; readonly message: string; readonly fix: string },
): Finding => ({ check, status, message, fix, ...(code && { code }) })

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
