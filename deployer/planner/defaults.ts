/** Rules of a deployment that says nothing else. Each number with its reason; weave.config.ts pins components, not these. */
import { DEPLOYER_LIMITS } from '../limits.ts'
import type { PlanLimits, PlanRules, Weights } from './model.ts'
import { NO_PINS } from './pins.ts'

export const PLAN_LIMITS: PlanLimits = {
  /** At 0.7 work waits 2.3 times as long as it takes (ρ / (1 − ρ)); a burst of 40 % still fits in the core. */
  utilisationMax: 0.7,
  /** Node's own heap limit on a small machine is 2 GiB; a full collection of 1 GiB holds the event loop for a second already. */
  memoryBytesMax: 2 ** 30,
  processesMax: DEPLOYER_LIMITS.processesMax,
  replicasMax: DEPLOYER_LIMITS.replicasMax,
}

export const PLAN_WEIGHTS: Weights = {
  /** A tenth: a millisecond on each of 100 requests a second is worth a hundredth of a core. */
  latency: 0.1,
  /** What clouds ask for a core buys seven to eight GiB. */
  memoryGib: 135,
  /** Load keeps its shape for minutes. */
  paybackSeconds: 300,
  /** Three: chance alone would propose one move in 700 plans. */
  gainErrors: 3,
  /** Below that, the model's own error is larger than the gain. */
  gainShare: 0.02,
}

export const PLAN_RULES: PlanRules = {
  limits: PLAN_LIMITS,
  pins: NO_PINS,
  weights: PLAN_WEIGHTS,
}

/**
 * A group that runs is left alone until it is so much busier, or larger, than a plan would make it: else one that is as busy as it may be
 * would be split and joined by every breath of the load.
 */
export const SLACK = 1.1
