/**
 * `weave check --against`: the manifest of a deployed version against the model of today. In go both; out come diagnostics WV4xxx for
 * everything that callers outside the deployment, built with the old version, would stumble over, and beside them a list of what
 * has changed without harm. Components and methods are matched by name; one that is gone and another that is equal are called a rename.
 */
import { isDeepStrictEqual } from 'node:util'
import { shortName } from '../../runtime/codec/notation.ts'
import type { Manifest, ManifestComponent, ManifestMethod } from '../../runtime/manifest.ts'
import { didYouMean } from '../../runtime/names.ts'
import { createDiagnostic, lineAndColumn, sortDiagnostics } from '../diagnostics/create.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { App, AppModel, Component, Method, SourceSpan } from '../model.ts'
import type { Change } from './change.ts'
import { locate, type Read } from './locate.ts'
import { compareMethods, type MethodChanges, type PolicyChange } from './methods.ts'
import { changeReport, policyReport, type Wording } from './wording.ts'

export interface CompareRequest {
  readonly old: Manifest
  readonly model: AppModel
  /** Today's application; undefined counts every component of the project. */
  readonly app: App | undefined
  readonly read: Read
}

export interface Comparison {
  readonly diagnostics: readonly Diagnostic[]
  readonly compatible: readonly CompatibleChange[]
}

/** What old callers don't notice. */
export interface CompatibleChange {
  readonly component: string
  readonly method: string | null
  readonly message: string
}

/** Further places of one change that are listed; the rest is counted. */
const USES_MAX = 3

export function compareWithManifest(request: CompareRequest): Comparison {
  const comparer = new Comparer(request)
  comparer.run()
  return { diagnostics: sortDiagnostics([...comparer.diagnostics.values()]), compatible: comparer.compatible }
}

class Comparer {
  /** By what was changed, however many methods reach it. */
  readonly diagnostics = new Map<string, Diagnostic>()
  readonly compatible: CompatibleChange[] = []
  readonly #request: CompareRequest
  readonly #today: ReadonlyMap<string, Component>
  readonly #uses = new Map<Diagnostic, number>()

  constructor(request: CompareRequest) {
    this.#request = request
    const reached = request.app && new Set(request.app.components)
    const today = request.model.components.filter((each) => !reached || reached.has(each.name))
    this.#today = new Map(today.map((each) => [each.name, each]))
  }

  run(): void {
    const { old } = this.#request
    const before = old.components.filter((each) => each.name !== old.root)
    const names = new Set(before.map((each) => each.name))
    for (const component of before) {
      const today = this.#today.get(component.name)
      if (!today) this.#removedComponent(component, names)
      // What is wrong with a broken one is reported already, and its shapes are not to be trusted.
      else if (today.broken === undefined) this.#component(component, today)
    }
    for (const { name, shortName: short } of this.#today.values()) {
      if (!names.has(name))
        this.compatible.push({ component: name, method: null, message: `The component '${short}' is new.` })
    }
  }

