/**
 * WV3006: the application constructs an implementation itself. That object stays where it is made, whatever the deployment says,
 * and beside it the runtime makes the component's own. Left alone: tests, benches and scripts, components that a `provide` gives,
 * the class's own code, and another implementation of the same component that wraps it.
 */
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { SymbolHandle } from '../../checker/view.ts'
import type { FoundClass, FoundComponent } from '../declared/find.ts'
import { namesIn } from '../declared/text-facts.ts'
import { classAround, placeOf } from './nodes.ts'
import type { LintContext } from './rule.ts'

const NEW = /\bnew\s+(?:[\w$]+\s*\.\s*)*([\w$\u0080-\uffff]+)/g

export function bypass(context: LintContext): void {
  const implementations = implementing(context)
  const names = new Set([...implementations.values()].map(({ found }) => found.declared.name))
  const found: { node: SyntaxNode; name: SyntaxNode }[] = []
  for (const file of context.files) {
    const made = [...namesIn(file, NEW)].filter((name) => names.has(name) || mayRename(file.text, name))
    if (made.length === 0 || !context.isApplication(file.path)) continue
    for (const match of file.text.matchAll(NEW)) {
      const name = match[1]!
      if (!made.includes(name)) continue
      let node: SyntaxNode | undefined = context.view.syntax(file).at(match.index + match[0].length - name.length)
      const identifier = node
      while (node && node.kind !== 'new')
        node = node.role === 'name' || node.role === 'callee' ? node.parent : undefined
      if (node && identifier.kind === 'identifier') found.push({ node, name: identifier })
    }
  }
  const symbols = context.view.symbolsAt(found.map(({ name }) => name))
  for (const [at, { node, name }] of found.entries()) {
    const implementation = symbols[at] && implementations.get(symbols[at])
    if (!implementation || isOwn(context, node, implementation)) continue
    const { component } = implementation
    context.report('WV3006', placeOf(name), {
      message: `'new ${name.text}()' stays in this process, whatever the deployment says.`,
      why: `'${name.text}' implements the component '${component.shortName}', which the runtime constructs where it is placed; this is a second one`,
      fix: `take '${component.shortName}' as a constructor parameter, or ask for it with 'get<${component.shortName}>()'`,
      related: [{ place: component.nameSpan, message: `'${component.shortName}' is declared here` }],
    })
  }
}

/** `import { MemoryCart as Carts }`, `import Carts from`: the name alone doesn't say what it is. */
const mayRename = (text: string, name: string): boolean =>
  text.includes(`as ${name}`) || text.includes(`import ${name}`)

export interface Implementing {
  readonly found: FoundClass
  readonly component: FoundComponent
}

/** Classes of the application that implement a component which is constructed by the runtime, by their symbols. */
export function implementing({ classes, components, provided }: LintContext): Map<SymbolHandle, Implementing> {
  const found = new Map<SymbolHandle, Implementing>()
  for (const each of classes) {
    const component = each.implements.flatMap(({ symbol }) => components.get(symbol) ?? [])[0]
    if (component && !each.test && !provided.has(component)) found.set(each.declared.symbol, { found: each, component })
  }
  return found
}

/** Inside a class that implements the component itself: its own, a subclass, or one around it. */
export function isOwn({ classes }: LintContext, node: SyntaxNode, { component }: Implementing): boolean {
  for (let around = classAround(node); around; around = classAround(around)) {
    const at = around.child('name')?.start
    const own = classes.find(({ file, declared }) => file.path === node.file && declared.nameSpan.start === at)
    if (own?.implements.some(({ symbol }) => symbol === component.symbol)) return true
  }
  return false
}
