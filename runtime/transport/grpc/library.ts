/**
 * @grpc/grpc-js, loaded when a process first needs it: an optional peer dependency of the application, so that nobody else pays for it.
 * Where it isn't installed there is one sentence about what to do.
 */
import { WeaveError } from '../../errors.ts'

export type Grpc = typeof import('@grpc/grpc-js')

export const NO_GRPC =
  'The transport "grpc" needs @grpc/grpc-js, which is not installed; run "npm install @grpc/grpc-js".'

let library: Promise<Grpc> | undefined

export function loadGrpc(): Promise<Grpc> {
  library ??= import('@grpc/grpc-js').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new WeaveError(NO_GRPC, { code: 'WV_CONFIG', cause })
  })
  return library
}
