/** What is asked of the planner's thread, and what it answers: plain data, cloned on the way. */
import type { CallGraph, Placement, Plan, PlanRequest, PlanRules, Prediction } from '../planner/model.ts'
import { predict } from '../planner/predict.ts'
import { propose } from '../planner/propose.ts'
import { type WhatIf, whatIf } from '../planner/what-if.ts'

export interface PredictRequest {
  graph: CallGraph
  rules: PlanRules
  placements: Placement[]
}

export interface WhatIfRequest {
  request: PlanRequest
  wishes: string[]
  /** Begins sentences about a wish that isn't one. */
  where: string
}

/** By kind of job: what goes in, what comes out. */
export interface Jobs {
  propose: { request: PlanRequest; answer: Plan }
  predict: { request: PredictRequest; answer: Prediction[] }
  'what-if': { request: WhatIfRequest; answer: WhatIf[] }
}

export type JobKind = keyof Jobs

export interface Job<Kind extends JobKind = JobKind> {
  kind: Kind
  request: Jobs[Kind]['request']
}

/** `code` of a `WeaveError`; undefined: that was no error that we foresaw, and `message` has its stack. */
export type Reply = { answer: Jobs[JobKind]['answer'] } | { message: string; code: string | undefined }

const WORK: { [Kind in JobKind]: (request: Jobs[Kind]['request']) => Jobs[Kind]['answer'] } = {
  propose,
  predict: ({ graph, rules, placements }) => placements.map((placement) => predict(graph, rules, placement)),
  'what-if': ({ request, wishes, where }) => wishes.map((wish) => whatIf(request, wish, where)),
}

export function work<Kind extends JobKind>({ kind, request }: Job<Kind>): Jobs[Kind]['answer'] {
  return WORK[kind](request)
}
