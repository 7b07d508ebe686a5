/**
 * Names that an editor can offer and TypeScript can't know: policies in the doc comment of a component's method, and in
 * weave.config.ts components, listeners, classes and settings of the application. In go the text as it is typed (it may be
 * broken) and the last plan that could be made; out come items and the span that they replace.
 */
import { basename } from 'node:path'
import { notation } from '../../runtime/codec/notation.ts'
import { CONFIG_FILES } from '../../runtime/config/config-file.ts'
import { shortName } from '../../runtime/names.ts'
import type { Definitions, Shape } from '../../runtime/shape.ts'
import { CATALOGUE } from '../diagnostics/catalogue.ts'
import type { Component, Implementation } from '../model.ts'
import type { Plan } from '../plan.ts'
import { Boundaries } from './boundaries.ts'
import { type ConfigSpot, configSpotAt, readConfigText } from './config-text.ts'
import { tokensOf } from './tokens.ts'

export interface CompletionItem {
  readonly label: string
  readonly insert: string
  readonly detail: string
  readonly documentation: string
}

export interface Completion {
  readonly items: readonly CompletionItem[]
  /** What the items replace. */
  readonly start: number
  readonly end: number
  /** Of the names of weave.config.ts, whose strings hold nothing else. */
  readonly kind: 'tag' | 'name'
}

export function completionsAt(plan: Plan, path: string, text: string, offset: number): Completion | undefined {
  return (CONFIG_FILES as readonly string[]).includes(basename(path))
    ? inConfig(plan, text, offset)
    : inDocComment(plan, text, offset)
}

const TAGS: readonly CompletionItem[] = [
  {
    label: '@idempotent',
    insert: '@idempotent',
    detail: 'weave policy',
    documentation: 'A call that may have been executed is tried again: executing it twice is like executing it once.',
  },
  {
    label: '@timeout',
    insert: '@timeout 500ms',
    detail: 'weave policy',
    documentation:
      'The deadline of a call, wherever it runs: a number and `ms`, `s` or `m`. Without it a remote call has 30 s.',
  },
]
const TIMES = ['100ms', '500ms', '2s', '30s', '1m']

function inDocComment(plan: Plan, text: string, offset: number): Completion | undefined {
  const tokens = tokensOf(text)
  const at = tokens.findIndex(
    (each) => each.start < offset && (offset < each.end || (!each.closed && offset === each.end)),
  )
  const comment = tokens[at]
  if (comment?.kind !== 'comment' || !text.startsWith('/**', comment.start) || offset < comment.start + 3)
    return undefined
  const before = tokens.slice(0, at).filter((each) => each.kind !== 'comment')
  const owner = interfaceAround(text, before)
  if (owner === undefined || !isComponentName(plan, owner)) return undefined
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  const time = /@timeout[\t ]+([\d.]*[a-z]*)$/.exec(line)
  if (time !== null) {
    const items = TIMES.map((label) => ({ label, insert: label, detail: 'weave deadline', documentation: '' }))
    return { items, start: offset - time[1]!.length, end: offset, kind: 'tag' }
  }
  const tag = /(?:^|[\s*])(@[\w-]*)$/.exec(line)
  if (tag === null) return undefined
  const written = text.slice(comment.start, comment.end)
  const items = TAGS.filter(({ label }) => !new RegExp(`${label}\\b`).test(written.replace(tag[1]!, '')))
  return { items, start: offset - tag[1]!.length, end: offset, kind: 'tag' }
}

/** The name of the interface in whose braces the tokens end, if they end directly in them. */
function interfaceAround(text: string, before: ReturnType<typeof tokensOf>): string | undefined {
  const written = (at: number): string => (before[at] ? text.slice(before[at].start, before[at].end) : '')
  let depth = 0
  for (let at = before.length - 1; at >= 0; at--) {
    const mark = written(at)
    if (mark === '}' || mark === ')' || mark === ']') depth++
    else if (mark === '(' || mark === '[') depth--
    else if (mark === '{' && depth-- === 0) {
      // Back over the heritage clause to the keyword.
      for (let head = at - 1; head >= 0 && !/^[;{}]$/.test(written(head)); head--)
        if (written(head) === 'interface') return written(head + 1)
      return undefined
    }
    if (depth < 0) return undefined
  }
  return undefined
}

/** By name alone: while it is typed, the interface may not be where the last plan saw it. */
function isComponentName(plan: Plan, name: string): boolean {
  return plan.analysis.model.components.some((each) => each.shortName === name)
}

function inConfig(plan: Plan, text: string, offset: number): Completion | undefined {
  const tree = readConfigText(text)
  const spot = tree && configSpotAt(tree, offset)
  if (spot === undefined) return undefined
  const names = namesFor(plan, spot).filter((each) => !spot.siblings.includes(each.name))
  if (names.length === 0) return undefined
  const quote = spot.quoted ? text[spot.start]! : "'"
  const plain = (name: string): boolean => spot.expects === 'key' && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
  const items = names.map(({ name, detail, documentation }) => ({
    label: name,
    insert: plain(name) && !spot.quoted ? name : `${quote}${name}${quote}`,
    detail,
    documentation: documentation ?? '',
  }))
  return { items, start: spot.start, end: spot.end, kind: 'name' }
}

interface Offered {
  readonly name: string
  readonly detail: string
  readonly documentation?: string
}

