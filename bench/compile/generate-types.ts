/**
 * Texts of generated type and helper files (generate.ts puts a project together from them): the kinds of types that applications
 * have, each file using types of others, and plain functions over them.
 */

/** `Order<at>` and what it is made of; uses orders of other files. */
export function typesText(at: number, uses: readonly number[]): string {
  const imports = uses.map((use) => `import type { Line${use}, Order${use} } from './types${use}.ts'\n`).join('')
  const linked = uses
    .map((use) => `  | { kind: 'linked${use}'; line: Line${use}; order: Order${use} | null }\n`)
    .join('')
  const parents = uses.map((use) => `  parent${use}?: Order${use}\n`).join('')
  return `${imports}${imports === '' ? '' : '\n'}export type Status${at} = 'open' | 'paid' | 'sent' | 'lost' | 'back${at}'

export interface Money${at} {
  units: bigint
  currency: string
}

export interface Line${at} {
  sku: string
  quantity: number
  price: Money${at}
  tags: readonly string[]
  note?: string
}

export interface Address${at} {
  street: readonly [string, string?]
  city: string
  country: 'ch' | 'de' | 'fr' | 'us'
  position: { latitude: number; longitude: number } | null
}

export type Change${at} =
  | { kind: 'created'; at: Date; by: string }
  | { kind: 'changed'; at: Date; before: Line${at}; after: Line${at} }
  | { kind: 'moved'; to: Address${at}; reasons: Set<string> }
  | { kind: 'grouped'; inner: Change${at}[] }
${linked}
export interface Order${at} {
  id: string
  status: Status${at}
  lines: Line${at}[]
  ship: Address${at}
  bill: Partial<Address${at}>
  history: Change${at}[]
  totals: Map<string, Money${at}>
  meta: Record<string, string>
  patch?: Pick<Line${at}, 'sku' | 'quantity'>
${parents}}
`
}

/** Functions over the orders of some type files, and one that another helper offers. */
export function helperText(at: number, types: readonly number[], other: number | undefined): string {
  const imports = types
    .map((type) => `import type { Change${type}, Order${type} } from '../types/types${type}.ts'\n`)
    .join('')
  const functions = types
    .map(
      (type) => `
export function unitsOf${type}(order: Order${type}): bigint {
  return order.lines.reduce((sum, line) => sum + line.price.units * BigInt(line.quantity), 0n)
}

export function group${type}(orders: readonly Order${type}[]): Map<string, Order${type}[]> {
  const groups = new Map<string, Order${type}[]>()
  for (const order of orders) {
    const key = [order.ship.country, order.status].join(':')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [order])
    else group.push(order)
  }
  return groups
}

export function describe${type}(change: Change${type}): string {
  switch (change.kind) {
    case 'created':
      return \`created by \${change.by} at \${change.at.toISOString()}\`
    case 'changed':
      return \`\${change.before.sku} → \${change.after.sku}\`
    case 'moved':
      return [change.to.street[0], change.to.city, ...change.reasons].join(', ')
    case 'grouped':
      return change.inner.map(describe${type}).join('; ')
    default:
      return (change as { kind: string }).kind
  }
}
`,
    )
    .join('')
  return `${imports}${other === undefined ? '' : `import { weigh${other} } from './helper${other}.ts'\n`}${functions}
export function weigh${at}(count: number): number {
  const weights = Array.from({ length: 4 }, (_, index) => (index + 1) * count)
  const sum = weights.filter((weight) => weight % 2 === 0).reduce((total, weight) => total + weight, 0)
  return sum${other === undefined ? '' : ` + weigh${other}(count % 3)`} > 0 ? count : 0
}
`
}

/** A union of `members` objects, recursive through a node type: told by one member, or by two together as webhooks are. */
export function largestText(members: number, told: 1 | 2): string {
  const names = Array.from({ length: members }, (_, at) => at)
  const interfaces = names.map(
    (at) => `export interface Case${at} {
  ${told === 1 ? `type: 'case${at}'` : `type: 'case${at >> 1}'\n  action: 'of${at & 1}'`}
  id: string
  at: Date
  value${at}: ${at % 3 === 0 ? 'number' : at % 3 === 1 ? 'string | null' : 'readonly bigint[]'}
  next?: Largest
  nested: { rows: { key: string; cells: (number | string)[] }[]; of: Record<string, Node${at % 4}> }
}
`,
  )
  const nodes = [0, 1, 2, 3].map(
    (at) => `export interface Node${at} {
  name: string
  children: Node${(at + 1) % 4}[]
  body?: Largest
}
`,
  )
  return `${interfaces.join('\n')}\n${nodes.join('\n')}\nexport type Largest =\n${names.map((at) => `  | Case${at}\n`).join('')}`
}
