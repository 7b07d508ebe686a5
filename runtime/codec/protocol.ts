/** What a decoder says of bytes that aren't what an encoder writes. */
import { WeaveError } from '../errors.ts'

export function protocolError(what: string): WeaveError {
  return new WeaveError(`The peer sent bytes that are not the protocol: ${what}.`, { code: 'WV_PROTOCOL' })
}

export function truncated(what: string, needed: number, left: number): WeaveError {
  return protocolError(`${what} needs ${needed} bytes where ${left} are left`)
}
