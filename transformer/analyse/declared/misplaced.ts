/**
 * Policies that stand where nobody reads them: on the implementing class or its methods, on an interface as a whole, in a comment
 * that belongs to no method or is no doc comment. In go the found components and classes; out come warnings. A tag that the interface's own method repeats is left alone.
 */
import type { CheckerView, DocTag, Place, SymbolHandle } from '../../checker/view.ts'
import { SourceTokens } from '../../diagnostics/fixes/tokens.ts'
import type { Recall } from '../again/memory.ts'
import { kindOfNote } from '../again/notes.ts'
import type { Fixes } from '../report/fixes.ts'
import type { Reporter } from '../report/report.ts'
import type { FoundClass, FoundComponent } from './find.ts'
import { isLikePolicy } from './tags.ts'

export interface MisplacedInput {
  readonly view: CheckerView
  readonly reporter: Reporter
  readonly fixes: Fixes
  readonly components: ReadonlyMap<SymbolHandle, FoundComponent>
  readonly classes: readonly FoundClass[]
  readonly recall: Recall | undefined
}

/** There is nothing to warn of. */
const WELL_PLACED = kindOfNote<true>('policies in their places')

export function reportMisplaced({ view, reporter, fixes, components, classes, recall }: MisplacedInput): void {
  const seen = new Set<string>()
  let met = 0
  const policies = (symbol: SymbolHandle): DocTag[] => view.docTags(symbol).filter(isLikePolicy)
  const warn = (tag: DocTag, on: string, fix: string, to?: Place): void => {
    met++
    const key = `${tag.file}:${tag.start}`
    if (seen.has(key) || tag.file.includes('/node_modules/')) return
    seen.add(key)
    const message = `'@${tag.name}' on ${on} has no effect.`
    reporter.add('WV1016', tag, {
      message,
      why: "policies are read from the methods of the component's interface",
      fix,
      fixes: [to && fixes.movePolicy(tag, to)],
    })
  }
  const lookAtComponent = (component: FoundComponent): void => {
    const { symbol, shortName } = component
    for (const tag of strayTags(view, component)) {
      const of = tag.doc ? 'a comment that belongs to no method' : 'a comment that is no doc comment'
      const advice = tag.doc
        ? 'put the comment directly before the method'
        : `write it in a doc comment: /** @${tag.name} … */`
      warn(tag, of, advice)
    }
    for (const tag of policies(symbol)) {
      warn(tag, `the interface '${shortName}'`, `write '@${tag.name}' on each method that it is meant for`)
    }
  }
  const lookAtClass = ({ declared, implements: clauses }: FoundClass): void => {
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
          const [to] = view.declarationsOf(method)
          warn(tag, `'${declared.name}.${member.name}'`, `move it to '${component.shortName}.${member.name}'`, to)
        }
      }
    }
  }
  for (const each of components.values()) {
    if (recall?.findOfType(WELL_PLACED, each.nameSpan)) continue
    const before = met
    lookAtComponent(each)
    if (met === before) recall?.noteOfType(WELL_PLACED, true, each.nameSpan)
  }
  for (const each of classes) {
    const { declared, file, test } = each
    if (test || each.implements.length === 0 || !mayHavePolicies(each)) continue
    const id = String(declared.nameSpan.start)
    if (recall?.find(WELL_PLACED, file.path, id)) continue
    const before = met
    lookAtClass(each)
    if (met === before) recall?.note(WELL_PLACED, true, file.path, id)
  }
}

/** Its own are in its file, and those of a base class may be anywhere. */
function mayHavePolicies({ file, declared: { nameSpan, span } }: FoundClass): boolean {
  const head = file.text.slice(nameSpan.end, span.end).split('{', 1)[0]!
  return /\bextends\b/.test(head) || ANY_TAG.test(file.text)
}

const ANY_TAG = /@\w/
const POLICY = /@(idempotent|timeout)(?![\p{ID_Continue}$-])/gu

/** Policies in comments inside the interface that no method has: of a blank line's comment, of a line's end, of `//`. */
function strayTags(view: CheckerView, { symbol, span, file }: FoundComponent): (DocTag & { doc: boolean })[] {
  const text = file.text.slice(span.start, span.end)
  if (!/@(idempotent|timeout)/.test(text)) return []
  const members = view.members(view.declaredType(symbol))
  const read = new Set(
    members.flatMap((member) => view.docTags(member.symbol).map((tag) => `${tag.file}:${tag.start}`)),
  )
  return new SourceTokens(text).comments.flatMap((comment) => {
    const written = text.slice(comment.start, comment.end)
    return [...written.matchAll(POLICY)].flatMap((match) => {
      const start = span.start + comment.start + match.index
      // In prose a policy may be named without being meant: \`@timeout\`.
      if (read.has(`${file.path}:${start}`) || /[`\w]/.test(written[match.index - 1] ?? '')) return []
      const doc = written.startsWith('/**')
      const line = written.slice(written.lastIndexOf('\n', match.index) + 1, match.index)
      // In other comments only what stands where a tag would stand.
      if (!doc && !/^\s*(?:\/\/+|\/\*+|\*)?\s*$/.test(line)) return []
      return [{ name: match[1]!, text: '', file: file.path, start, end: start + match[0].length, doc }]
    })
  })
}
