/**
 * Why an interface below `Component` is no component of the application after all. In goes its symbol; out come the code and
 * the sentences for whoever meets it: a constructor parameter, an `implements` clause, a call of `get`.
 */
import type { CheckerView, SymbolHandle, TypeHandle } from '../../checker/view.ts'
import type { Code } from '../../diagnostics/catalogue.ts'

export interface Unnamed {
  readonly code: Code
  readonly message: string
  readonly why: string
  readonly fix: string
}

export function whyUnnamed(view: CheckerView, symbol: SymbolHandle, type: TypeHandle): Unnamed {
  const name = view.symbolName(symbol)
  const namespace = view.namespaces(symbol).join('.')
  if (namespace !== '') {
    return {
      code: 'WV1017',
      message: `'${namespace}.${name}' is declared inside a namespace, and a component is declared at the top level of a module.`,
      why: "a component's name is its module and its interface, and both are imported by generated code",
      fix: `move '${name}' out of the namespace '${namespace}', and export it from the module`,
    }
  }
  const text = view.text(type)
  if (view.typeArguments(type).length > 0) {
    const alias = text.includes('<') ? '' : ` is a '${name}<…>', which`
    return {
      code: 'WV1005',
      message: `'${text}'${alias} takes type arguments, and a component has none.`,
      why: 'a component is one thing with one name in the whole application',
      fix: `declare 'interface Some${name} extends ${text}' and use that`,
    }
  }
  return {
    code: 'WV1017',
    message: `'${text}' extends 'Component', but it is not one of the components of this application.`,
    why: 'a component is declared at the top level of a module of the project, outside of tests, under a name of its own',
    fix: `declare '${name}' there, and export it`,
  }
}
