/**
 * Components while the parts of their final form come together: their interfaces are read into raw methods, or recalled from the last
 * analysis; when every definition is known, unions are settled and what can't cross is reported; then they are plain data.
 */
import type { Shape } from '../../../runtime/shape.ts'
import type { DocTag, Place } from '../../checker/view.ts'
import { oneLine } from '../../diagnostics/create.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Component, Method } from '../../model.ts'
import { type PlainMethod, type Recall, refsOfMethods } from '../again/memory.ts'
import type { FoundComponent } from '../declared/find.ts'
import type { Markers } from '../declared/markers.ts'
import { isBackground, isStateful, isStateless } from '../declared/tags.ts'
import type { Fixes } from '../report/fixes.ts'
import { reportInternalError } from '../report/internal-error.ts'
import type { Crossing } from '../report/report.ts'
import type { Chosen } from '../wiring/choose.ts'
import type { FoundState } from '../wiring/hand-over.ts'
import type { Wired } from '../wiring/wiring.ts'
import { Crossings, type CrossingsInput } from './crossings.ts'
import { hashed, type MethodHashes, methodHashes } from './hash.ts'
import { type FoundMethod, type FoundMethods, MethodReader } from './methods.ts'

export interface Draft {
  readonly found: FoundComponent
  readonly read: FoundMethods
  /** What the last analysis made of the methods, where that still holds; then `read` is empty. */
  readonly recalled: readonly PlainMethod[] | undefined
  /** What the next analysis may recall. */
  plain: readonly PlainMethod[] | undefined
  methods: Method[]
  broken: string | undefined
  /** Its interface says so. */
  readonly stateful: boolean
  readonly stateless: boolean
  readonly background: boolean
}

const NOTHING_READ: FoundMethods = { methods: [], error: undefined }

export interface DraftsInput extends CrossingsInput {
  readonly markers: Markers
  readonly fixes: Fixes
  readonly recall: Recall | undefined
}

export class Drafts {
  readonly #input: DraftsInput
  readonly #crossings: Crossings

  constructor(input: DraftsInput) {
    this.#input = input
    this.#crossings = new Crossings(input)
  }

  read(found: FoundComponent): Draft {
    const recalled = this.#input.recall?.methods(found)
    const [stateful, stateless, background] = [
      this.#says('@stateful', isStateful, found),
      this.#says('@stateless', isStateless, found),
      this.#says('@background', isBackground, found),
    ]
    const draft = { found, recalled, methods: [], stateful, stateless, background }
    if (recalled) return { ...draft, read: NOTHING_READ, plain: recalled, broken: undefined }
    const before = this.#oddities
    const read = this.#readMethods(found)
    const plain = this.#oddities === before ? [] : undefined
    return { ...draft, read, plain, broken: read.error && oneLine(read.error) }
  }

  #says(tag: string, isTag: (tag: DocTag) => boolean, { file, symbol }: FoundComponent): boolean {
    return file.text.includes(tag) && this.#input.view.docTags(symbol).some(isTag)
  }

  #readMethods(found: FoundComponent): FoundMethods {
    try {
      return new MethodReader(this.#input).read(found)
    } catch (error) {
      return { methods: [], error: reportInternalError(this.#input.reporter, found.nameSpan, error) }
    }
  }

  /** If there are none in between, what was read is what the types say. */
  get #oddities(): number {
    return this.#input.shapes.oddities + this.#input.reporter.count
  }

  /** From here on every definition is known: unions are settled, and what can't cross is reported. */
  settle(drafts: readonly Draft[], wired: readonly Wired[]): void {
    const { shapes, recall } = this.#input
    const needed = drafts.flatMap((draft) => refsOfMethods(draft.recalled ?? []))
    const { definitions, recalled } = shapes
    const read = (name: string, declared: Place) => this.#readDefinition(name, declared)
    recall?.complete({ definitions, from: needed, recalled, read })
    shapes.settle()
    const hashes = methodHashes(shapes.definitions)
    for (const draft of drafts) this.#settleDraft(draft, hashes)
    for (const each of wired) {
      for (const { dependency, crossing } of each.configs) {
        dependency.shape = shapes.finish(dependency.shape)
        // Whatever else is wrong with the class: its config would be asked for in another form than it can have.
        const problem =
          this.#crossings.reportUnsupported(dependency.shape, crossing)[0] ??
          this.#crossings.reportInConfig(dependency.shape, crossing)
        each.error ??= problem
      }
    }
    for (const each of wired) if (each.state) this.#settleState(each, each.state)
    this.#crossings.reportKeysInData()
  }

  #settleState(wired: Wired, { given, taken, crossing, differ }: FoundState): void {
    const { shapes } = this.#input
    const state = shapes.finish(given)
    const problem =
      this.#crossings.reportUnsupported(state, crossing)[0] ??
      (JSON.stringify(state) === JSON.stringify(shapes.finish(taken)) ? undefined : differ())
    wired.error ??= problem
    if (problem === undefined) wired.implementation.state = state
  }

  /** A record that was held by its name only: nobody has met its type. */
  #readDefinition(name: string, { file }: Place): boolean {
    const { view, shapes } = this.#input
    const source = view.files().find(({ path }) => path === file)
    const short = name.slice(name.lastIndexOf('.') + 1)
    const found = source && view.declarations(source).find((each) => each.kind === 'interface' && each.name === short)
    if (found === undefined) return false
    const shape = shapes.shapeOf(view.declaredType(found.symbol), found.nameSpan)
    return shape.kind === 'ref' && shape.name === name
  }

  #settleDraft(draft: Draft, hashes: () => MethodHashes): void {
    if (draft.recalled) {
      draft.methods = draft.recalled.map((method) => hashed(method, hashes))
      return
    }
    const broken: Diagnostic[] = []
    const before = this.#oddities
    const plain = draft.read.methods.map((method) => this.#settleMethod(method, broken))
    draft.plain = draft.plain && this.#oddities === before ? plain : undefined
    draft.methods = plain.map((method) => hashed(method, hashes))
    draft.broken ??= broken[0] && oneLine(broken[0])
  }

  #settleMethod(method: FoundMethod, broken: Diagnostic[]): PlainMethod {
    const cross = (shape: Shape, crossing: Crossing): Shape => {
      const finished = this.#input.shapes.finish(shape)
      broken.push(...this.#crossings.reportUnsupported(finished, crossing))
      return finished
    }
    const parameters = method.parameters.map(({ crossing, shape, ...rest }) => ({
      ...rest,
      shape: cross(shape, crossing),
    }))
    const result = cross(method.result.shape, method.result.crossing)
    const { name, idempotent, timeoutMs, key, directStream } = method
    const declaration = method.nameSpan && this.#input.reporter.span(method.nameSpan)
    return {
      name,
      parameters,
      result,
      idempotent,
      timeoutMs,
      key,
      declaration,
      ...(directStream && { directStream: true as const }),
    }
  }
}

export function finished(
  { found, methods, broken, stateful, stateless, background }: Draft,
  chosen: Chosen,
): Component {
  const { name, shortName, file, nameSpan } = found
  const declaration = { file: chosen.relative(file.path), start: nameSpan.start, end: nameSpan.end }
  const implementation = chosen.of(name)?.implementation
  const keeps = stateful || stateless ? undefined : implementation?.keeps
  return {
    name,
    shortName,
    declaration,
    methods,
    implementation,
    provided: chosen.isProvided(name),
    candidates: chosen.candidates(name),
    broken,
    ...((stateful || implementation?.stateful) && { stateful: true as const }),
    ...(keeps !== undefined && { keeps }),
    ...(background && { background: true as const }),
  }
}
