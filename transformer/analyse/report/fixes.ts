/**
 * Quick fixes, made where a mistake is found: what the checker view knows (which class, which signature, which type) meets the text
 * edits of diagnostics/fixes. In go symbols and places; out come fixes, or undefined where the text isn't in the form that a fix
 * can be sure of. Only the project's own files are edited.
 */

import { posix } from 'node:path'
import type { CheckerView, DocTag, Member, Parameter, Place, Signature, SymbolHandle } from '../../checker/view.ts'
import type { Edit, Fix } from '../../diagnostics/diagnostic.ts'
import {
  type ImplementationRequest,
  inNewFile,
  inSameFile,
  type WrittenType,
} from '../../diagnostics/fixes/implementation.ts'
import { importType, localName, removeImport } from '../../diagnostics/fixes/imports.ts'
import * as modifiers from '../../diagnostics/fixes/modifiers.ts'
import * as policy from '../../diagnostics/fixes/policy.ts'
import { SourceTokens } from '../../diagnostics/fixes/tokens.ts'
import * as types from '../../diagnostics/fixes/types.ts'
import { fromRoot } from '../../from-root.ts'
import type { FoundClass, FoundComponent } from '../declared/find.ts'

export interface FixesInput {
  readonly view: CheckerView
  readonly root: string
  readonly classes: readonly FoundClass[]
}

type MaybeEdits = readonly (Edit | undefined)[] | undefined

export class Fixes {
  readonly #view: CheckerView
  readonly #root: string
  readonly #classes: readonly FoundClass[]
  #texts: ReadonlyMap<string, string> | undefined

  constructor({ view, root, classes }: FixesInput) {
    this.#view = view
    this.#root = root
    this.#classes = classes
  }

