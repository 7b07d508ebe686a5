/**
 * An application → the text that is appended to the file that starts it. Function declarations only, which are hoisted: the
 * file awaits `run` at its top level, before anything declared below would be initialised. The text is valid TypeScript and
 * valid JavaScript, and the same for the same model, in any folder and on any machine.
 */

import { inner } from '../../runtime/codec/traits.ts'
import type { Shape } from '../../runtime/shape.ts'
import type { App, AppModel, CodecSource, Component, Dependency, Implementation } from '../model.ts'
import { boundaryFunction, boundaryName } from './boundary.ts'
import { definitionFunctions, sharedFunctions } from './codec.ts'
import { Functions } from './functions.ts'
import { codecsOf, json, shapesOf } from './method.ts'
import { access, Identifiers, quote } from './names.ts'

/** Equal to BOUNDARY_FORMAT in runtime/boundary.ts (a test compares): which runtime this text fits. */
export const GENERATED_FORMAT = 2

export interface GenerateOptions {
  /** Content hash of the build. */
  version: string
  /** What `import(…)` in the app's file says for a file of the project. */
  specifier: (file: string) => string
  /** How it imports what another package exports; undefined for a file of its own package. */
  publicName?: (file: string, exportName: string) => { specifier: string; exportName: string } | undefined
}

export function generateApp(model: AppModel, app: App, options: GenerateOptions): string {
  const components = app.components.filter((name) => name !== app.root?.name).map((name) => componentOf(model, name))
  const functions = new Functions(model.definitions)
  const identifiers = new Identifiers()
  const named = new Map(components.map((each) => [each.name, identifiers.of(each.name)]))
  const healthy = components.filter((each) => each.broken === undefined)
  const onTheWire = functions.reached(healthy.flatMap((each) => each.methods.flatMap(shapesOf)))
  const configs = functions.reached(
    implementationsOf(app, components).flatMap((each) => each.dependencies.flatMap(configShape)),
  )

  functions.share([
    ...healthy.flatMap((each) => each.methods.flatMap(shapesOf)),
    ...onTheWire.flatMap((name) => inner(functions.facts.definition(name))),
  ])
  const used = new Set([
    ...healthy.flatMap((each) => each.methods.flatMap((method) => codecsOf(method, functions))),
    ...model.errors.flatMap((each) => each.codecs ?? []),
  ])
  const codecs = model.codecs.filter(({ name }) => used.has(name))
  functions.codecs = codecs.length > 0
  const parts = [
    `// What weavets generates for this application; it is written anew by every build.\nimport * as __weave from 'weavets/internal'`,
    descriptorFunction({ app, components, named, options, codecs: codecs.length > 0 }),
    errorsFunction(model, app, options),
    ...(codecs.length > 0 ? [codecsFunction(codecs, app, options)] : []),
    definitionsFunction(model, [...new Set([...onTheWire, ...configs])].sort()),
    ...components.map((each) => boundaryFunction(each, named.get(each.name) as string, functions)),
    ...onTheWire.flatMap((name) => definitionFunctions(name, functions)),
    ...functions.shared().flatMap((each) => sharedFunctions(each, functions)),
  ]
  if (functions.fits().length > 0) parts.push(unionsFunction(functions))
  return `\n${parts.join('\n\n')}\n`
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
}

function descriptorFunction({ app, components, named, options, codecs }: Descriptor): string {
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
    errors: __weave_errors(),${codecs ? '\n    codecs: __weave_codecs,' : ''}
    definitions: __weave_definitions,
  }
}`
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
  app: App
  options: GenerateOptions
}

/** A class declared in this very file is named: importing the file from itself would wait for itself for ever. */
function loadText({ file, className, exportName, app, options }: Loaded): string {
  if (file === app.file) return `async () => ${className}`
  const own = exportName ?? className
  const { specifier, exportName: name } = options.publicName?.(file, own) ?? {
    specifier: options.specifier(file),
    exportName: own,
  }
  // What a CommonJS module calls its default export is a member of what an ES module takes for it.
  const found = name === 'default' ? '__weave.defaultOf(module)' : access('module', name)
  return `() => import(${quote(specifier)}).then((module) => ${found})`
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

/** Shapes for explaining a bad value and for checking a config: of no interest until then, and so made when asked for. */
function definitionsFunction(model: AppModel, names: readonly string[]): string {
  const entries = names.map((name) => `    ${quote(name)}: ${json(model.definitions[name])},\n`)
  return `function __weave_definitions() {\n  return {${entries.length === 0 ? '' : `\n${entries.join('')}  `}}\n}`
}

/** Unions whose members nothing but the whole value tells apart (runtime/codec/choose.ts). */
function unionsFunction(functions: Functions): string {
  const entries = functions.fits().map(([key, members]) => `      ${quote(key)}: ${members},\n`)
  return `function __weave_unions() {\n  return {\n    definitions: __weave_definitions,\n    members: {\n${entries.join('')}    },\n  }\n}`
}

function indent(text: string, spaces: number): string {
  return text.replace(/^/gm, ' '.repeat(spaces))
}
