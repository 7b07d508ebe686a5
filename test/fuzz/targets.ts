/** Everything that reads bytes of others. */
import { codec } from './codec.ts'
import { frames } from './frames.ts'
import type { Target } from './loop.ts'
import { client, server } from './session.ts'

export const TARGETS: readonly Target[] = [frames, codec, server, client]
