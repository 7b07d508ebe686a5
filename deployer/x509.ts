/**
 * One X.509 certificate, as PEM: what it says comes in, signed with the issuer's key it goes out. The structures and their DER are
 * @peculiar/asn1-x509's, keys and signature are node's. Keys are P-256, signatures ECDSA with SHA-256.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509'

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'
const COMMON_NAME = '2.5.4.3'

export interface KeyPair {
  publicKey: KeyObject
  privateKey: KeyObject
}

export interface CertificateOptions {
  /** Common names. */
  subject: string
  issuer: string
  publicKey: KeyObject
  issuerKeys: KeyPair
  notBefore: Date
  notAfter: Date
  /** Signs others; without it, it is of a process that is client and server, and `uri` says which. */
  uri: string | undefined
}

export function newKeys(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

export function signedCertificate(options: CertificateOptions): string {
  const { publicKey, issuerKeys, notBefore, notAfter, uri } = options
  const signature = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 })
  const serial = randomBytes(16)
  // A positive number whose first byte is not zero, as DER wants it.
  serial[0] = (serial[0]! & 0x7f) | 0x40
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: bytes(serial),
    signature,
    issuer: named(options.issuer),
    subject: named(options.subject),
    validity: new Validity({ notBefore, notAfter }),
    subjectPublicKeyInfo: keyInfo(publicKey),
    extensions: new Extensions([
      ...(uri === undefined ? authorityExtensions() : processExtensions(uri)),
      extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyIdentifier(publicKey))),
      extension(
        id_ce_authorityKeyIdentifier,
        false,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(issuerKeys.publicKey)) }),
      ),
    ]),
  })
  const toBeSigned = Buffer.from(AsnConvert.serialize(tbsCertificate))
  const signatureValue = bytes(sign('sha256', toBeSigned, issuerKeys.privateKey))
  const certificate = new Certificate({ tbsCertificate, signatureAlgorithm: signature, signatureValue })
  const lines = Buffer.from(AsnConvert.serialize(certificate))
    .toString('base64')
    .match(/.{1,64}/g)!
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function authorityExtensions(): Extension[] {
  return [
    extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: true, pathLenConstraint: 0 })),
    extension(id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.keyCertSign)),
  ]
}

function processExtensions(uri: string): Extension[] {
  return [
    extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: false })),
    extension(id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.digitalSignature)),
    extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_serverAuth, id_kp_clientAuth])),
    extension(
      id_ce_subjectAltName,
      false,
      new SubjectAlternativeName([new GeneralName({ uniformResourceIdentifier: uri })]),
    ),
  ]
}

function keyInfo(key: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(bytes(key.export({ type: 'spki', format: 'der' })), SubjectPublicKeyInfo)
}

/** As RFC 5280 (4.2.1.2) makes it; not a matter of security. */
function keyIdentifier(key: KeyObject): ArrayBuffer {
  return bytes(
    createHash('sha1')
      .update(Buffer.from(keyInfo(key).subjectPublicKey))
      .digest(),
  )
}

function extension(extnID: string, critical: boolean, value: unknown): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) })
}

function named(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName })
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])])
}

function bytes(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer
}
