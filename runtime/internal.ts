/** `weavets/internal`: what generated code imports, and nobody else. No promises about versions: both are of one build. */

// Codecs and copiers (transformer/codegen/encode.ts, decode.ts, copy.ts, boundary.ts).
export { copyBytes, copyRegExp, readBytes, readRegExp, readUrl, writeRegExp } from './codec/builtins.ts'
export { copyError, readError, writeError } from './codec/error.ts'
export { registryOf } from './codec/error-classes.ts'
export { readJson, writeJson } from './codec/json.ts'
export {
  bigint,
  boolean,
  bytesOf,
  hasMember,
  hrefOf,
  isBytes,
  isDate,
  isError,
  isMap,
  isObject,
  isRegExp,
  isSet,
  isUrl,
  member,
  number,
  same,
  setKey,
  string,
  timeOf,
} from './codec/kinds.ts'
export { argumentError, resultError } from './codec/mismatch.ts'
export { mismatch, tooDeep } from './codec/signal.ts'
export { LIMITS } from './limits.ts'
export { broken, isLate, late, timed } from './local.ts'
export { LocalTarget, RemoteTarget, Stub } from './stub.ts'
