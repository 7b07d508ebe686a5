/**
 * A plan's manifest as text. It may be megabytes, so it is made, or read from the cache, when somebody asks, and not written over a
 * file that holds it: many file systems wait for the disk then.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Asked, inUtf8, type Texts } from '../cache/texts.ts'
import { holds } from '../cache/written.ts'
import type { App, AppModel } from '../model.ts'
import { compiler } from './late.ts'

export interface ManifestInput {
  readonly model: AppModel
  /** Undefined when nothing is started, and then there is no manifest. */
  readonly app: App | undefined
  /** Of the application. */
  readonly name: string
  readonly version: () => string
  readonly kept: Texts | undefined
}

export class ManifestText {
  readonly #input: ManifestInput
  #unnamed: Uint8Array | undefined

  constructor(input: ManifestInput) {
    this.#input = input
  }

  /** `entry`: where the built entry file is, from the manifest's folder. */
  text(entry: string): string | undefined {
    return this.#input.app && this.#named(entry).toString()
  }

  bytes(entry: string): Uint8Array | undefined {
    return this.#input.app && this.#named(entry)
  }

  write(path: string, entry: string): void {
    const { app, kept } = this.#input
    if (app === undefined) return
    const about = { ...this.#about(), entry }
    if (kept?.isWritten(path, about)) return
    const bytes = this.#named(entry)
    if (kept?.isWritten(path, about, bytes) ?? holds(path, bytes)) return
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }

  /** The entry is the only part that isn't known before the output is. */
  #named(entry: string): Buffer {
    this.#unnamed ??= this.#make()
    const { buffer, byteOffset, byteLength } = this.#unnamed
    const bytes = Buffer.from(buffer, byteOffset, byteLength)
    const at = bytes.indexOf(NO_ENTRY)
    const written = Buffer.from(`"entry": ${JSON.stringify(entry)}`)
    return Buffer.concat([bytes.subarray(0, at), written, bytes.subarray(at + NO_ENTRY.length)])
  }

  #make(): Uint8Array {
    const { model, app, name, version, kept } = this.#input
    const make = () => {
      const { createManifest, serialiseManifest } = compiler()
      const text = serialiseManifest(createManifest(model, app!, { version: version(), name, entry: '' }))
      return [{ name: '', text }]
    }
    const [text] = kept?.of(this.#about(), NOTHING_ASKED, make) ?? inUtf8(make())
    return text!.bytes()
  }

  #about(): object {
    const { app, name, version } = this.#input
    return { manifest: name, file: app!.file, version: version() }
  }
}

/** A manifest has no imports. */
const NOTHING_ASKED: Asked = { specifier: (file) => file, publicName: () => undefined }

const NO_ENTRY = '"entry": ""'
