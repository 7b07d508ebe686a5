/** Certificates as a deployer makes them: one authority for the tests of a file, and others to be refused. */
import { Authority } from '../../deployer/certificates.ts'
import type { Identity } from '../../runtime/transport/socket/identity.ts'

export const authority = Authority.make('shop')

export function identityOf(group: string): Identity {
  return authority.identity(group)
}