  #removedComponent(component: ManifestComponent, known: ReadonlySet<string>): void {
    const short = shortName(component.name)
    const declared = this.#request.model.components.find((each) => each.name === component.name)
    const renamed = [...this.#today.values()].find((each) => !known.has(each.name) && isRename(component, each))
    const message = renamed
      ? `The component '${component.name}' is called '${renamed.name}' now.`
      : declared
        ? `The component '${short}' is no longer part of the application.`
        : `The component '${component.name}' is gone.`
    const fix = renamed
      ? `keep an interface '${short}' at '${moduleOf(component.name)}', implemented by a class that passes its calls on, until nobody calls it`
      : 'keep it until nobody calls it'
    const at = renamed?.declaration ?? declared?.declaration
    this.#add('WV4004', `component ${component.name}`, at, {
      message,
      why: `callers that were built with version ${this.#request.old.version} call it by its name`,
      fix,
      path: short,
    })
  }

  #component(old: ManifestComponent, now: Component): void {
    for (const method of old.methods) {
      const today = now.methods.find((each) => each.name === method.name)
      if (today) this.#method(method, today, now)
      else this.#removedMethod(method, old, now)
    }
    for (const { name } of now.methods) {
      if (old.methods.some((each) => each.name === name)) continue
      this.compatible.push({ component: now.name, method: name, message: `'${now.shortName}.${name}' is new.` })
    }
  }

  #removedMethod(method: ManifestMethod, old: ManifestComponent, now: Component): void {
    const fresh = now.methods.filter((each) => !old.methods.some((other) => other.name === each.name))
    const same = fresh.filter((each) => sameUnderAnotherName(this.#compare(method, each)))
    const near = didYouMean(
      method.name,
      same.map((each) => each.name),
    )
    const renamed = same.find((each) => each.name === near) ?? (same.length === 1 ? same[0] : undefined)
    const what = `${now.shortName}.${method.name}`
    this.#add('WV4002', `method ${now.name} ${method.name}`, renamed?.declaration ?? now.declaration, {
      message: renamed ? `'${what}' is called '${renamed.name}' now.` : `'${what}' is gone.`,
      why: `callers that were built with version ${this.#request.old.version} call it by its name`,
      fix: renamed
        ? `keep a method '${method.name}' that calls '${renamed.name}', until nobody calls it`
        : 'keep it until nobody calls it',
      path: what,
    })
  }

  #compare(old: ManifestMethod, now: Method): MethodChanges {
    const { old: manifest, model } = this.#request
    return compareMethods(old, now, { old: manifest.definitions, now: model.definitions })
  }

  #method(old: ManifestMethod, now: Method, component: Component): void {
    const { changes, policies } = this.#compare(old, now)
    for (const change of changes) this.#change(change, now, component)
    for (const policy of policies) this.#policy(policy, now, component)
    if (changes.length > 0 || policies.length > 0) return
    if (old.hash !== now.hash) {
      const message = `'${component.shortName}.${now.name}' has changed in a way that its callers don't notice.`
      this.compatible.push({ component: component.name, method: now.name, message })
    }
  }

  #change(change: Change, method: Method, component: Component): void {
    const { site } = change
    const place = site.definition === undefined ? `${component.name} ${site.path}` : `${site.definition} ${site.inner}`
    const key = `${change.kind} ${place} ${change.was} ${change.now}`
    const known = this.diagnostics.get(key)
    if (known) {
      this.#addUse(known, component, method, site.path)
      return
    }
    const { code, ...wording } = changeReport(change, component.shortName, this.#request.old.version)
    this.#add(code, key, locate(site, component, method, this.#request.read), { ...wording, path: site.path })
  }

  #policy(policy: PolicyChange, method: Method, component: Component): void {
    const name = `${component.shortName}.${method.name}`
    const { code, ...wording } = policyReport(policy, name, this.#request.old.version)
    const key = `${policy.kind} ${component.name} ${method.name}`
    this.#add(code, key, method.declaration ?? component.declaration, { ...wording, path: name })
  }

  /** The same member, reached from another method. */
  #addUse(diagnostic: Diagnostic, component: Component, method: Method, path: string): void {
    if (diagnostic.path === path) return
    const uses = (this.#uses.get(diagnostic) ?? 0) + 1
    this.#uses.set(diagnostic, uses)
    if (uses > USES_MAX + 1) diagnostic.related.pop()
    const { file, start } = method.declaration ?? component.declaration
    const message = uses > USES_MAX ? `and ${uses - USES_MAX} more` : `also reached by '${component.shortName}.${path}'`
    diagnostic.related.push({ file, ...lineAndColumn(this.#request.read(file) ?? '', start), message })
  }

  #add(
    code: Wording['code'] | 'WV4002' | 'WV4004',
    key: string,
    at: SourceSpan | undefined,
    report: Omit<Wording, 'code'> & { path: string },
  ): void {
    const span = at && { ...at, text: this.#request.read(at.file) ?? '' }
    this.diagnostics.set(key, createDiagnostic(code, span, report))
  }
}

const moduleOf = (name: string): string => name.slice(0, name.lastIndexOf('.'))

/** It was moved to another file, or has a new name and the very same methods. */
function isRename(old: ManifestComponent, now: Component): boolean {
  if (now.shortName === shortName(old.name)) return true
  const hashes = (methods: readonly { readonly hash: string }[]) => methods.map((each) => each.hash)
  return old.methods.length > 0 && isDeepStrictEqual(hashes(old.methods), hashes(now.methods))
}

const sameUnderAnotherName = ({ changes, policies }: MethodChanges): boolean =>
  changes.length === 0 && policies.every((each) => each.kind === 'timeout')
