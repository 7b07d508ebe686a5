/**
 * What an editor shows over a boundary, as Markdown: of a method that it may be remote, its policy and what of it goes over
 * the wire; of a component who implements it and who depends on it; of `run(Shop)` what it starts. In go a plan and a position;
 * undefined comes out where there is no boundary, and the editor's own text stays alone.
 */
import { notation, shortName as shortTypeName } from '../../runtime/codec/notation.ts'
import { shortName } from '../../runtime/names.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import type { AppModel, Component, Implementation, Method } from '../model.ts'
import type { Plan } from '../plan.ts'
import { Boundaries, type Boundary, nameAt } from './boundaries.ts'

export interface Hover {
  readonly markdown: string
  readonly start: number
  readonly end: number
}

/** Of the named types that a method's own signature mentions: more would fill the screen. */
const TYPES_SHOWN_MAX = 4
const NAMES_SHOWN_MAX = 8

export function hoverAt(plan: Plan, path: string, offset: number): Hover | undefined {
  const boundary = Boundaries.of(plan).at(path, offset)
  const name = nameAt(plan.readFile(path) ?? '', offset)
  if (boundary === undefined || name === undefined) return undefined
  return { markdown: describe(boundary, plan.analysis.model), start: name.start, end: name.end }
}

function describe(boundary: Boundary, model: AppModel): string {
  switch (boundary.kind) {
    case 'component':
      return ofComponent(boundary.component, model)
    case 'method':
      return ofMethod(boundary.component, boundary.method, boundary.own, model.definitions)
    case 'implementation':
      return ofImplementation(boundary.component, boundary.implementation)
    case 'app':
      return ofApp(boundary.components)
  }
}

function ofMethod(component: Component, method: Method, own: boolean, definitions: Definitions): string {
  const name = `${component.shortName}.${method.name}`
  const title = own
    ? `**weave** implements the boundary method \`${name}\`: callers may be in another process.`
    : `**weave** boundary method \`${name}\`: the call may leave this process.`
  const key = method.key === undefined ? undefined : method.parameters[method.key]?.name
  return [
    title,
    ...broken(component),
    '',
    method.timeoutMs === undefined
      ? '- deadline: 30 s for a remote call (no `@timeout`)'
      : `- deadline: \`@timeout ${milliseconds(method.timeoutMs)}\`, wherever it runs`,
    method.idempotent
      ? '- `@idempotent`: tried again also when it may have been executed'
      : '- not `@idempotent`: tried again only when it was surely not executed',
    ...(key === undefined ? [] : [`- key: equal values of \`${key}\` reach the same replica`]),
    ...implementedBy(component),
    ...wire(method, definitions),
  ].join('\n')
}

/** The signature as the wire has it, and the types that it names. */
function wire(method: Method, definitions: Definitions): string[] {
  const parameters = method.parameters.map(
    ({ name, shape, optional, rest }) =>
      `${rest ? '...' : ''}${name}${optional && !rest ? '?' : ''}: ${notation(shape)}`,
  )
  const lines = [`${method.name}(${parameters.join(', ')}): ${notation(method.result)}`]
  const named = new Set<string>()
  for (const shape of [...method.parameters.map((each) => each.shape), method.result]) collectNames(shape, named)
  for (const name of [...named].slice(0, TYPES_SHOWN_MAX)) {
    const shape = definitions[name]
    if (shape !== undefined) lines.push(`${shortTypeName(name)} = ${notation(shape)}`)
  }
  return ['', 'On the wire:', '```ts', ...lines, '```']
}

/** Names that the notation of a shape shows. */
function collectNames(shape: Shape, into: Set<string>): void {
  if (shape.kind === 'ref') into.add(shape.name)
  for (const each of Object.values(shape) as unknown[]) {
    for (const inner of Array.isArray(each) ? (each as unknown[]) : [each]) visit(inner, into)
  }
}

function visit(value: unknown, into: Set<string>): void {
  if (typeof value !== 'object' || value === null) return
  if ('kind' in value && typeof value.kind === 'string') collectNames(value as Shape, into)
  else if ('shape' in value) visit(value.shape, into)
  else if ('of' in value) visit(value.of, into)
}

function ofComponent(component: Component, model: AppModel): string {
  const { constructed, asked } = usersOf(component, model)
  return [
    `**weave** component \`${component.name}\`: a caller holds a stub, and its process is chosen when the application is deployed.`,
    ...broken(component),
    '',
    ...implementedBy(component),
    ...(constructed.length > 0 ? [`- taken by ${list(constructed)}`] : []),
    ...(asked.length > 0 ? [`- asked for with \`get\` by ${list(asked)}`] : []),
    ...(constructed.length + asked.length === 0 ? ['- nothing of the application depends on it'] : []),
    `- methods: ${component.methods.length === 0 ? 'none' : list(component.methods.map((each) => each.name))}`,
  ].join('\n')
}

/** Classes, and the component or root that they are. */
function usersOf(component: Component, model: AppModel): { constructed: string[]; asked: string[] } {
  const users = [
    ...model.components.flatMap(({ implementation }) => (implementation ? [implementation] : [])),
    ...model.apps.flatMap(({ root }) => (root ? [root.implementation] : [])),
  ]
  const takes = (each: Implementation): boolean =>
    each.dependencies.some((one) => one.kind === 'component' && one.component === component.name)
  const names = (found: readonly Implementation[]): string[] => [...new Set(found.map((each) => each.className))].sort()
  return {
    constructed: names(users.filter(takes)),
    asked: names(users.filter((each) => each.reaches.includes(component.name))),
  }
}

function ofImplementation(component: Component, { dependencies, reaches }: Implementation): string {
  const takes = dependencies.flatMap((each) => {
    if (each.kind === 'component') return [shortName(each.component)]
    return each.kind === 'default' ? [] : [`${each.kind} ${each.parameter}`]
  })
  return [
    `**weave** implements the component \`${component.name}\`; the runtime constructs it, once in each process that hosts it.`,
    ...broken(component),
    '',
    `- takes ${takes.length === 0 ? 'nothing' : list(takes)}`,
    ...(reaches.length > 0 ? [`- asks for ${list(reaches.map(shortName))} with \`get\``] : []),
  ].join('\n')
}

function ofApp(components: readonly string[]): string {
  return [
    `**weave** starts the application: ${components.length} component${components.length === 1 ? '' : 's'} in build order.`,
    '',
    ...(components.length > 0 ? [`- ${list(components.map(shortName))}`] : []),
  ].join('\n')
}

function implementedBy({ implementation, provided }: Component): string[] {
  if (provided) return ['- implemented by what `provide` gives']
  if (implementation === undefined) return ['- no class implements it']
  return [`- implemented by \`${implementation.className}\` (${implementation.file})`]
}

/** The error that keeps code from being generated for it. */
function broken({ broken }: Component): string[] {
  return broken === undefined ? [] : ['', `Calls throw until this is corrected: ${broken}`]
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN_MAX).map((name) => `\`${name}\``)
  return names.length > NAMES_SHOWN_MAX
    ? `${shown.join(', ')} and ${names.length - NAMES_SHOWN_MAX} more`
    : shown.join(', ')
}

function milliseconds(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`
}
