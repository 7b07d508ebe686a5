/**
 * A process of its own for `weave dev`: prints `weave.config.ts` of the folder in `argv[2]` as JSON. Node keeps every module that
 * it has loaded, so a config that changed can only be read by a process that hasn't read it before.
 */
import { loadConfigFile } from '../../runtime/config/config-file.ts'
import { report, WHEN_SAVED } from '../errors.ts'

try {
  process.stdout.write(JSON.stringify(loadConfigFile(process.argv[2]!) ?? {}))
} catch (error) {
  process.exitCode = report(error, WHEN_SAVED)
}
