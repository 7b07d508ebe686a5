/**
 * The settings of an application in one process: from `WEAVE_RUN` when a command started it, else from weave.config of the
 * folder it is started in. Names become full names here; one that doesn't exist is an error with "did you mean".
 */
import type { AppDescriptor } from '../boundary.ts'
import { WeaveError } from '../errors.ts'
import { resolveComponentName, unknownName } from '../names.ts'
import { ENV_RUN, type RunSettings } from '../process/control.ts'
import { loadConfigFile } from './config-file.ts'
import { withoutOthers } from './others.ts'

/** Reads and removes `WEAVE_RUN` from `env`. */
export function readSettings(descriptor: AppDescriptor, env: NodeJS.ProcessEnv, folder: string): RunSettings {
  const given = env[ENV_RUN]
  delete env[ENV_RUN]
  return resolveSettings(descriptor, given === undefined ? settingsFromFile(folder) : parse(given))
}

function settingsFromFile(folder: string): RunSettings {
  const { name = 'application', config = {}, listeners = {} } = loadConfigFile(folder) ?? {}
  return { application: name, isolated: false, config, listeners }
}

function parse(text: string): RunSettings {
  try {
    return JSON.parse(text) as RunSettings
  } catch (cause) {
    throw new WeaveError(`The environment variable ${ENV_RUN} is not JSON; leave it to the weave command to set it.`, {
      code: 'WV_CONFIG',
      cause,
    })
  }
}

export function resolveSettings(descriptor: AppDescriptor, settings: RunSettings): RunSettings {
  const names = descriptor.components.map(({ name }) => name)
  const config: Record<string, object> = {}
  const own = withoutOthers({ config: settings.config, listeners: settings.listeners }, names, descriptor.others)
  for (const [name, section] of Object.entries(own.config)) {
    config[resolveComponentName(name, names, 'weave.config.ts: config')] = section
  }
  const known = listenersOf(descriptor)
  for (const name of Object.keys(own.listeners)) {
    if (!known.includes(name)) throw unknownName({ where: 'weave.config.ts: listeners', kind: 'listener', name, known })
  }
  return { ...settings, listeners: own.listeners, config }
}

function listenersOf(descriptor: AppDescriptor): string[] {
  const dependencies = descriptor.components.flatMap((component) => component.dependencies)
  return dependencies.flatMap((dependency) => (dependency.kind === 'listener' ? [dependency.name] : []))
}
