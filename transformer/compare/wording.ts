/** The sentences of a change: what was, what is, who stumbles over it, and what to do instead. */
import type { Code } from '../diagnostics/catalogue.ts'
import type { Change } from './change.ts'
import type { PolicyChange } from './methods.ts'

export interface Wording {
  readonly code: Code
  readonly message: string
  readonly why: string
  readonly fix: string
}

export function changeReport({ kind, flow, site, was, now }: Change, component: string, version: string): Wording {
  const what = `'${component}.${site.path}'`
  const callers = `callers that were built with version ${version}`
  switch (kind) {
    case 'type':
      return {
        code: 'WV4001',
        message:
          now === undefined ? `${what} was '${was}', and is gone.` : `${what} was '${was}', and is '${now}' now.`,
        why: flow === 'in' ? `${callers} still send the old form` : `${callers} still expect the old form`,
        fix: `keep the old form, and add the new one beside it under another name`,
      }
    case 'required':
      return {
        code: 'WV4003',
        message: was === undefined ? `${what} is new and required.` : `${what} was optional, and is required now.`,
        why: was === undefined ? `${callers} don't send it` : `${callers} leave it out at times`,
        fix: 'make it optional, and say in the component what its absence means',
      }
    case 'missing':
      return {
        code: 'WV4005',
        message:
          now === undefined
            ? `${what} was '${was}', and is gone from the result.`
            : `${what} was always there, and is optional now.`,
        why: `${callers} read it without asking`,
        fix: now === undefined ? 'keep filling it until nobody reads it' : 'keep it required',
      }
    case 'values':
      return flow === 'in'
        ? {
            code: 'WV4006',
            message: `${what} no longer takes ${quoted(was)}; it takes ${quoted(now)}.`,
            why: `${callers} still send it`,
            fix: 'go on taking it, if only to treat it like another value',
          }
        : {
            code: 'WV4006',
            message: `${what} can be ${quoted(now)} now, beside ${quoted(was)}.`,
            why: `${callers} don't know that value`,
            fix: 'give it by another method or member, and the old ones what they know',
          }
  }
}

const quoted = (text: string | undefined): string => `'${text ?? 'nothing'}'`

export function policyReport(change: PolicyChange, method: string, version: string): Wording {
  const callers = `callers that were built with version ${version}`
  switch (change.kind) {
    case 'idempotent':
      return {
        code: 'WV4007',
        message: `'${method}' was idempotent, and is not any more.`,
        why: `${callers} call it again when they don't know whether it has run`,
        fix: 'keep @idempotent, or give the new behaviour another name',
      }
    case 'key':
      return {
        code: 'WV4008',
        message:
          change.was === undefined
            ? `'${method}' is routed by '${change.now}' now, and was not routed.`
            : change.now === undefined
              ? `'${method}' was routed by '${change.was}', and is not routed any more.`
              : `'${method}' was routed by '${change.was}', and is routed by '${change.now}' now.`,
        why: `${callers} choose the replica by the old key`,
        fix: 'keep the key while such callers are there, or let every replica serve every key',
      }
    case 'timeout':
      return {
        code: 'WV4009',
        message: `'${method}' has ${change.now} ms now, ${change.was === undefined ? 'and had no time limit of its own' : `and had ${change.was} ms`}.`,
        why: `${callers} may rely on answers that take longer`,
        fix: 'keep the longer time, if answers do take it',
      }
  }
}
