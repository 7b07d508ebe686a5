/** `POST /v1/stop { kill? }`: answers when nothing runs any more, with the exit code. `kill`: SIGKILL for all, at once. */
import { Fields } from './fields.ts'
import type { Resource } from './server.ts'

export const stopResource = (target: {
  stop(): Promise<void>
  kill(): void
  readonly finished: Promise<number>
}): Resource => ({
  method: 'POST',
  path: '/v1/stop',
  async answer({ body }) {
    if (new Fields(body, ['kill']).flag('kill')) target.kill()
    else void target.stop()
    return { exitCode: await target.finished }
  },
})
