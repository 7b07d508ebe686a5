/**
 * A table: the compilers' kinds of nodes, by their own names, as the kinds and roles of the neutral tree (syntax.ts). A kind that isn't
 * here is `other` (or `type`), and its children are read all the same.
 */
import type { SyntaxKind, SyntaxRole } from './syntax.ts'

type Roles = Readonly<Record<string, SyntaxRole>>
/** What a kind of the compilers is here: its kind, and which of its members are which roles. */
export interface Form {
  readonly kind: SyntaxKind
  readonly roles: Roles
  readonly text?: string
}

const FUNCTION_ROLES: Roles = { name: 'name', parameters: 'parameter', type: 'type', body: 'body' }
const ACCESS: Roles = { expression: 'object', name: 'name', argumentExpression: 'index' }
const CALL: Roles = { expression: 'callee', arguments: 'argument', typeArguments: 'typeArgument' }
const OPERAND: Roles = { expression: 'operand', operand: 'operand', type: 'type' }
const CLASS: Roles = { name: 'name', members: 'member' }
const DECLARED: Roles = { name: 'name', type: 'type', initializer: 'value' }
const BRANCH: Roles = {
  expression: 'condition',
  condition: 'condition',
  thenStatement: 'then',
  whenTrue: 'then',
  elseStatement: 'else',
  whenFalse: 'else',
}

