/**
 * The certificates of one deployment. Made here, when processes talk over TLS: an authority that lives as long as the deployment, whose
 * key stays in this process's memory, and for each group a certificate that names it. Out come files in the deployment's own folder
 * (0700, each file 0600), whose paths the processes are told; no key is ever on a command line or in an environment.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { IdentityFiles } from '../runtime/control.ts'
import { type Identity, identityUri } from '../runtime/transport/socket/identity.ts'
import { DEPLOYER_LIMITS } from './limits.ts'
import { type KeyPair, newKeys, signedCertificate } from './x509.ts'

const AUTHORITY = 'weave deployment'

export interface Validity {
  notBefore: Date
  notAfter: Date
}

export class Authority {
  readonly #application: string
  readonly #keys: KeyPair = newKeys()
  readonly #certificate: string

  /** `validity`: for a test, which lets one expire. */
  constructor(application: string, validity: Validity = validFrom(Date.now())) {
    this.#application = application
    this.#certificate = this.#sign(AUTHORITY, this.#keys, undefined, validity)
  }

  identity(group: string, validity: Validity = validFrom(Date.now())): Identity {
    const keys = newKeys()
    return {
      ca: this.#certificate,
      certificate: this.#sign(group, keys, identityUri(this.#application, group), validity),
      key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    }
  }

  #sign(subject: string, keys: KeyPair, uri: string | undefined, validity: Validity): string {
    const { publicKey } = keys
    return signedCertificate({ subject, issuer: AUTHORITY, publicKey, issuerKeys: this.#keys, uri, ...validity })
  }
}

/** Where an identity is written. `folder` must be the user's alone; `name`: of the files, without extension. */
export function identityFiles(folder: string, name: string): IdentityFiles {
  const path = (extension: string) => join(folder, `${name}.${extension}`)
  return { ca: path('ca'), certificate: path('crt'), key: path('key') }
}

export function writeIdentity(folder: string, name: string, identity: Identity): IdentityFiles {
  const files = identityFiles(folder, name)
  for (const part of ['ca', 'certificate', 'key'] as const)
    writeFileSync(files[part], identity[part], { mode: 0o600, flag: 'wx' })
  return files
}

function validFrom(now: number): Validity {
  return {
    notBefore: new Date(now - DEPLOYER_LIMITS.clockSkewMs),
    notAfter: new Date(now + DEPLOYER_LIMITS.certificateMs),
  }
}
