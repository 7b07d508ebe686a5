/**
 * Advice for types that the user can't change, because a package declares them: the line of weave.config.ts that answers for the
 * member or the class; and for data of the user's that has methods. In goes a culprit; out comes what to do, or undefined where what is
 * said of any such type will do.
 */
import type { CheckerView, SymbolHandle } from '../../checker/view.ts'
import type { Code } from '../../diagnostics/catalogue.ts'
import { type Answers, packageOf, type Within } from './answers.ts'
import type { Culprit } from './refused.ts'

/** Data may be there, of which nobody says what it is. */
const ANY_DATA: ReadonlySet<Code> = new Set(['WV2001', 'WV2003', 'WV2007', 'WV2008', 'WV2009'])
const OPEN: ReadonlySet<Code> = new Set(['WV2001', 'WV2003'])
/** There is nothing that another process could do with it. */
const NO_DATA: ReadonlySet<Code> = new Set(['WV2004', 'WV2005', 'WV2006', 'WV2014', 'WV2015', 'WV2016', 'WV2017'])

/** More of them make the advice longer than what it is about. */
const NAMED_MAX = 4

export function wayOut(view: CheckerView, answers: Answers, { code, symbol, within }: Culprit): string | undefined {
  const isForeign = (each: SymbolHandle): boolean =>
    view.declarationsOf(each).length > 0 && view.declarationsOf(each).every(({ origin }) => origin !== 'project')
  const foreign = within && isForeign(within.symbol) ? within : undefined
  const member = foreign && foreign.path.length > 0 ? answers.nameFor(foreign) : undefined
  if (code === 'WV2005' && symbol && isForeign(symbol) && ['class', 'alias'].includes(view.symbolKind(symbol))) {
    const name = view.symbolName(symbol)
    const codec = `src/codecs.${name[0]?.toLowerCase()}${name.slice(1)}`
    const line = `types: { '${answers.nameFor({ symbol, path: [] })}': { codec: '${codec}' } }`
    return `write a 'Codec<${name}, …>', and name it in weave.config.ts: ${line}${member ? `; or leave it out: '${member}': 'omit'` : ''}`
  }
  if (code === 'WV2009' && symbol && isForeign(symbol)) {
    const line = `types: { '${answers.nameFor({ symbol, path: [] })}': 'json' }`
    return `say in weave.config.ts that it is Json wherever it occurs: ${line}`
  }
  const home = foreign && packageOf(view.declarationsOf(foreign.symbol)[0]?.file ?? '')
  if (OPEN.has(code) && foreign !== undefined && home !== undefined) {
    const all = `say in weave.config.ts that what '${home}' leaves open is Json: types: { '${home}': 'json' }`
    return member === undefined
      ? `${all}; or that the type alone is: '${answers.nameFor(foreign)}': 'json'`
      : `${all}; or answer for the member alone: '${member}': 'json', or 'omit' to leave it out`
  }
  if (code === 'WV2004' && within && foreign === undefined) return withoutMethods(view, within)
  if (member === undefined) return undefined
  if (ANY_DATA.has(code))
    return `say in weave.config.ts that it is Json, types: { '${member}': 'json' }, or leave it out: 'omit'`
  return NO_DATA.has(code) ? `leave it out in weave.config.ts: types: { '${member}': 'omit' }` : undefined
}

/** An entity's `total(): number` is no callback, and is called wherever the entity is. */
function withoutMethods(view: CheckerView, { symbol, path: [name, ...deeper] }: Within): string | undefined {
  if (view.symbolKind(symbol) !== 'interface' || name === undefined || deeper.length > 0) return undefined
  const methods = view.members(view.declaredType(symbol)).filter(({ kind }) => kind === 'method')
  if (!methods.some((method) => method.name === name)) return undefined
  const type = view.symbolName(symbol)
  const names = methods.length > NAMED_MAX ? '…' : methods.map((method) => `'${method.name}'`).join(' | ')
  return `pass the data without its methods, Omit<${type}, ${names}>, or a class in place of '${type}' that brings a codec`
}
