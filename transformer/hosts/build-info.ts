/**
 * `--build` leaves a project alone while its `.tsbuildinfo` is newer than its sources. That is so too where plain tsc has written the
 * outputs, without generated code, and where weave.config.ts or weavets have changed since. So weave signs those that it writes, and
 * one that it would sign otherwise isn't there for the builder, which then builds the project as for the first time.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type * as TS from 'typescript'
import { CONFIG_FILES } from '../../runtime/config/config-file.ts'
import { hashOf } from '../cache/disk.ts'
import { analyserIdentity } from '../cache/identity.ts'
import { findProjectRoot } from '../checker/load.ts'

/** The system for a builder. TypeScript reads over what it doesn't know in the file. */
export function withSignedBuildInfo(system: TS.System): TS.System {
  return {
    ...system,
    readFile(path, encoding) {
      const text = system.readFile(path, encoding)
      return text === undefined || !isBuildInfo(path) || text.startsWith(headOf(path)) ? text : undefined
    },
    writeFile(path, text, mark) {
      system.writeFile(path, isBuildInfo(path) ? text.replace('{', headOf(path)) : text, mark)
    },
  }
}

const isBuildInfo = (path: string): boolean => path.endsWith('.tsbuildinfo')

/** What generated code depends on beside the program. */
function headOf(path: string): string {
  const root = findProjectRoot(dirname(path))
  const configs = CONFIG_FILES.map((name) => join(root, name)).filter((file) => existsSync(file))
  const signature = hashOf([analyserIdentity(), ...configs.map((file) => readFileSync(file, 'utf8'))].join('\0'))
  return `{"weave":${JSON.stringify(signature)},`
}
