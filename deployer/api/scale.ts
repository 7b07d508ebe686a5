/** `POST /v1/scale { group, replicas }`: answers when all is as it should be, with the status. `group` may be a component in it. */
import type { Status } from '../status.ts'
import { Fields } from './fields.ts'
import type { Resource } from './server.ts'

export const scaleResource = (target: {
  scale(group: string, replicas: number): Promise<void>
  status(): Status
}): Resource => ({
  method: 'POST',
  path: '/v1/scale',
  async answer({ body }) {
    const fields = new Fields(body, ['group', 'replicas'])
    await target.scale(fields.text('group'), fields.integer('replicas'))
    return target.status()
  },
})
