/**
 * Which types an edit reaches, where links.ts only says which files: half of a program may import a file of which one type has changed, and
 * most of those only hold its name. In go outlines of the files that the edit can reach; out comes, for a declaration, whether what is
 * kept of it still holds.
 *
 * A declaration is another one when its text is, when a name in it leads elsewhere, when one is whose shape shows in its own, or when
 * anything changed at any depth below one that it uses as a whole (checker/outline.ts has the three). What is doubtful is another one.
 */
import { type DeclaredName, EVERYTHING, type ModuleOutline, type UsedFor } from '../../checker/outline.ts'
import type { FileLinks } from '../../checker/view.ts'

type Files = ReadonlyMap<string, FileLinks>

export interface TypeReachInput {
  readonly before: Files
  readonly after: Files
  /** Files that the edit can reach. */
  readonly affected: ReadonlySet<string>
  /** As the files were before; those that are missing may have been anything. */
  readonly outlines: ReadonlyMap<string, ModuleOutline>
}

interface Declaration {
  readonly file: string
  readonly now: DeclaredName
  changed: boolean
  /** Something changed below it, at any depth. */
  stirred: boolean
  /** Those whose shape shows its own, and those that use it at all. */
  readonly shows: Declaration[]
  readonly usedBy: { readonly by: Declaration; readonly whole: boolean }[]
}

/** Follows uses from the declarations that are asked about: an edit may reach every function of a program, and nothing is kept of those. */
export class TypeReach {
  readonly #input: TypeReachInput
  readonly #declarations = new Map<string, Map<string, Declaration>>()
  /** Files to whose declarations another file adds. */
  readonly #augmented: ReadonlySet<string>
  /** Met, and still to be connected with what they use. */
  readonly #pending: Declaration[] = []

  constructor(input: TypeReachInput) {
    this.#input = input
    this.#augmented = new Set([...input.after.values()].flatMap(({ augments }) => augments ?? []))
  }

  /** The declaration around `offset` means what it meant before. */
  holds(file: string, offset: number): boolean {
    if (!this.#input.affected.has(file)) return true
    // Places are kept with what is kept, and in an edited text they are others.
    if (this.#isEdited(file)) return false
    const around = [...(this.#input.after.get(file)?.outline?.().declared ?? [])].filter(([, { spans }]) =>
      spans.some(({ start, end }) => start <= offset && offset < end),
    )
    const declarations = around.map(([name]) => this.#declaration(file, name)!)
    this.#follow()
    return around.length > 0 && declarations.every(({ changed }) => !changed)
  }

  #isEdited(file: string): boolean {
    return this.#input.before.get(file)?.version !== this.#input.after.get(file)?.version
  }

  /** Undefined where the file declares nothing of this name, or the edit doesn't reach it. */
  #declaration(file: string, name: string): Declaration | undefined {
    const own = this.#declarations.get(file) ?? new Map<string, Declaration>()
    this.#declarations.set(file, own)
    const known = own.get(name)
    if (known !== undefined || !this.#input.affected.has(file)) return known
    const now = this.#input.after.get(file)?.outline?.().declared.get(name)
    if (now === undefined) return undefined
    const changed = this.#augmented.has(file) || this.#isAnother(file, name, now)
    const declaration = { file, now, changed, stirred: changed, shows: [], usedBy: [] }
    own.set(name, declaration)
    this.#pending.push(declaration)
    return declaration
  }

  /** By its own text, and by where its module's imports lead. */
  #isAnother(file: string, name: string, now: DeclaredName): boolean {
    const { before, after, outlines } = this.#input
    const then = this.#isEdited(file) ? outlines.get(file) : after.get(file)?.outline?.()
    if (then?.declared.get(name)?.text !== now.text) return true
    const [linksThen, linksNow] = [before.get(file)!, after.get(file)!]
    const outline = linksNow.outline!()
    if (then === outline && linksThen.modules === linksNow.modules) return false
    return now.uses.some((use) => leadsTo(then, linksThen, use.name) !== leadsTo(outline, linksNow, use.name))
  }

  /** Connects all that was met, with all that these use in turn; then what has changed there is spread. */
  #follow(): void {
    const met: Declaration[] = []
    for (let each = this.#pending.pop(); each !== undefined; each = this.#pending.pop()) {
      this.#connect(each)
      met.push(each)
    }
    // What was followed before uses nothing of these; what they use of it is among those they are connected with.
    for (const each of met) if (each.stirred) this.#stir(each)
    for (const each of met) if (each.changed) this.#change(each)
  }

  #connect(by: Declaration): void {
    const links = this.#input.after.get(by.file)!
    const outline = links.outline!()
    for (const use of by.now.uses) {
      const target = this.#target(by.file, outline, links, use.name)
      if (target === UNCLEAR) change(by)
      else if (target) this.#use(by, target.name, target.declaration, use.for)
    }
  }

