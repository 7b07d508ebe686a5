/**
 * `CheckerView` over a program of a TypeScript 7.1 server: the twin of view6.ts, which says what each answer means. What the
 * analysis is sure to ask is fetched ahead, in a few batches (view7-ahead.ts); trees are fetched only of files whose text
 * can hold what is looked for. The view dies with its snapshot. Types and symbols: view7-types.ts.
 */
import type { Links7 } from './links7.ts'
import { mayAwaitAtTop } from './module-kind.ts'
import type { SyntaxNode } from './syntax.ts'
import { syntax7 } from './syntax7.ts'
import type { Call, CallHandle, CheckerView } from './view.ts'
import { createAhead7 } from './view7-ahead.ts'
import { createAnswers7 } from './view7-answers.ts'
import type { Ast, Node, Program, Sync, Ts7 } from './view7-api.ts'
import { createFiles7, placeOf, type ReadText } from './view7-files.ts'
import { Reader, written } from './view7-reader.ts'
import { createTypes7 } from './view7-types.ts'
import type { Wire7 } from './wire7.ts'

export interface View7Input {
  readonly ts7: Ts7
  readonly api: Sync.API
  readonly wire: Wire7
  readonly links: Links7
  readonly program: Program
  /** A program that has the same tree of a file; one that lives longer keeps it for the next view. */
  readonly treesFrom: (path: string) => Program
  readonly readText: ReadText
}

export function createView7({ ts7, api, wire, links, program, treesFrom, readText }: View7Input): CheckerView {
  const { checker } = program.getProject()
  const options = program.getCompilerOptions()
  const answers = createAnswers7(api, program, checker, wire)
  const files = createFiles7({ ts7, program, treesFrom, readText })
  const types = createTypes7({ ts7, checker, answers, files })
  const reader = new Reader({ ts7, answers, files, types })
  const ahead = createAhead7({ ts7, answers, files, types, reader })
  const own = files.list.filter((file) => file.origin === 'project' && !file.declaration)
  const callees = (names: readonly Node[]): void => {
    answers.load(answers.symbolAt.requests(names))
    answers.load(answers.aliased.requests(names.flatMap((name) => reader.aliasAt(name))))
  }

  return {
    ...types.view,
    strictNullChecks: options.strictNullChecks ?? options.strict ?? true,
    files: () => files.list,
    marked: () => ahead.marked(),
    links: () => links.of({ ts7, program, answers, files: files.list }),
    expect: (components) => ahead.components(components),
    syntaxErrors(file) {
      if (!answers.syntaxErrors.has(file.path)) answers.load(answers.syntaxErrors.requests(own.map(({ path }) => path)))
      return answers.syntaxErrors.get(file.path).map((error) => ({
        file: file.path,
        start: error.pos,
        end: error.end,
        message: diagnosticText(error, ' '),
      }))
    },
    declarations(file) {
      ahead.declarations()
      return reader.declared(file).map((node) => reader.declaration(node))
    },
    calls(file, names) {
      const calling = written(names)
      if (!calling(file)) return []
      answers.load(files.trees(own.filter(calling).map(({ path }) => path)))
      const found = reader.calls(file).flatMap((node): Call[] => {
        const callee = reader.calleeName(node)
        if (!callee || !names.has(callee.text)) return []
        return [
          {
            handle: node as unknown as CallHandle,
            ...placeOf(node),
            callee: placeOf(callee),
            arguments: node.arguments.map((argument) => placeOf(argument)),
            typeArguments: (node.typeArguments ?? []).map((argument) => ({
              get type() {
                return types.asType(answers.typeAt.get(argument))
              },
              span: placeOf(argument),
            })),
          },
        ]
      })
      callees(found.flatMap(({ handle }) => reader.calleeName(ofCall(handle)) ?? []))
      return found
    },
    renames: (file) => reader.renames(file),
    exportedNames: (file) =>
      reader
        .exportedValues(file)
        .map((symbol) => symbol.name)
        .sort(),
    exportedValue(file, name) {
      const exported = reader.exportedValues(file).find((symbol) => symbol.name === name)
      return exported && types.valueDeclared(types.resolve(exported))
    },
    callee(call) {
      const name = reader.calleeName(ofCall(call))
      const symbol = name && answers.symbolAt.get(name)
      return symbol && types.asSymbol(types.resolve(symbol))
    },
    argumentSymbol: (call, position) => reader.argumentSymbol(ofCall(call), position),
    syntax: (file) => syntax7(ts7, files.tree(file.path)),
    topLevelAwait: ({ path }) =>
      mayAwaitAtTop(path, options.module, program.getSourceFileMetadata(path)?.impliedNodeFormat),
    symbolsAt(nodes) {
      const names = nodes.map(ofSyntax)
      callees(names)
      return names.map((name) => {
        const symbol = answers.symbolAt.get(name)
        return symbol && types.asSymbol(types.resolve(symbol))
      })
    },
    typesAt(nodes) {
      const asked = nodes.map(ofSyntax)
      answers.load(answers.typeAt.requests(asked))
      return asked.map((node) => types.asType(answers.typeAt.get(node)))
    },
    declarationsAt(file, offset) {
      const name = reader.nameAt(files.tree(file.path), offset)
      const symbol = name && answers.symbolAt.get(name)
      return symbol ? types.view.declarationsOf(types.asSymbol(types.resolve(symbol))).map((each) => each.nameSpan) : []
    },
  }
}

/** The casts are the view's own: handles are the API's objects. */
const ofCall = (call: CallHandle): Ast.CallExpression => call as unknown as Ast.CallExpression
const ofSyntax = (node: SyntaxNode): Node => node.handle as unknown as Node

export function diagnosticText(diagnostic: Sync.Diagnostic, separator: string, depth = 0): string {
  const indent = separator === '\n' ? '  '.repeat(depth) : ''
  const chain = (diagnostic.messageChain ?? []).map((each) => diagnosticText(each, separator, depth + 1))
  return [indent + diagnostic.text, ...chain].join(separator)
}
