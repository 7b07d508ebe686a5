/**
 * What of a plan's model is declared where: from the place of a name to the component, the method, the implementing class. In
 * goes a plan; out come answers for a position. Also resolves a use (`cart.items(…)`) to what it is a use of, by the plan's checker.
 */
import { join, relative } from 'node:path'
import { resolveComponentName } from '../../runtime/names.ts'
import type { Component, Implementation, Method } from '../model.ts'
import type { Plan } from '../plan.ts'
import { blockAfter } from './tokens.ts'

export type Boundary =
  | { readonly kind: 'component'; readonly component: Component }
  /** `own`: the method of the implementing class, and not the interface's. */
  | { readonly kind: 'method'; readonly component: Component; readonly method: Method; readonly own: boolean }
  | { readonly kind: 'implementation'; readonly component: Component; readonly implementation: Implementation }
  /** A call that starts an application: `run(Shop)`. */
  | { readonly kind: 'app'; readonly components: readonly string[] }

/** An identifier of a text. */
export interface Name {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The identifier that `offset` is in, or just behind. */
export function nameAt(text: string, offset: number): Name | undefined {
  const isPart = (char: string | undefined): boolean => char !== undefined && /[\p{ID_Continue}$]/u.test(char)
  let start = offset
  let end = offset
  while (isPart(text[start - 1])) start--
  while (isPart(text[end])) end++
  return start === end ? undefined : { text: text.slice(start, end), start, end }
}

const byPlan = new WeakMap<Plan, Boundaries>()

export class Boundaries {
  readonly #plan: Plan
  readonly #declared = new Map<string, Boundary>()

  static of(plan: Plan): Boundaries {
    const known = byPlan.get(plan) ?? new Boundaries(plan)
    byPlan.set(plan, known)
    return known
  }

  private constructor(plan: Plan) {
    this.#plan = plan
    for (const component of plan.analysis.model.components) {
      const { declaration, methods, implementation } = component
      this.#declared.set(`${declaration.file}:${declaration.start}`, { kind: 'component', component })
      for (const method of methods) {
        const at = method.declaration
        // An inherited method belongs to the component that declares it, if there is one.
        if (at === undefined) continue
        const key = `${at.file}:${at.start}`
        if (!this.#declared.has(key) || this.#isIn(component, at.start, at.file))
          this.#declared.set(key, { kind: 'method', component, method, own: false })
      }
      if (implementation !== undefined) {
        const { file, start } = implementation.declaration
        this.#declared.set(`${file}:${start}`, { kind: 'implementation', component, implementation })
      }
    }
  }

  /** What the identifier at `offset` names; undefined when it has nothing to do with a boundary. */
  at(path: string, offset: number): Boundary | undefined {
    const text = this.#plan.readFile(path)
    const name = text === undefined ? undefined : nameAt(text, offset)
    if (text === undefined || name === undefined) return undefined
    const marked = this.#marked(path, text, name)
    if (marked !== undefined) return marked
    // Most identifiers of a program are called like nothing here, and asking the checker costs more than asking this.
    if (!this.#names().has(name.text)) return undefined
    for (const place of this.#plan.declarationsAt(path, name.start)) {
      const file = this.#relative(place.file)
      const found = this.#declared.get(`${file}:${place.start}`) ?? this.#ownMethod(file, place.start, name.text)
      if (found !== undefined) return found
    }
    return undefined
  }

  component(name: string): Component | undefined {
    return this.#plan.analysis.model.components.find((each) => each.name === name)
  }

  /** The component that weave.config.ts means by a name. */
  called(name: string): Component | undefined {
    try {
      const names = this.#plan.analysis.model.components.map((each) => each.name)
      return this.component(resolveComponentName(name, names))
    } catch {
      return undefined
    }
  }

  #known: ReadonlySet<string> | undefined
  #names(): ReadonlySet<string> {
    this.#known ??= new Set(
      this.#plan.analysis.model.components.flatMap(({ shortName, methods, implementation }) => [
        shortName,
        ...methods.map((method) => method.name),
        ...(implementation ? [implementation.className] : []),
      ]),
    )
    return this.#known
  }

  /** `get` of `get<Cart>()`, `run` of `run(Shop)`: by what the plan does to the call. */
  #marked(path: string, text: string, name: Name): Boundary | undefined {
    const file = this.#relative(path)
    for (const rewrite of this.#plan.analysis.model.rewrites) {
      if (rewrite.file !== file || rewrite.kind === 'type-import') continue
      if (rewrite.kind === 'replace') {
        const before = text.slice(0, rewrite.start).replace(/\(\s*$/, '')
        const app = this.#plan.analysis.model.apps.find((each) => each.file === file && each.kind === 'run')
        if (app !== undefined && name.end === before.length && name.end < rewrite.start)
          return { kind: 'app', components: app.components }
        continue
      }
      const callee = /^[^<(]*/.exec(text.slice(rewrite.start, rewrite.end))![0].trimEnd()
      if (name.end !== rewrite.start + callee.length) continue
      if (rewrite.text.startsWith('"')) {
        const component = this.component(JSON.parse(rewrite.text) as string)
        if (component !== undefined) return { kind: 'component', component }
      } else {
        const app = this.#plan.analysis.model.apps.find((each) => each.file === file)
        if (app !== undefined) return { kind: 'app', components: app.components }
      }
    }
    return undefined
  }

  /** A method of the class that implements a component, by its name and by standing in the class. */
  #ownMethod(file: string, start: number, name: string): Boundary | undefined {
    for (const component of this.#plan.analysis.model.components) {
      const { implementation } = component
      const method = component.methods.find((each) => each.name === name)
      if (implementation?.file !== file || method === undefined) continue
      const block = this.#block(file, implementation.declaration.end)
      if (block !== undefined && block.start < start && start < block.end)
        return { kind: 'method', component, method, own: true }
    }
    return undefined
  }

  #isIn(component: Component, start: number, file: string): boolean {
    const { declaration } = component
    const block = declaration.file === file ? this.#block(file, declaration.end) : undefined
    return block !== undefined && block.start < start && start < block.end
  }

  #block(file: string, from: number): { start: number; end: number } | undefined {
    const text = this.#plan.readFile(join(this.#plan.root, file))
    return text === undefined ? undefined : blockAfter(text, from)
  }

  #relative(path: string): string {
    return relative(this.#plan.root, path).replaceAll('\\', '/')
  }
}
