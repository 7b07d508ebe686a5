/**
 * WV3017: a parameter, field or variable has the type of an implementing class, so that it can only hold an object of this process.
 * Constructor parameters that the runtime fills are WV3005, an error. Left alone: the module of the class itself, classes that
 * implement the same component, tests, components that a `provide` gives, and a variable whose value is `new` at that place.
 */
import { posix } from 'node:path'
import type { SyntaxNode } from '../../checker/syntax.ts'
import type { SourceFile } from '../../checker/view.ts'
import type { Fix } from '../../diagnostics/diagnostic.ts'
import { importType } from '../../diagnostics/fixes/imports.ts'
import { mentionsAny } from '../declared/text-facts.ts'
import { type Implementing, implementing, isOwn } from './bypass.ts'
import { bare, placeOf } from './nodes.ts'
import type { LintContext } from './rule.ts'

const TYPE = /:\s*([\w$\u0080-\uffff]+)/g

export function concreteType(context: LintContext): void {
  const implementations = implementing(context)
  const names = new Set([...implementations.values()].map(({ found }) => found.declared.name))
  const found: { file: SourceFile; name: SyntaxNode; holder: SyntaxNode }[] = []
  for (const file of context.files) {
    if (!mentionsAny(file, TYPE, names) || !context.isApplication(file.path)) continue
    for (const match of file.text.matchAll(TYPE)) {
      if (!names.has(match[1]!)) continue
      const name = context.view.syntax(file).at(match.index + match[0].length - match[1]!.length)
      const reference = name.kind === 'identifier' ? name.parent! : name
      const holder = reference.parent
      if (reference.kind !== 'type-reference' || reference.role !== 'type' || !holder || !isHolder(holder)) continue
      found.push({ file, name, holder })
    }
  }
  const symbols = context.view.symbolsAt(found.map(({ name }) => name))
  for (const [at, { file, name, holder }] of found.entries()) {
    const implementation = symbols[at] && implementations.get(symbols[at])
    if (!implementation || implementation.found.file.path === file.path || isOwn(context, name, implementation))
      continue
    if (isInjected(context, holder)) continue
    const { component } = implementation
    context.report('WV3017', placeOf(name), {
      message: `'${holder.child('name')?.text ?? 'the pattern'}' has the type of the class '${name.text}', so it can only be an object of this process.`,
      why: `'${name.text}' implements the component '${component.shortName}', which may run anywhere`,
      fix: `use '${component.shortName}'`,
      related: [{ place: component.nameSpan, message: `'${component.shortName}' is declared here` }],
      fixes: fixes(context, file, name, implementation),
    })
  }
}

const HOLDERS: ReadonlySet<SyntaxNode['kind']> = new Set(['parameter', 'field', 'variable'])

function isHolder(node: SyntaxNode): boolean {
  const value = node.child('value')
  return HOLDERS.has(node.kind) && (value === undefined || bare(value).kind !== 'new')
}

/** A constructor parameter of a class that the runtime constructs: WV3005 says it, as an error. */
function isInjected({ classes }: LintContext, holder: SyntaxNode): boolean {
  const owner = holder.kind === 'parameter' ? holder.parent! : undefined
  if (owner?.text !== 'constructor') return false
  const at = owner.parent?.child('name')?.start
  return classes.some(
    ({ file, declared }) => file.path === holder.file && declared.nameSpan.start === at && declared.hasHeritage,
  )
}

function fixes(context: LintContext, file: SourceFile, name: SyntaxNode, { component }: Implementing): Fix[] {
  const relative = (path: string): string => posix.relative(context.root, path)
  const imported = importType({
    file: relative(file.path),
    text: file.text,
    name: component.shortName,
    from: { file: relative(component.file.path) },
  })
  if (!imported) return []
  const edits = imported.edits.map((edit) => ({ ...edit, file: file.path }))
  const title = `Use the component '${imported.local}'`
  return [{ id: 'use-component', title, safe: false, edits: [{ ...placeOf(name), text: imported.local }, ...edits] }]
}
