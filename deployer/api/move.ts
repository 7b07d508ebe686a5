/**
 * `POST /v1/move { components, to }`: moves them to a group while calls run; `to` is `new`, a group, a component in it, or one of its processes.
 * Answers when the old instances have stopped, with the move and the status; `WV_DEPLOY` says why a move was undone.
 */
import { WeaveError } from '../../runtime/errors.ts'
import type { MoveStatus } from '../moves/mover.ts'
import type { Status } from '../status.ts'
import { Fields } from './fields.ts'
import type { Resource } from './server.ts'

export interface MoveAnswer {
  move: MoveStatus
  status: Status
}

export const moveResource = (target: {
  move(components: readonly string[], to: string): Promise<MoveStatus>
  status(): Status
}): Resource => ({
  method: 'POST',
  path: '/v1/move',
  async answer({ body }): Promise<MoveAnswer> {
    const fields = new Fields(body, ['components', 'to'])
    const components = fields.texts('components')
    if (components.length === 0) throw new WeaveError('"components" is empty.', { code: 'WV_CONFIG' })
    return { move: await target.move(components, fields.text('to')), status: target.status() }
  },
})
