/** Everything that reads bytes of others. */
import { codec } from './codec.ts'
import { frames } from './frames.ts'
import type { Target } from './loop.ts'

export const TARGETS: readonly Target[] = [frames, codec]