function namesFor(plan: Plan, { path, expects }: ConfigSpot): Offered[] {
  const [setting, first, second] = path
  const isKey = expects === 'key'
  if (setting === 'config' && first !== undefined && isKey) return settingsOf(plan, path.slice(1))
  if (setting === 'config' && isKey)
    return components(plan, (each) => configOf(each.implementation) !== undefined, true)
  if (setting === 'replicas' && first === undefined && isKey) return components(plan, () => true, true)
  if (setting === 'implementations' && isKey && first === undefined)
    return components(plan, (each) => (each.candidates ?? []).length > 0, false)
  if (setting === 'implementations' && first !== undefined && !isKey) return classesOf(plan, first)
  if (setting === 'placement' && first === 'groups' && second === '[]' && path[3] === '[]' && !isKey)
    return components(plan, () => true, true)
  if (setting === 'pins' && !isKey && PIN_NAMES.test(path.slice(1).join('.'))) return components(plan, () => true, true)
  if (setting === 'singletons' && first === '[]' && !isKey) return components(plan, () => true, true)
  if (setting === 'listeners' && first === undefined && isKey) return listeners(plan)
  if (setting === 'diagnostics' && first === undefined && isKey) return warnings()
  return []
}

/** Where in `pins` a component is named. */
const PIN_NAMES = /^(?:(?:together|apart)\.\[\]\.\[\]|alone\.\[\])$/

/** Short where unique. The root is named like a component wherever a process is meant. */
function components(plan: Plan, fits: (component: Component) => boolean, withRoot: boolean): Offered[] {
  const { components } = plan.analysis.model
  const root = withRoot ? plan.app?.root : undefined
  const all = [
    ...components.filter(fits).map((each) => ({ name: each.name, detail: 'component' })),
    ...(root && fits({ ...NO_COMPONENT, implementation: root.implementation })
      ? [{ name: root.name, detail: 'root' }]
      : []),
  ]
  const shorts = [...components.map((each) => each.shortName), ...(root ? [shortName(root.name)] : [])]
  return all.map(({ name, detail }) => {
    const short = shortName(name)
    const unique = shorts.filter((each) => each === short).length === 1
    return { name: unique ? short : name, detail: `${detail} ${name}` }
  })
}

const NO_COMPONENT: Component = {
  name: '',
  shortName: '',
  declaration: { file: '', start: 0, end: 0 },
  methods: [],
  implementation: undefined,
  provided: false,
  broken: undefined,
}

function classesOf(plan: Plan, component: string): Offered[] {
  const candidates = Boundaries.of(plan).called(component)?.candidates ?? []
  return candidates.map((name) => {
    const unique = candidates.filter((each) => shortName(each) === shortName(name)).length === 1
    return { name: unique ? shortName(name) : name, detail: `class ${name}` }
  })
}

function owners(plan: Plan): { name: string; implementation: Implementation }[] {
  const own = plan.analysis.model.components.flatMap(({ name, implementation }) =>
    implementation ? [{ name, implementation }] : [],
  )
  return plan.app?.root ? [...own, plan.app.root] : own
}

function listeners(plan: Plan): Offered[] {
  return owners(plan).flatMap(({ implementation }) =>
    implementation.dependencies.flatMap((each) =>
      each.kind === 'listener' ? [{ name: each.parameter, detail: `listener of ${implementation.className}` }] : [],
    ),
  )
}

function configOf(implementation: Implementation | undefined): Shape | undefined {
  const found = implementation?.dependencies.find((each) => each.kind === 'config')
  return found?.kind === 'config' ? found.shape : undefined
}

/** Members of the `T` of a `Config<T>`, at any depth. */
function settingsOf(plan: Plan, [name = '', ...inner]: readonly string[]): Offered[] {
  const owner = owners(plan).find((each) => each.name === name || shortName(each.name) === name)
  const { definitions } = plan.analysis.model
  let shape = resolved(configOf(owner?.implementation), definitions)
  for (const step of inner) {
    if (shape?.kind === 'object') shape = shape.members.find((each) => each.name === step)?.shape
    else if (shape?.kind === 'array' && step === '[]') shape = shape.of
    else return []
    shape = resolved(shape, definitions)
  }
  if (shape?.kind !== 'object') return []
  return shape.members.map((each) => ({
    name: each.name,
    detail: `${each.name}${each.optional ? '?' : ''}: ${notation(each.shape)}`,
    documentation: `A setting of ${owner?.implementation.className}.`,
  }))
}

/** Names followed, and `undefined` taken away. */
function resolved(shape: Shape | undefined, definitions: Definitions, depth = 0): Shape | undefined {
  if (shape === undefined || depth > 16) return undefined
  if (shape.kind === 'ref') return resolved(definitions[shape.name], definitions, depth + 1)
  if (shape.kind === 'shared') return resolved(shape.of, definitions, depth + 1)
  if (shape.kind === 'union') {
    const [only, second] = shape.members.filter((each) => each.shape.kind !== 'undefined')
    return only !== undefined && second === undefined ? resolved(only.shape, definitions, depth + 1) : undefined
  }
  return shape
}

/** Errors can't be switched off. */
function warnings(): Offered[] {
  return Object.entries(CATALOGUE)
    .filter(([, entry]) => entry.severity === 'warning')
    .map(([name, entry]) => ({ name, detail: entry.name, documentation: entry.title }))
}