/** By the compilers' name of a kind. */
export const FORMS: Readonly<Record<string, Form>> = {
  SourceFile: { kind: 'file', roles: {} },
  Identifier: { kind: 'identifier', roles: {} },
  PrivateIdentifier: { kind: 'identifier', roles: {} },
  ThisKeyword: { kind: 'this', roles: {} },
  SuperKeyword: { kind: 'super', roles: {} },
  NumericLiteral: { kind: 'literal', roles: {} },
  BigIntLiteral: { kind: 'literal', roles: {} },
  StringLiteral: { kind: 'literal', roles: {} },
  RegularExpressionLiteral: { kind: 'literal', roles: {} },
  NoSubstitutionTemplateLiteral: { kind: 'literal', roles: {} },
  TemplateHead: { kind: 'literal', roles: {} },
  TemplateMiddle: { kind: 'literal', roles: {} },
  TemplateTail: { kind: 'literal', roles: {} },
  JsxText: { kind: 'literal', roles: {} },
  NullKeyword: { kind: 'literal', roles: {} },
  TrueKeyword: { kind: 'literal', roles: {} },
  FalseKeyword: { kind: 'literal', roles: {} },
  PropertyAccessExpression: { kind: 'member', roles: ACCESS },
  ElementAccessExpression: { kind: 'element', roles: ACCESS },
  CallExpression: { kind: 'call', roles: CALL },
  NewExpression: { kind: 'new', roles: CALL },
  AwaitExpression: { kind: 'keyword', roles: OPERAND, text: 'await' },
  VoidExpression: { kind: 'keyword', roles: OPERAND, text: 'void' },
  DeleteExpression: { kind: 'keyword', roles: OPERAND, text: 'delete' },
  TypeOfExpression: { kind: 'keyword', roles: OPERAND, text: 'typeof' },
  YieldExpression: { kind: 'keyword', roles: OPERAND, text: 'yield' },
  PrefixUnaryExpression: { kind: 'prefix', roles: OPERAND },
  PostfixUnaryExpression: { kind: 'postfix', roles: OPERAND },
  BinaryExpression: { kind: 'binary', roles: { left: 'left', right: 'right' } },
  ConditionalExpression: { kind: 'conditional', roles: BRANCH },
  AsExpression: { kind: 'cast', roles: OPERAND, text: 'as' },
  TypeAssertionExpression: { kind: 'cast', roles: OPERAND, text: 'as' },
  SatisfiesExpression: { kind: 'cast', roles: OPERAND, text: 'satisfies' },
  NonNullExpression: { kind: 'cast', roles: OPERAND, text: '!' },
  ArrayLiteralExpression: { kind: 'array', roles: { elements: 'element' } },
  ObjectLiteralExpression: { kind: 'object', roles: { properties: 'element' } },
  SpreadElement: { kind: 'spread', roles: OPERAND },
  SpreadAssignment: { kind: 'spread', roles: OPERAND },
  PropertyAssignment: { kind: 'property', roles: { name: 'name', initializer: 'value' } },
  ShorthandPropertyAssignment: { kind: 'property', roles: { name: 'name' }, text: 'shorthand' },
  FunctionDeclaration: { kind: 'function', roles: FUNCTION_ROLES, text: 'declaration' },
  FunctionExpression: { kind: 'function', roles: FUNCTION_ROLES, text: 'expression' },
  ArrowFunction: { kind: 'function', roles: FUNCTION_ROLES, text: 'arrow' },
  MethodDeclaration: { kind: 'function', roles: FUNCTION_ROLES, text: 'method' },
  Constructor: { kind: 'function', roles: FUNCTION_ROLES, text: 'constructor' },
  GetAccessor: { kind: 'function', roles: FUNCTION_ROLES, text: 'get' },
  SetAccessor: { kind: 'function', roles: FUNCTION_ROLES, text: 'set' },
  ClassStaticBlockDeclaration: { kind: 'function', roles: FUNCTION_ROLES, text: 'static' },
  ClassDeclaration: { kind: 'class', roles: CLASS, text: 'declaration' },
  ClassExpression: { kind: 'class', roles: CLASS, text: 'expression' },
  PropertyDeclaration: { kind: 'field', roles: DECLARED },
  Parameter: { kind: 'parameter', roles: DECLARED },
  VariableDeclarationList: { kind: 'variables', roles: { declarations: 'element' } },
  VariableDeclaration: { kind: 'variable', roles: DECLARED },
  ObjectBindingPattern: { kind: 'pattern', roles: { elements: 'element' }, text: 'object' },
  ArrayBindingPattern: { kind: 'pattern', roles: { elements: 'element' }, text: 'array' },
  BindingElement: { kind: 'binding', roles: { propertyName: 'property', name: 'name', initializer: 'value' } },
  ExpressionStatement: { kind: 'statement', roles: { expression: 'expression' } },
  Block: { kind: 'block', roles: {} },
  ModuleBlock: { kind: 'block', roles: {}, text: 'namespace' },
  CaseBlock: { kind: 'block', roles: {} },
  ReturnStatement: { kind: 'return', roles: OPERAND },
  ThrowStatement: { kind: 'throw', roles: OPERAND },
  IfStatement: { kind: 'if', roles: BRANCH },
  ForStatement: {
    kind: 'loop',
    roles: { initializer: 'initializer', condition: 'condition', incrementor: 'update', statement: 'body' },
    text: 'for',
  },
  ForInStatement: {
    kind: 'loop',
    roles: { initializer: 'initializer', expression: 'iterated', statement: 'body' },
    text: 'for-in',
  },
  ForOfStatement: {
    kind: 'loop',
    roles: { initializer: 'initializer', expression: 'iterated', statement: 'body' },
    text: 'for-of',
  },
  WhileStatement: { kind: 'loop', roles: { expression: 'condition', statement: 'body' }, text: 'while' },
  DoStatement: { kind: 'loop', roles: { statement: 'body', expression: 'condition' }, text: 'do' },
  SwitchStatement: { kind: 'switch', roles: { expression: 'operand' } },
  CaseClause: { kind: 'other', roles: { expression: 'condition' } },
  BreakStatement: { kind: 'break', roles: { label: 'name' } },
  ContinueStatement: { kind: 'continue', roles: { label: 'name' } },
  TryStatement: { kind: 'try', roles: { tryBlock: 'body', catchClause: 'catch', finallyBlock: 'finally' } },
  CatchClause: { kind: 'catch', roles: { variableDeclaration: 'parameter', block: 'body' } },
  ImportDeclaration: { kind: 'import', roles: { moduleSpecifier: 'from' } },
  ImportClause: { kind: 'import-name', roles: { name: 'name' } },
  NamespaceImport: { kind: 'import-name', roles: { name: 'name' } },
  ImportSpecifier: { kind: 'import-name', roles: { propertyName: 'property', name: 'name' } },
  TypeReference: { kind: 'type-reference', roles: { typeName: 'name', typeArguments: 'typeArgument' } },
}
