/**
 * An application → the text that is appended to the file that starts it. Function declarations only, which are hoisted: the
 * file awaits `run` at its top level, before anything declared below would be initialised. The text is valid TypeScript and
 * valid JavaScript, and the same for the same model, in any folder and on any machine.
 */

import { inner } from '../../runtime/codec/traits.ts'
import type { Others } from '../../runtime/config/others.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import type { App, AppModel, CodecSource, Component, Dependency, Implementation } from '../model.ts'
import { APART, INTERNAL_IMPORT } from './apart.ts'
import { boundaryFunction, boundaryName } from './boundary.ts'
import { definitionFunctions, sharedFunctions } from './codec.ts'
import { Facts } from './facts.ts'
import { Functions } from './functions.ts'
import { othersOf } from './manifest.ts'
import { codecsOf, shapesOf, stateMethods } from './method.ts'
import { access, Identifiers, json, quote } from './names.ts'

/** Equal to BOUNDARY_FORMAT in runtime/boundary.ts (a test compares): which runtime this text fits. */
export const GENERATED_FORMAT = 3

export interface GenerateOptions {
  /** Content hash of the build. */
  version: string
  /** What `import(…)` in the app's file says for a file of the project. */
  specifier: (file: string) => string
  /** Heavier types are coded by the table and not by functions. Default: WEIGHT_MAX. */
  weightMax?: number
  /** Modules are loaded by `require`: the text is for CommonJS in which tsc leaves no `import(…)`. */
  require?: boolean
  /** How it imports what another package exports; undefined for a file of its own package. */
  publicName?: (file: string, exportName: string) => { specifier: string; exportName: string } | undefined
}

export function generateApp(model: AppModel, app: App, options: GenerateOptions): string {
  const components = app.components.filter((name) => name !== app.root?.name).map((name) => componentOf(model, name))
  const identifiers = new Identifiers()
  const named = new Map(components.map((each) => [each.name, identifiers.of(each.name)]))
  const healthy = components.filter((each) => each.broken === undefined)
  const methods = healthy.flatMap((each) => [...each.methods, ...stateMethods(each)])
  const carried = methods.flatMap(shapesOf)
  const configs = implementationsOf(app, components).flatMap((each) => each.dependencies.flatMap(configShape))
  const functions = new Functions(
    model.definitions,
    reached(model.definitions, [...carried, ...configs]),
    options.weightMax,
  )
  const light = carried.filter((shape) => !functions.isHeavy(shape))
  const withFunctions = reached(model.definitions, light)

  functions.share([...light, ...withFunctions.flatMap((name) => inner(functions.facts.definition(name)))])
  const used = new Set([
    ...methods.flatMap((method) => codecsOf(method, functions)),
    ...model.errors.flatMap((each) => each.codecs ?? []),
  ])
  const codecs = model.codecs.filter(({ name }) => used.has(name))
  functions.codecs = codecs.length > 0
  const parts = [
    `// What weavets generates for this application; it is written anew by every build.\n${INTERNAL_IMPORT}`,
    descriptorFunction({ app, components, named, options, codecs: codecs.length > 0, others: othersOf(model, app) }),
    ...apartLine(
      app,
      [...model.errors.filter((each) => each.package === undefined), ...codecs],
      [
        ...components.map((each) => boundaryName(named.get(each.name) as string)),
        '__weave_errors',
        ...(codecs.length > 0 ? ['__weave_codecs'] : []),
        '__weave_definitions',
      ],
    ),
    errorsFunction(model, app, options),
    ...(codecs.length > 0 ? [codecsFunction(codecs, app, options)] : []),
    ...components.map((each) => boundaryFunction(each, named.get(each.name) as string, functions)),
    ...withFunctions.flatMap((name) => definitionFunctions(name, functions)),
    ...functions.shared().flatMap((each) => sharedFunctions(each, functions)),
  ]
  if (functions.fits().length > 0) parts.push(unionsFunction(functions))
  // Last, when everybody has asked for the lines that they need.
  parts.push(typesFunction(functions))
  return `\n${parts.join('\n\n')}\n`
}

/** A class of the application's own file has no name elsewhere. */
function apartLine(app: App, imported: readonly { file: string }[], names: readonly string[]): string[] {
  return imported.some(({ file }) => file === app.file) ? [] : [APART + names.join(', ')]
}

function componentOf(model: AppModel, name: string): Component {
  const component = model.components.find((each) => each.name === name)
  if (!component)
    throw new Error(`The model's application reaches '${name}', which is not a component; this is a bug of weavets.`)
  return component
}

function implementationsOf(app: App, components: readonly Component[]): Implementation[] {
  return [app.root?.implementation, ...components.map((each) => each.implementation)].filter(
    (each) => each !== undefined,
  )
}

function configShape(dependency: Dependency): Shape[] {
  return dependency.kind === 'config' ? [dependency.shape] : []
}

interface Descriptor {
  app: App
  components: readonly Component[]
  /** Component → its identifier in generated text. */
  named: ReadonlyMap<string, string>
  options: GenerateOptions
  /** Some value crosses by a codec of the user's. */
  codecs: boolean
  others: Others | undefined
}

