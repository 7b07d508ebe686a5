/** What the CLI (and a program that deploys) uses of the deployer. */

export { checkConfigAgainst, ownConfig } from './config/application.ts'
export { type ConfigProblem, throwProblems } from './config/problem.ts'
export { checkConfig, checkPlacement } from './config/settings.ts'
export { type Deployment, type DeployOptions, deploy } from './deploy.ts'
export type { DeployEvent, ProcessPlan } from './events.ts'
export type { TakeChunk } from './last-lines.ts'
export { DEPLOYER_LIMITS } from './limits.ts'
export type { ProcessSnapshot } from './members.ts'
export { drainOrder, type Group, planGroups } from './placement.ts'
export { StateFolder, stateFolders, stateRoot } from './state/folder.ts'
export type { EventRecord } from './state/store.ts'
export type { Status } from './status.ts'
