/**
 * The certificates of one deployment. Made here, when processes talk over TLS: an authority that lives as long as the deployment, and for
 * each group a certificate that names it. Out come files in the deployment's own folder (0700, each file 0600), whose paths the processes are
 * told; no key is ever on a command line or in an environment. The authority's own key is written down only where a deployer may come after
 * this one, which then signs for new groups.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { IdentityFiles } from '../runtime/process/control.ts'
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
  readonly #keys: KeyPair
  readonly #certificate: string

  private constructor(application: string, keys: KeyPair, certificate: string) {
    this.#application = application
    this.#keys = keys
    this.#certificate = certificate
  }

  /** `validity`: for a test, which lets one expire. */
  static make(application: string, validity: Validity = validFrom(Date.now())): Authority {
    const keys = newKeys()
    return new Authority(application, keys, signed(AUTHORITY, keys, keys, undefined, validity))
  }

  /** As `keep` has left it in `folder`; undefined when it hasn't. */
  static kept(application: string, folder: string): Authority | undefined {
    const files = authorityFiles(folder)
    if (!existsSync(files.key) || !existsSync(files.certificate)) return undefined
    const privateKey = createPrivateKey(readFileSync(files.key))
    const certificate = readFileSync(files.certificate, 'utf8')
    return new Authority(application, { privateKey, publicKey: createPublicKey(privateKey) }, certificate)
  }

  /** Writes it down. `folder` must be the user's alone. The key comes last: where it is, all is. */
  keep(folder: string): void {
    const files = authorityFiles(folder)
    writeFileSync(files.certificate, this.#certificate, { mode: 0o600 })
    writeFileSync(files.key, exported(this.#keys), { mode: 0o600 })
  }

  identity(group: string, validity: Validity = validFrom(Date.now())): Identity {
    const keys = newKeys()
    return {
      ca: this.#certificate,
      certificate: signed(group, keys, this.#keys, identityUri(this.#application, group), validity),
      key: exported(keys),
    }
  }
}

function signed(subject: string, keys: KeyPair, issuerKeys: KeyPair, uri: string | undefined, validity: Validity) {
  const { publicKey } = keys
  return signedCertificate({ subject, issuer: AUTHORITY, publicKey, issuerKeys, uri, ...validity })
}

function exported({ privateKey }: KeyPair): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

function authorityFiles(folder: string): { certificate: string; key: string } {
  return { certificate: join(folder, 'authority.crt'), key: join(folder, 'authority.key') }
}

/** Where an identity is written. `folder` must be the user's alone; `name`: of the files, without extension. */
export function identityFiles(folder: string, name: string): IdentityFiles {
  const path = (extension: string) => join(folder, `${name}.${extension}`)
  return { ca: path('ca'), certificate: path('crt'), key: path('key') }
}

/** Over what a deployer has left that was killed while it wrote. */
export function writeIdentity(folder: string, name: string, identity: Identity): IdentityFiles {
  const files = identityFiles(folder, name)
  for (const part of ['ca', 'certificate', 'key'] as const) writeFileSync(files[part], identity[part], { mode: 0o600 })
  return files
}

function validFrom(now: number): Validity {
  return {
    notBefore: new Date(now - DEPLOYER_LIMITS.clockSkewMs),
    notAfter: new Date(now + DEPLOYER_LIMITS.certificateMs),
  }
}