  /** `export` on every declaration of an interface or class. */
  export(symbol: SymbolHandle): Fix | undefined {
    const places = this.#view.declarationsOf(symbol).filter((each) => each.origin === 'project')
    const edits = places.map((place) => this.#edit(place, (text) => modifiers.addExport(text, place.start)))
    return this.#fix('export', `Export '${this.#view.symbolName(symbol)}'`, true, edits)
  }

  removeAbstract({ declared }: FoundClass): Fix | undefined {
    const { span, nameSpan, name } = declared
    const edit = this.#edit(span, (text) => modifiers.removeModifier(text, span.start, nameSpan.start, 'abstract'))
    return this.#fix('remove-abstract', `Remove 'abstract' from '${name}'`, false, [edit])
  }

  publicConstructor({ declared: { span, name } }: FoundClass): Fix | undefined {
    const edit = this.#edit(span, (text) => {
      const word = new SourceTokens(text).within(span.start, span.end).find((each) => each.text === 'constructor')
      const before = word && Math.max(span.start, word.start - 'protected '.length - 1)
      if (word === undefined || before === undefined) return undefined
      return (
        modifiers.removeModifier(text, before, word.start, 'private') ??
        modifiers.removeModifier(text, before, word.start, 'protected')
      )
    })
    return this.#fix('public-constructor', `Make the constructor of '${name}' public`, false, [edit])
  }

  /** In the interface, and in the classes that implement it. `awaited`: what it promises, where that isn't what is written. */
  returnPromise(
    component: FoundComponent,
    member: Member,
    signature: Signature,
    awaited: string | undefined,
  ): Fix | undefined {
    const promise = this.#wrapResult(signature, awaited)
    if (!promise) return undefined
    const edits: (Edit | undefined)[] = [promise]
    for (const found of this.#implementing(component)) edits.push(...this.#asyncIn(found, member.name))
    return this.#fix('return-promise', `Return '${promise.text}'`, false, edits)
  }

  #implementing(component: FoundComponent): FoundClass[] {
    return this.#classes.filter((each) => each.implements.some(({ symbol }) => symbol === component.symbol))
  }

  #wrapResult({ resultSpan }: Signature, awaited: string | undefined): Edit | undefined {
    return resultSpan && this.#replace(resultSpan, (type) => types.promised(type, awaited))
  }

  #asyncIn(found: FoundClass, name: string): (Edit | undefined)[] {
    const member = this.#view.members(this.#view.declaredType(found.declared.symbol)).find((each) => each.name === name)
    const [signature, second] = member ? this.#view.callSignatures(member.type) : []
    if (!member?.nameSpan || !signature || second) return []
    const result = this.#view.symbolOf(signature.result)
    if (result && this.#view.symbolName(result) === 'Promise') return []
    const { nameSpan } = member
    const async = this.#edit(nameSpan, (text) => modifiers.addAsync(text, nameSpan))
    if (!async && !found.declared.abstract) return []
    return [async, signature.resultSpan && this.#wrapResult(signature, undefined)]
  }

  /** A parameter that names the class `symbol` gets the interface of the component. */
  useInterface(parameter: Parameter, symbol: SymbolHandle, component: FoundComponent): Fix | undefined {
    const { typeSpan } = parameter
    const text = typeSpan && this.#text(typeSpan)
    if (!typeSpan || text === undefined) return undefined
    const file = this.#relative(typeSpan.file)
    const from = { file: this.#relative(component.file.path) }
    const imported = importType({ file, text, name: component.shortName, from, others: this.#all() })
    const written = text.slice(typeSpan.start, typeSpan.end)
    const name = new SourceTokens(written)
      .words()
      .map((each) => each.text)
      .find((each) => each === this.#view.symbolName(symbol))
    const type = imported && name && types.replaceWord(written, name, imported.local)
    if (!imported || !name || type === undefined) return undefined
    const uses = new SourceTokens(text).words().filter((each) => each.text === name).length
    const unused = uses === 2 && imported.edits.length === 0 ? removeImport(file, text, name) : undefined
    const edits = [{ file, start: typeSpan.start, end: typeSpan.end, text: type }, ...imported.edits, unused]
    return this.#fix('use-interface', `Use '${component.shortName}' in place of '${name}'`, true, edits)
  }

  /** A new file, and as a second choice a class behind the interface. */
  implement(component: FoundComponent): Fix[] {
    const request = this.#implementation(component)
    if (!request) return []
    const file = inNewFile(request)
    return [
      this.#fix(
        'implement',
        `Create a class that implements '${component.shortName}' in '${file?.[0]?.file}'`,
        false,
        file,
      ),
      this.#fix(
        'implement-here',
        `Create a class that implements '${component.shortName}' behind it`,
        false,
        inSameFile(request),
      ),
    ].filter((each) => each !== undefined)
  }

  #implementation(component: FoundComponent): ImplementationRequest | undefined {
    const methods: ImplementationRequest['methods'][number][] = []
    for (const member of this.#view.members(this.#view.declaredType(component.symbol))) {
      if (member.key === 'symbol') continue
      const [signature] = this.#view.callSignatures(member.type)
      const result = signature && this.#written(signature.resultSpan)
      if (!signature || !result) return undefined
      const parameters = signature.parameters.map(({ name, typeSpan, optional, rest }, at) => {
        return { name: name ?? `arg${at}`, type: this.#written(typeSpan), optional, rest }
      })
      if (parameters.some((each) => each.type === undefined)) return undefined
      methods.push({
        name: member.name,
        result,
        parameters: parameters as ImplementationRequest['methods'][number]['parameters'],
      })
    }
    const read = (file: string): string | undefined => this.#files().get(posix.join(this.#root, file))
    const { shortName: interfaceName, exported } = component
    return { interfaceName, file: this.#relative(component.file.path), exported, methods, read, others: this.#all() }
  }

  #written(span: Place | undefined): WrittenType | undefined {
    const text = span && this.#text(span)
    return text === undefined
      ? undefined
      : { text: text.slice(span!.start, span!.end), file: this.#relative(span!.file) }
  }

  /** `limit: number` → `limit(): Promise<number>` */
  makeMethod(member: Member): Fix | undefined {
    const { nameSpan, typeSpan } = member
    const text = nameSpan && this.#text(nameSpan)
    if (!nameSpan || !typeSpan || text === undefined || member.kind !== 'property') return undefined
    const before = new SourceTokens(text).within(0, nameSpan.start).at(-1)
    const start = before?.text === 'readonly' ? before.start : nameSpan.start
    const name = text.slice(nameSpan.start, nameSpan.end)
    const method = `${name}(): Promise<${text.slice(typeSpan.start, typeSpan.end)}>`
    const edit = { file: this.#relative(nameSpan.file), start, end: typeSpan.end, text: method }
    const fix = this.#fix('make-method', `Make it a method, '${name}()'`, false, [edit])
    // The class and all who read the property have to follow, each in a way of its own.
    return fix && { ...fix, choice: true }
  }

  /** `get total(): number` of an interface → `readonly total: number` */
  makeMember(name: string, place: Place): Fix | undefined {
    const edit = this.#edit(place, (text) => {
      const source = new SourceTokens(text)
      const end = source.indexAt(place.start)
      for (let at = end; at > Math.max(0, end - 8); at--) {
        const [get, word, open, close, colon] = source.tokens.slice(at, at + 5)
        if (get?.text !== 'get' || word?.text !== name || open?.text !== '(' || close?.text !== ')') continue
        const behind = source.tokens[source.indexAt(place.end)]
        if (colon?.text !== ':' || behind?.text === '{') return undefined
        return { start: get.start, end: colon.end, text: `readonly ${name}:` }
      }
      return undefined
    })
    const others = this.#text(place)?.match(new RegExp(`\\bset\\s+${name.replaceAll('$', '\\$')}\\b`))
    return others ? undefined : this.#fix('make-member', `Declare '${name}' as a plain member`, true, [edit])
  }

  required(member: Member): Fix | undefined {
    const { nameSpan, name } = member
    const edit = nameSpan && this.#edit(nameSpan, (text) => modifiers.removeMark(text, nameSpan.end, '?'))
    return this.#fix('make-required', `Remove the '?' of '${name}'`, true, [edit])
  }

  /** Overloads that differ in the type of one parameter, as one signature with a union. */
  uniteOverloads(member: Member, signatures: readonly Signature[]): Fix | undefined {
    const [first, last] = [signatures[0], signatures.at(-1)]
    const text = first?.resultSpan && this.#text(first.resultSpan)
    if (!first?.resultSpan || !last?.resultSpan || text === undefined) return undefined
    const of = (place: Place | undefined): string => (place ? text.slice(place.start, place.end) : '')
    const file = first.resultSpan.file
    const rows = signatures.map((each) => [
      ...each.parameters.map((parameter) => of(parameter.typeSpan)),
      of(each.resultSpan),
    ])
    const flat = signatures.every((each) => each.resultSpan?.file === file && each.typeParameters === 0)
    const plain = signatures.every((each) => each.parameters.every((parameter) => !parameter.rest))
    const width = rows[0]!.length
    const different = rows[0]!.flatMap((type, at) => (rows.every((row) => row[at] === type) ? [] : [at]))
    const [position] = different
    const sameOptional = signatures.every((each) =>
      each.parameters.every((parameter, at) => parameter.optional === first.parameters[at]?.optional),
    )
    if (!flat || !plain || !sameOptional || rows.some((row) => row.length !== width) || different.length > 1)
      return undefined
    if (position === undefined || position === width - 1) return undefined
    const removed = { start: first.resultSpan.end, end: last.resultSpan.end }
    const source = new SourceTokens(text)
    if (source.comments.some((each) => each.start >= removed.start && each.end <= removed.end)) return undefined
    const names = source.within(removed.start, removed.end).filter((each) => each.text === member.name)
    const target = first.parameters[position]!.typeSpan!
    if (names.length !== signatures.length - 1 || removed.start > removed.end) return undefined
    const union = [...new Set(rows.map((row) => row[position]!))]
      .map((type) => (/=>/.test(type) ? `(${type})` : type))
      .join(' | ')
    const relative = this.#relative(file)
    return this.#fix('unite-overloads', `Make one signature of them, with '${union}'`, false, [
      { file: relative, start: target.start, end: target.end, text: union },
      { file: relative, ...removed, text: '' },
    ])
  }

  renamePolicy(tag: DocTag, meant: string): Fix | undefined {
    const edit = this.#edit(tag, (text) => policy.renameTag(text, tag.start, tag.name, meant))
    // Only the case is wrong: nothing else can have been meant.
    const safe = tag.name.toLowerCase() === meant.toLowerCase()
    return this.#fix('rename-policy', `Write '@${meant}'`, safe, [edit])
  }

  /** A unit that is spelt out is clear; where there is none, either may be meant. */
  timeoutUnit(tag: DocTag): Fix[] {
    const unit = /^\d+(?:\.\d+)?\s*([a-z]*)/i.exec(tag.text)?.[1]?.toLowerCase()
    const units = unit === undefined ? [] : (UNITS.find(({ names }) => names.includes(unit))?.units ?? [])
    return units.flatMap((each) => {
      const edit = this.#edit(tag, (text) => policy.timeoutUnit(text, tag.start, each))
      const amount = /^\d+(?:\.\d+)?/.exec(tag.text)![0]
      return this.#fix('timeout-unit', `Write '@timeout ${amount}${each}'`, units.length === 1, [edit]) ?? []
    })
  }

  /** From the class (or the interface as a whole) to the interface's method at `to`. */
  movePolicy(tag: DocTag, to: Place): Fix | undefined {
    const text = this.#text(tag)
    const written = text?.slice(tag.start, tag.end)
    const added = written && this.#edit(to, (target) => policy.addTag(target, to.start, written))
    const removed = this.#edit(tag, (source) => policy.removeTag(source, tag.start, tag.end))
    if (!added || !removed) return undefined
    return this.#fix('move-policy', `Move '@${tag.name}' to the interface`, false, [added, removed])
  }

  /** `Key<string>` → `string`; `safe` where the key has no effect anyway. */
  removeKey(place: Place, title: string, safe: boolean): Fix | undefined {
    const text = this.#text(place)
    const name = text && localName(text, 'Key', 'weavets')
    const edit = name ? this.#replace(place, (type) => types.withoutMarker(type, name)) : undefined
    return this.#fix('remove-key', title, safe, [edit])
  }

  /** `any`, `unknown` or `object` → `Json` */
  json(place: Place): Fix | undefined {
    const text = this.#text(place)
    if (text === undefined) return undefined
    const file = this.#relative(place.file)
    const imported = importType({ file, text, name: 'Json', from: { package: 'weavets' } })
    const by = imported?.local
    const edit =
      by &&
      this.#replace(place, (type) => {
        for (const word of ['any', 'unknown', 'object', 'Object']) {
          const replaced = types.replaceWord(type, word, by)
          if (replaced !== undefined) return replaced
        }
        return undefined
      })
    return edit ? this.#fix('use-json', "Use 'Json'", false, [edit, ...imported.edits]) : undefined
  }

  asyncIterable(place: Place): Fix | undefined {
    const edit = this.#replace(place, types.asyncIterable)
    return this.#fix('use-async-iterable', `Declare '${edit?.text}'`, true, [edit])
  }

  addMain({ declared: { nameSpan, name } }: FoundClass): Fix | undefined {
    const text = this.#text(nameSpan)
    if (text === undefined) return undefined
    const imported = importType({
      file: this.#relative(nameSpan.file),
      text,
      name: 'Main',
      from: { package: 'weavets' },
    })
    const member = this.#edit(nameSpan, (source) =>
      modifiers.appendMember(source, nameSpan.end, ['async main(signal: AbortSignal): Promise<void> {', '}']),
    )
    const clause =
      imported && this.#edit(nameSpan, (source) => modifiers.addImplements(source, nameSpan.end, imported.local))
    if (!imported || !member || !clause) return undefined
    return this.#fix('add-main', `Let '${name}' implement 'Main'`, false, [clause, member, ...imported.edits])
  }

  #fix(id: string, title: string, safe: boolean, edits: MaybeEdits): Fix | undefined {
    const made = (edits ?? []).filter((each) => each !== undefined)
    const distinct = made.filter((edit, at) => made.findIndex((each) => sameEdit(each, edit)) === at)
    return distinct.length === 0 ? undefined : { id, title, safe, edits: distinct }
  }

  #edit(place: Place, make: (text: string) => modifiers.TextEdit | undefined): Edit | undefined {
    const text = this.#text(place)
    const edit = text === undefined ? undefined : make(text)
    return edit && { file: this.#relative(place.file), ...edit }
  }

  #replace(place: Place, make: (type: string) => string | undefined): Edit | undefined {
    const { start, end } = place
    return this.#edit(place, (text) => {
      const by = make(text.slice(start, end))
      return by === undefined ? undefined : { start, end, text: by }
    })
  }

  #text({ file }: { readonly file: string }): string | undefined {
    return this.#files().get(file)
  }

  /** The project's own sources, by absolute path. */
  #files(): ReadonlyMap<string, string> {
    this.#texts ??= new Map(
      this.#view
        .files()
        .filter((each) => each.origin === 'project' && !each.path.includes('/node_modules/'))
        .map((each) => [each.path, each.text]),
    )
    return this.#texts
  }

  /** The project's own sources, for whoever has to look through them. */
  sources(): Iterable<readonly [path: string, text: string]> {
    return this.#files()
  }

  #all(): Iterable<string> {
    return this.#files().values()
  }

  #relative(file: string): string {
    return fromRoot(this.#root, file)
  }
}

const sameEdit = (a: Edit, b: Edit): boolean =>
  a.file === b.file && a.start === b.start && a.end === b.end && a.text === b.text

/** What people write for a unit, and what it may stand for. */
const UNITS: readonly { names: readonly string[]; units: readonly ('ms' | 's' | 'm')[] }[] = [
  { names: [''], units: ['ms', 's'] },
  { names: ['ms', 'msec', 'msecs', 'millis', 'millisecond', 'milliseconds'], units: ['ms'] },
  { names: ['s', 'sec', 'secs', 'second', 'seconds'], units: ['s'] },
  { names: ['m', 'min', 'mins', 'minute', 'minutes'], units: ['m'] },
]