  #use(by: Declaration, name: string, target: Declaration, used: UsedFor): void {
    const whole = used === 'whole'
    const shown = used === 'shape' || (used === 'name' && !this.#isRecord(name, target))
    target.usedBy.push({ by, whole })
    if (shown) target.shows.push(by)
    // It may have been followed before; then nobody comes by again.
    if (target.stirred) by.stirred = true
    if ((whole && target.stirred) || (shown && target.changed)) change(by)
  }

  /** Before as after: then whoever holds it holds its name. */
  #isRecord(name: string, { file, now }: Declaration): boolean {
    if (!now.record || this.#augmented.has(file)) return false
    return !this.#isEdited(file) || this.#input.outlines.get(file)?.declared.get(name)?.record === true
  }

  /** Undefined where nothing has changed. */
  #target(file: string, outline: ModuleOutline, links: FileLinks, name: string): Target {
    if (name === EVERYTHING || outline.unclear.has(name)) return UNCLEAR
    const own = this.#declaration(file, name)
    if (own) return { name, declaration: own }
    const imported = outline.imports.get(name)
    if (imported) return this.#inModule(links, imported.specifier, imported.name, 0)
    const namespace = outline.namespaces.get(name)
    return namespace === undefined ? undefined : this.#affectedModule(links, namespace) && UNCLEAR
  }

  /** What nobody declares, the platform or a package doesn't change without changing everything. */
  #affectedModule({ modules }: FileLinks, specifier: string): { readonly file: string | undefined } | undefined {
    if (modules?.has(specifier) !== true) return undefined
    const file = modules.get(specifier)
    return file === undefined || this.#input.affected.has(file) ? { file } : undefined
  }

  #inModule(links: FileLinks, specifier: string, name: string, depth: number): Target {
    const affected = this.#affectedModule(links, specifier)
    if (affected === undefined) return undefined
    const { file } = affected
    const there = file === undefined ? undefined : this.#input.after.get(file)
    const outline = there?.outline?.()
    if (file === undefined || there === undefined || outline === undefined || depth > REEXPORTS_MAX) return UNCLEAR
    const local = outline.exports.get(name)
    if (local !== undefined) {
      const declaration = this.#declaration(file, local)
      return declaration && this.#exportedAsBefore(file, name, local) ? { name: local, declaration } : UNCLEAR
    }
    // An edited module may have exported it otherwise.
    if (this.#isEdited(file)) return UNCLEAR
    const from = outline.reexports.get(name)
    if (from) return this.#inModule(there, from.specifier, from.name, depth + 1)
    const [star, second] = outline.stars
    // Where there are several, one of them has it, and another may come to have it.
    return star === undefined || second !== undefined ? UNCLEAR : this.#inModule(there, star, name, depth + 1)
  }

  #exportedAsBefore(module: string, name: string, local: string): boolean {
    return !this.#isEdited(module) || this.#input.outlines.get(module)?.exports.get(name) === local
  }

  #stir(from: Declaration): void {
    const pending = [from]
    for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
      for (const { by, whole } of each.usedBy) {
        if (whole) by.changed = true
        if (by.stirred) continue
        by.stirred = true
        pending.push(by)
      }
    }
  }

  #change(from: Declaration): void {
    const pending = [from]
    for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
      for (const by of each.shows) {
        if (by.changed) continue
        by.changed = true
        pending.push(by)
      }
    }
  }
}

const UNCLEAR = 'unclear'
type Target = { readonly name: string; readonly declaration: Declaration } | typeof UNCLEAR | undefined

/** Re-exports of re-exports, so that two modules which export each other end. */
const REEXPORTS_MAX = 8

function change(declaration: Declaration): void {
  declaration.changed = true
  declaration.stirred = true
}

/** Where a name in a module leads, as text that can be compared. */
function leadsTo(outline: ModuleOutline, { modules }: FileLinks, name: string): string {
  if (name === EVERYTHING || outline.unclear.has(name)) return UNCLEAR
  if (outline.declared.has(name)) return 'here'
  const namespace = outline.namespaces.get(name)
  if (namespace !== undefined) return `${modules?.get(namespace)} *`
  const imported = outline.imports.get(name)
  return imported === undefined ? 'everywhere' : `${modules?.get(imported.specifier)} ${imported.name}`
}
