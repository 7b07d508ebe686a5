/**
 * Policies that stand where nobody reads them: on the implementing class or its methods, or on an interface as a whole. In
 * go the found components and classes; out come warnings. A tag that the interface's own method repeats is left alone.
 */
import type { CheckerView, DocTag, SymbolHandle } from '../checker/view.ts'
import type { FoundClass, FoundComponent } from './find.ts'
import type { Reporter } from './report.ts'
import { isPolicy } from './tags.ts'

export interface MisplacedInput {
  readonly view: CheckerView
  readonly reporter: Reporter
  readonly components: ReadonlyMap<SymbolHandle, FoundComponent>
  readonly classes: readonly FoundClass[]
}

export function reportMisplaced({ view, reporter, components, classes }: MisplacedInput): void {
  const seen = new Set<string>()
  const policies = (symbol: SymbolHandle): DocTag[] => view.docTags(symbol).filter(isPolicy)
  const warn = (tag: DocTag, on: string, fix: string): void => {
    const key = `${tag.file}:${tag.start}`
    if (seen.has(key) || tag.file.includes('/node_modules/')) return
    seen.add(key)
    const message = `'@${tag.name}' on ${on} has no effect.`
    reporter.add('WV1016', tag, {
      message,
      why: "policies are read from the methods of the component's interface",
      fix,
    })
  }
  for (const { symbol, shortName } of components.values()) {
    for (const tag of policies(symbol)) {
      warn(tag, `the interface '${shortName}'`, `write '@${tag.name}' on each method that it is meant for`)
    }
  }
  for (const { declared, implements: clauses, test } of classes) {
    if (test) continue
    for (const component of clauses.flatMap((clause) => components.get(clause.symbol) ?? [])) {
      const interfaceMethods = new Map(
        view.members(view.declaredType(component.symbol)).map((member) => [member.name, member.symbol]),
      )
      for (const tag of policies(declared.symbol)) {
        warn(tag, `the class '${declared.name}'`, `write it on the methods of '${component.shortName}'`)
      }
      for (const member of view.members(view.declaredType(declared.symbol))) {
        const method = interfaceMethods.get(member.name)
        if (method === undefined || method === member.symbol) continue
        const repeated = new Set(policies(method).map((tag) => tag.name))
        for (const tag of policies(member.symbol)) {
          if (repeated.has(tag.name)) continue
          warn(tag, `'${declared.name}.${member.name}'`, `move it to '${component.shortName}.${member.name}'`)
        }
      }
    }
  }
}
