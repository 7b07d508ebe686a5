/** `POST /v1/restart { name? }`: of a process, a group (or a component in it), or all. Answers when all is as it should be, with the status. */
import type { Status } from '../status.ts'
import { Fields } from './fields.ts'
import type { Resource } from './server.ts'

export const restartResource = (target: { restart(name?: string): Promise<void>; status(): Status }): Resource => ({
  method: 'POST',
  path: '/v1/restart',
  async answer({ body }) {
    await target.restart(new Fields(body, ['name']).optionalText('name'))
    return target.status()
  },
})
