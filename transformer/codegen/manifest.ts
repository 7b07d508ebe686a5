/**
 * An application → its manifest (runtime/manifest.ts has the type and says what each part is for). Only what the application
 * reaches is in it, in an order of our own, so that the same model gives the same bytes.
 */

import type { Others } from '../../runtime/config/others.ts'
import type { Manifest, ManifestComponent, ManifestEdge, ManifestMethod, Outline } from '../../runtime/manifest.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { isTestFile } from '../analyse/declared/test-files.ts'
import type { App, AppModel, Component, Implementation, Method } from '../model.ts'
import { Facts } from './facts.ts'

/** Equal to MANIFEST_FORMAT in runtime/manifest.ts; the transformer takes only types from there (a test compares). */
export const WRITTEN_FORMAT = 1

export interface ManifestOptions {
  /** Content hash of the build. */
  version: string
  /** Name of the application. */
  name: string
  /** The built entry file, from the manifest's folder. */
  entry: string
}

/** Only an application that is started by `run` has a manifest, since the root belongs to it. */
export function createManifest(model: AppModel, app: App, { version, name, entry }: ManifestOptions): Manifest {
  if (!app.root) throw new Error(`The application in ${app.file} has no root, so there is no manifest for it.`)
  const byName = new Map(model.components.map((component) => [component.name, component]))
  const components = app.components
    .filter((each) => each !== app.root?.name)
    .flatMap((each) => byName.get(each) ?? [])
    .map(componentEntry)
  components.push(rootEntry(app.root.name, app.root.implementation))
  return {
    format: WRITTEN_FORMAT,
    version,
    application: name,
    entry,
    root: app.root.name,
    components,
    edges: edgesOf(components, model.definitions),
    ...othersPart(model, app),
    definitions: definitionsOf(model, components),
  }
}

/** Hashes and edges are most of a manifest's cost, and nothing of them is asked after a keystroke. */
export function createOutline(model: AppModel, app: App): Outline {
  const byName = new Map(model.components.map((component) => [component.name, component.implementation]))
  const { root } = app
  const names = app.components.filter((name) => name !== root?.name && byName.has(name))
  return {
    components: [
      ...names.map((name) => ({ name, ...dependencyPart(byName.get(name)) })),
      ...(root ? [{ name: root.name, ...dependencyPart(root.implementation) }] : []),
    ],
    ...othersPart(model, app),
    definitions: model.definitions,
  }
}

/** What only the project's other applications have, if there are any. */
export function othersOf(model: AppModel, app: App): Others | undefined {
  const namesOf = ({ root, components }: App): string[] => (root ? [...components, root.name] : components)
  const own = new Set(namesOf(app))
  const others = model.apps.filter(
    ({ kind, file }) => kind === 'run' && file !== app.file && !isTestFile('', `/${file}`),
  )
  const implementations = new Map([
    ...model.components.map(({ name, implementation }) => [name, implementation] as const),
    ...others.flatMap(({ root }) => (root ? [[root.name, root.implementation] as const] : [])),
  ])
  const components = [...new Set(others.flatMap(namesOf))].filter((name) => !own.has(name)).sort()
  if (components.length === 0) return undefined
  const listeners = components.flatMap((name) => dependencyPart(implementations.get(name)).listeners)
  return { components, listeners: [...new Set(listeners)].sort() }
}

function othersPart(model: AppModel, app: App): { others?: Others } {
  const others = othersOf(model, app)
  return others === undefined ? {} : { others }
}

/** Two spaces and a line end, so that a manifest can be read and compared. */
export function serialiseManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`
}

function componentEntry(component: Component): ManifestComponent {
  const { name, implementation } = component
  // No code is generated for a broken component's methods, so nobody can call them from outside.
  const methods = component.broken === undefined ? component.methods : []
  return {
    name,
    ...implementationPart(implementation),
    methods: methods.map(methodEntry),
    ...dependencyPart(implementation),
    routed: methods.some((method) => method.key !== undefined),
    ...(component.stateful && { stateful: true as const }),
    ...(component.keeps !== undefined && { keeps: component.keeps }),
    ...(implementation?.state && { handsOver: true as const }),
  }
}

function rootEntry(name: string, implementation: Implementation): ManifestComponent {
  return { name, ...implementationPart(implementation), methods: [], ...dependencyPart(implementation), routed: false }
}

function implementationPart(implementation: Implementation | undefined): Pick<ManifestComponent, 'implementation'> {
  if (!implementation) return { implementation: null }
  const module = implementation.file.replace(/\.[cm]?[jt]sx?$/, '')
  return { implementation: `${module}.${implementation.className}` }
}

function dependencyPart(
  implementation: Implementation | undefined,
): Pick<ManifestComponent, 'dependencies' | 'reaches' | 'listeners' | 'config'> {
  const list = implementation?.dependencies ?? []
  const injected = list.flatMap((each) => (each.kind === 'component' ? [each.component] : []))
  const config = list.find((each) => each.kind === 'config')
  const reaches = implementation?.reaches ?? []
  return {
    dependencies: [...new Set([...injected, ...reaches])],
    ...(reaches.length > 0 ? { reaches } : {}),
    listeners: list.flatMap((each) => (each.kind === 'listener' ? [each.parameter] : [])),
    ...(config ? { config: config.shape } : {}),
  }
}

function methodEntry(method: Method): ManifestMethod {
  const { name, hash, idempotent, timeoutMs, key, result } = method
  return {
    name,
    hash,
    idempotent,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(key === undefined ? {} : { key }),
    parameters: method.parameters.map(({ name, shape, optional, rest }) => ({
      name,
      shape,
      ...(optional && !rest ? { optional: true as const } : {}),
      ...(rest ? { rest: true as const } : {}),
    })),
    result,
  }
}

/**
 * Who may call whom: what a component depends on; what its methods are given references to; and what the methods of those that it
 * holds give it references to.
 */
function edgesOf(components: readonly ManifestComponent[], definitions: Definitions): ManifestEdge[] {
  const facts = new Facts(definitions)
  const refers = (shapes: readonly Shape[]) =>
    [...new Set(shapes.flatMap((shape) => [...facts.componentsOf(shape)]))].sort()
  const given = new Map(
    components.map(({ name, methods }) => [
      name,
      refers(methods.flatMap(({ parameters }) => parameters.map(({ shape }) => shape))),
    ]),
  )
  const gives = new Map(components.map(({ name, methods }) => [name, refers(methods.map(({ result }) => result))]))
  return components.flatMap(({ name, dependencies }) => {
    // A set is gone through in the order in which it grows, so what is held last is asked as well.
    const held = new Set([...dependencies, ...(given.get(name) ?? [])])
    for (const each of held) for (const further of gives.get(each) ?? []) held.add(further)
    held.delete(name)
    return [...held].map((callee) => ({ caller: name, callee }))
  })
}

function definitionsOf(model: AppModel, components: readonly ManifestComponent[]): Definitions {
  const shapes: Shape[] = components.flatMap(({ methods, config }) => [
    ...methods.flatMap(({ parameters, result }) => [...parameters.map(({ shape }) => shape), result]),
    ...(config ? [config] : []),
  ])
  const facts = new Facts(model.definitions)
  const names = facts.reachedFrom(...shapes)
  return Object.fromEntries([...names].sort().map((name) => [name, facts.definition(name)]))
}