function descriptorFunction({ app, components, named, options, codecs, others }: Descriptor): string {
  const entries = components.map((component) =>
    entryText(
      component.name,
      component.implementation,
      boundaryName(named.get(component.name) as string),
      app,
      options,
    ),
  )
  if (app.root) entries.push(entryText(app.root.name, app.root.implementation, 'undefined', app, options))
  return `function __weave_app() {
  return {
    format: ${GENERATED_FORMAT},
    version: ${quote(options.version)},
    root: ${app.root ? quote(app.root.name) : 'undefined'},
    components: [
${entries.map((entry) => indent(entry, 6)).join('\n')}
    ],
    errors: __weave_errors(),
    renamed: __weave_app.name !== '__weave_app',${codecs ? '\n    codecs: __weave_codecs,' : ''}
    definitions: __weave_definitions,${others === undefined ? '' : `\n    others: ${othersText(others)},`}
  }
}`
}

/** What weave.config.ts may name besides. */
function othersText({ components, listeners }: Others): string {
  const list = (names: readonly string[]): string => `[${names.map(quote).join(', ')}]`
  return `{ components: ${list(components)}, listeners: ${list(listeners)} }`
}

export function entryText(
  name: string,
  implementation: Implementation | undefined,
  boundary: string,
  app: App,
  options: GenerateOptions,
): string {
  const dependencies = implementation?.dependencies.map(dependencyText) ?? []
  return `{
  name: ${quote(name)},
  load: ${implementation ? loadText({ ...implementation, app, options }) : 'undefined'},
  dependencies: [${dependencies.join(', ')}],
  reaches: [${(implementation?.reaches ?? []).map(quote).join(', ')}],
  boundary: ${boundary},
},`
}

interface Loaded {
  file: string
  className: string
  exportName: string | undefined
  /** What the source imports it from, where that is a package. */
  package?: string | undefined
  app: App
  options: GenerateOptions
}

/** A class declared in this very file is named: importing the file from itself would wait for itself for ever. */
function loadText({ file, className, exportName, app, options, package: of }: Loaded): string {
  if (file === app.file && of === undefined) return `async () => ${className}`
  const own = exportName ?? className
  const found = of === undefined ? options.publicName?.(file, own) : { specifier: of, exportName: own }
  const { specifier, exportName: name } = found ?? { specifier: options.specifier(file), exportName: own }
  // What a CommonJS module calls its default export is a member of what an ES module takes for it.
  if (options.require) {
    const member = name === 'default' ? '__weave.defaultOf({ default: module })' : access('module', name)
    return `() => Promise.resolve().then(() => require(${quote(specifier)})).then((module) => ${member})`
  }
  const member = name === 'default' ? '__weave.defaultOf(module)' : access('module', name)
  return `() => import(${quote(specifier)}).then((module) => ${member})`
}

function dependencyText(dependency: Dependency): string {
  switch (dependency.kind) {
    case 'component':
      return `{ kind: "component", component: ${quote(dependency.component)} }`
    case 'listener':
      return `{ kind: "listener", name: ${quote(dependency.parameter)} }`
    case 'config':
      return `{ kind: "config", shape: ${json(dependency.shape)} }`
    case 'logger':
    case 'default':
      return `{ kind: "${dependency.kind}" }`
  }
}

function errorsFunction(model: AppModel, app: App, options: GenerateOptions): string {
  const errors = model.errors.map(
    (error) => `    { name: ${quote(error.name)}, load: ${loadText({ ...error, app, options })} },\n`,
  )
  return `function __weave_errors() {\n  return [${errors.length === 0 ? '' : `\n${errors.join('')}  `}]\n}`
}

/** Where the user's own codecs are; each is imported by the processes that carry its values, when they do. */
function codecsFunction(codecs: readonly CodecSource[], app: App, options: GenerateOptions): string {
  const entries = codecs.map(({ name, file, exportName, member }) => {
    const found = loadText({ file, className: exportName, exportName, app, options })
    const codec = member === undefined ? '({ codec: found })' : `({ codec: ${access('found', member)}, of: found })`
    return `    { name: ${quote(name)}, load: () => (${found})().then((found) => ${codec}) },\n`
  })
  return `function __weave_codecs() {\n  return [\n${entries.join('')}  ]\n}`
}

/** Unions whose members nothing but the whole value tells apart (runtime/codec/choose.ts). */
function unionsFunction(functions: Functions): string {
  const entries = functions
    .fits()
    .map(([key, lines]) => `      ${quote(key)}: __weave.shapesAt(__weave_types, [${lines.join(', ')}]),\n`)
  const codecs = functions.codecs ? '\n    codecs: __weave_codecs,' : ''
  return `function __weave_unions() {\n  return {\n    definitions: __weave_definitions,${codecs}\n    members: {\n${entries.join('')}    },\n  }\n}`
}

/** All types (runtime/codec/table/types.ts): for values too large for functions, for explaining a bad value and for checking a config. */
function typesFunction(functions: Functions): string {
  const { named, lines } = functions.types()
  const text = lines.map((line) => `      ${quote(line)},\n`).join('')
  const codecs = functions.codecs ? '\n    codecs: __weave_codecs,' : ''
  return `function __weave_definitions() {
  return __weave.definitionsOf(__weave_types)
}

function __weave_types() {
  return {
    named: ${named},
    errors: __weave_errors,${codecs}
    lines: [${lines.length === 0 ? '' : `\n${text}    `}],
  }
}`
}

/** Names of the definitions that the shapes need, in order. */
function reached(definitions: Definitions, shapes: readonly Shape[]): string[] {
  return [...new Facts(definitions).reachedFrom(...shapes)].sort()
}

function indent(text: string, spaces: number): string {
  return text.replace(/^/gm, ' '.repeat(spaces))
}
