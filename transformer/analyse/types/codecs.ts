/**
 * The user's own codecs: which one a class brings (`static readonly codec`) or weave.config.ts names, and what it makes of a value. In
 * goes a class or a name from the config; out comes the codec with the type of its wire form, or why it is none. What was used is
 * listed for the code generator, which lets processes import it.
 */

import { didYouMean } from '../../../runtime/names.ts'
import type { CheckerView, SourceFile, SymbolHandle, TypeHandle, ValueDeclared } from '../../checker/view.ts'
import { fromRoot } from '../../from-root.ts'
import type { CodecSource } from '../../model.ts'
import type { Markers } from '../declared/markers.ts'
import { moduleName, type Names } from '../declared/names.ts'
import type { Packages } from '../declared/packages.ts'
import { byCodeUnits } from './canonical.ts'
import { badCodec, type Refusal } from './refusals.ts'

export interface FoundCodec {
  readonly kind: 'codec'
  readonly name: string
  readonly wire: TypeHandle
  /** It knows its own values: by their class, or by `is`. */
  readonly tells: boolean
  /** Where it is written, for what its wire form can't be. */
  readonly at: ValueDeclared['nameSpan']
}

export type CodecResult = FoundCodec | { readonly kind: 'refused'; readonly refusal: Refusal }

export interface CodecsInput {
  readonly view: CheckerView
  readonly root: string
  readonly markers: Markers
  readonly names: Names
  readonly packages: Packages
}

const MEMBER = 'codec'

export class Codecs {
  readonly #view: CheckerView
  readonly #root: string
  readonly #markers: Markers
  readonly #names: Names
  readonly #used = new Map<string, CodecSource>()
  readonly #modules: ReadonlyMap<string, SourceFile>

  constructor({ view, root, markers, names, packages }: CodecsInput) {
    this.#view = view
    this.#root = root
    this.#markers = markers
    this.#names = names
    const own = view.files().filter((file) => file.origin === 'project' && !file.declaration)
    this.#modules = new Map(own.map((file) => [moduleName(root, file.path, packages), file]))
  }

  /** Those that were asked for, by name. */
  used(): CodecSource[] {
    return [...this.#used.values()].sort((a, b) => byCodeUnits(a.name, b.name))
  }

  /** Undefined when the class brings none. */
  ofClass(symbol: SymbolHandle): CodecResult | undefined {
    const declared = this.#view.staticMember(symbol, MEMBER)
    const form = declared && this.#form(declared.type)
    // A static member of that name that has nothing of a codec is the user's own affair.
    if (!declared || !form) return undefined
    const className = this.#view.symbolName(symbol)
    const [declaration] = this.#view.declarationsOf(symbol)
    const exportName = this.#view.exportName(symbol)
    if (exportName === undefined || declaration?.origin !== 'project' || this.#view.namespaces(symbol).length > 0) {
      return refused(
        `its codec cannot be imported: '${className}' is not exported from a module of the project`,
        `export '${className}'`,
      )
    }
    if (form.value && this.#view.symbolOf(form.value) !== symbol && this.#isTyped(form.value)) {
      const what = this.#view.text(form.value)
      return refused(
        `its codec gives '${what}', not '${className}'`,
        `declare 'static readonly codec: Codec<${className}, …>'`,
      )
    }
    const name = this.#names.ofSymbol(symbol)
    const file = fromRoot(this.#root, declaration.file)
    this.#used.set(name, { name, file, exportName, member: MEMBER })
    return { kind: 'codec', name, wire: form.wire, tells: true, at: declared.nameSpan }
  }

  /** `name`: `src/codecs.dateTime`. `type`: what the config names it for. */
  configured(name: string, type: SymbolHandle): CodecResult {
    const at = name.lastIndexOf('.')
    const module = name.slice(0, at)
    const exportName = name.slice(at + 1)
    const file = this.#modules.get(module)
    if (at === -1 || file === undefined) {
      const near = didYouMean(module, [...this.#modules.keys()])
      const hint =
        near === undefined
          ? "write the module's path from the root and the name: 'src/codecs.money'"
          : `did you mean '${near}.${exportName}'?`
      return refused(
        `weave.config.ts gives it the codec '${name}', and there is no module '${at === -1 ? name : module}'`,
        hint,
      )
    }
    const declared = this.#view.exportedValue(file, exportName)
    if (!declared) {
      const near = didYouMean(exportName, this.#view.exportedNames(file))
      const hint =
        near === undefined
          ? `export it: 'export const ${exportName}: Codec<…> = { … }'`
          : `did you mean '${module}.${near}'?`
      return refused(`weave.config.ts gives it the codec '${name}', and '${module}' exports nothing of that name`, hint)
    }
    const form = this.#form(declared.type)
    const typeName = this.#view.symbolName(type)
    if (!form) {
      return refused(
        `weave.config.ts gives it the codec '${name}', which has no 'encode' and 'decode'`,
        `declare it as 'Codec<${typeName}, …>'`,
      )
    }
    if (form.value && this.#isTyped(form.value) && !this.#isOf(form.value, type)) {
      return refused(
        `weave.config.ts gives it the codec '${name}', which is for '${this.#view.text(form.value)}'`,
        `declare it as 'Codec<${typeName}, …>'`,
      )
    }
    this.#used.set(name, { name, file: fromRoot(this.#root, file.path), exportName, member: undefined })
    const tells = this.#view.members(declared.type).some((member) => member.name === 'is' && !member.optional)
    return { kind: 'codec', name, wire: form.wire, tells, at: declared.nameSpan }
  }

  /** `Codec<Value, Wire>` by its type arguments; anything else that has the two methods by these. */
  #form(type: TypeHandle): { value: TypeHandle | undefined; wire: TypeHandle } | undefined {
    const symbol = this.#view.symbolOf(type)
    if (symbol && this.#markers.of(symbol) === 'codec') {
      const [value, wire] = this.#view.typeArguments(type)
      return wire && { value, wire }
    }
    if (this.#view.describe(type).kind !== 'object') return undefined
    const signature = (name: string) => {
      const member = this.#view.members(type).find((each) => each.name === name)
      return member && this.#view.callSignatures(member.type)[0]
    }
    const encode = signature('encode')
    const decode = signature('decode')
    if (encode === undefined || decode === undefined) return undefined
    // What `encode` gives may be narrower than what `decode` takes; the latter, where it takes something, is what was meant to cross.
    return { value: encode.parameters[0]?.type, wire: decode.parameters[0]?.type ?? encode.result }
  }

  /** A codec's values are of the type that the config names it for; `Decimal`, where that is `DecimalImpl & { … }`, is of both names. */
  #isOf(value: TypeHandle, type: SymbolHandle): boolean {
    const symbol = this.#view.symbolOf(value)
    if (symbol === type || this.#view.aliasOf(value)?.symbol === type) return true
    const description = this.#view.describe(value)
    if (description.kind === 'intersection') return description.parts.some((part) => this.#isOf(part, type))
    // What has no name of its own can't be told from the one that is meant.
    return symbol === undefined && this.#view.aliasOf(value) === undefined
  }

  #isTyped(type: TypeHandle): boolean {
    return !['any', 'unknown'].includes(this.#view.describe(type).kind)
  }
}

const refused = (says: string, fix: string): CodecResult => ({ kind: 'refused', refusal: badCodec(says, fix) })
