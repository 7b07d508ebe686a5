/** `GET /v1/status`: what should run, what does, and what is wrong with it (deployer/status.ts). */
import type { Status } from '../status.ts'
import type { Resource } from './server.ts'

export const statusResource = (status: () => Status): Resource => ({
  method: 'GET',
  path: '/v1/status',
  answer: status,
})
