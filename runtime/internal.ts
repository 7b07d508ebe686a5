/** `weavets/internal`: what generated code imports, and nobody else. No promises about versions: both are of one build. */

export { broken, isLate, late, timed } from './calls/local.ts'
export { brokenStream, LocalCall } from './calls/local-call.ts'
export { copyReference, decodeReference, encodeReference, isReference, receive } from './calls/references.ts'
// Codecs and copiers (transformer/codegen/encode.ts, decode.ts, copy.ts, boundary.ts).
export { copyBytes, copyRegExp, readBytes, readRegExp, readUrl, writeRegExp } from './codec/builtins.ts'
export { chooseByFit } from './codec/choose.ts'
export { fromWire, isCustom, loadCodecs, toWire } from './codec/custom.ts'
export { copyError, readError, writeError } from './codec/error.ts'
export { registryOf } from './codec/error-classes.ts'
export { copyHoles, holesOf, readHoles, writeHoles } from './codec/holes.ts'
export { copyJson, readJson, writeJson } from './codec/json.ts'
export {
  array,
  bare,
  bigint,
  boolean,
  bytesOf,
  hasMember,
  hasOneOf,
  hrefOf,
  isBytes,
  isDate,
  isError,
  isIndexed,
  isMap,
  isObject,
  isRecord,
  isRegExp,
  isSet,
  isSignal,
  isStream,
  isUrl,
  map,
  member,
  number,
  object,
  same,
  set,
  setKey,
  setUndefined,
  string,
  timeOf,
} from './codec/kinds.ts'
export { argumentError, itemError, resultError } from './codec/mismatch.ts'
export { readNumbers, writeNumbers } from './codec/numbers.ts'
export { mismatch, tooDeep } from './codec/signal.ts'
export { definitionsOf, shapes, shapesAt, tableCopy, tableDecode, tableEncode } from './codec/table/index.ts'
export { defaultOf, registerGenerated } from './generated.ts'
export { LIMITS } from './limits.ts'
export { LocalTarget, RemoteTarget, Stub } from './stub.ts'
