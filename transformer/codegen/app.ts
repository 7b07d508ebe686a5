/**
 * An application → the text that is appended to the file that starts it. Function declarations only, which are hoisted: the
 * file awaits `run` at its top level, before anything declared below would be initialised. The text is valid TypeScript and
 * valid JavaScript, and the same for the same model, in any folder and on any machine.
 */
import type { Shape } from '../../runtime/shape.ts'
import type { App, AppModel, Component, Dependency, Implementation, Method } from '../model.ts'
import { boundaryFunction, boundaryName, json } from './boundary.ts'
import { definitionFunctions } from './codec.ts'
import { Functions } from './functions.ts'
import { access, Identifiers, quote } from './names.ts'

/** Equal to BOUNDARY_FORMAT in runtime/boundary.ts (a test compares): which runtime this text fits. */
export const GENERATED_FORMAT = 1

export interface GenerateOptions {
  /** Content hash of the build. */
  version: string
  /** What `import(…)` in the app's file says for a file of the project. */
  specifier: (file: string) => string
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

  const parts = [
    `// What weavets generates for this application; it is written anew by every build.\nimport * as __weave from 'weavets/internal'`,
    descriptorFunction({ app, components, named, options }),
    errorsFunction(model, app, options),
    definitionsFunction(model, [...new Set([...onTheWire, ...configs])].sort()),
    ...components.map((each) => boundaryFunction(each, named.get(each.name) as string, functions)),
    ...onTheWire.flatMap((name) => definitionFunctions(name, functions)),
  ]
  return `\n${parts.join('\n\n')}\n`
}

function componentOf(model: AppModel, name: string): Component {
  const component = model.components.find((each) => each.name === name)
  if (!component)
    throw new Error(`The model's application reaches '${name}', which is not a component; this is a bug of weavets.`)
  return component
}

function shapesOf(method: Method): Shape[] {
  return [...method.parameters.map((parameter) => parameter.shape), method.result]
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
}

function descriptorFunction({ app, components, named, options }: Descriptor): string {
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
    definitions: __weave_definitions,
  }
}`
}

function entryText(
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
  return `() => import(${quote(options.specifier(file))}).then((module) => ${access('module', exportName ?? className)})`
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

/** Shapes for explaining a bad value and for checking a config: of no interest until then, and so made when asked for. */
function definitionsFunction(model: AppModel, names: readonly string[]): string {
  const entries = names.map((name) => `    ${quote(name)}: ${json(model.definitions[name])},\n`)
  return `function __weave_definitions() {\n  return {${entries.length === 0 ? '' : `\n${entries.join('')}  `}}\n}`
}

function indent(text: string, spaces: number): string {
  return text.replace(/^/gm, ' '.repeat(spaces))
}
