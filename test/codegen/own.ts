/** What shapes need of an application: classes with a codec, a class of errors, a component. */
import { type Codecs, loadCodecs } from '../../runtime/codec/custom.ts'
import type { CodecSource, ErrorClass } from '../../transformer/model.ts'
import type { CodecOptions } from './evaluate.ts'

/** Instances of any content, which is what crosses of them. */
abstract class Container {
  readonly content: unknown

  constructor(content: unknown) {
    this.content = content
  }
}

export class Box extends Container {
  static readonly codec = { encode: (box: Box) => box.content, decode: (content: unknown) => new Box(content) }
}
export class Crate extends Container {
  static readonly codec = { encode: (crate: Crate) => crate.content, decode: (content: unknown) => new Crate(content) }
}
const CLASSES = { Box, Crate }

/** Made for a content of their codec's. */
export const CONTAINERS: Readonly<Record<string, new (content: unknown) => object>> = {
  'src/box.Box': Box,
  'src/box.Crate': Crate,
}
export const isContainer = (value: unknown): value is { content: unknown } => value instanceof Container

const SOURCES: CodecSource[] = Object.keys(CLASSES).map((exportName) => ({
  name: `src/box.${exportName}`,
  file: 'src/box.ts',
  exportName,
  member: 'codec',
}))

export class Broken extends Error {}
const BROKEN: ErrorClass = { name: 'src/box.Broken', file: 'src/box.ts', className: 'Broken', exportName: 'Broken' }

/** The receiver's stub of any component. */
export const STUB = { $component: 'src/cart.Cart' }

/** For `preparedCodecOf`. */
export const OWN: CodecOptions = {
  codecs: SOURCES,
  errors: [BROKEN],
  importer: async () => ({ ...CLASSES, Broken }),
  stub: STUB,
}

/** The same codecs for `explain`. */
export const ownCodecs: Codecs = () =>
  Object.values(CLASSES).map((of) => ({ name: `src/box.${of.name}`, load: async () => ({ codec: of.codec, of }) }))
await loadCodecs(ownCodecs, Object.keys(CONTAINERS))
