/** The three forms of a diagnostic: text for a terminal, JSON, and the order in which they come. */
import { describe, expect, test } from 'vitest'
import { CATALOGUE } from '../../transformer/diagnostics/catalogue.ts'
import { createDiagnostic, sortDiagnostics } from '../../transformer/diagnostics/create.ts'
import { formatDiagnostics } from '../../transformer/diagnostics/format.ts'
import { toJson } from '../../transformer/diagnostics/json.ts'

const text = `import type { Socket } from 'node:net'

export interface Cart extends Component {
\tadd(socket: Socket): Promise<void>
}
`
const start = text.indexOf('Socket)')
const socket = createDiagnostic(
  'WV2006',
  { file: 'src/cart.ts', text, start, end: start + 6 },
  {
    message: "'add(socket)' is a 'Socket', which cannot leave its process.",
    why: 'it holds an open handle, so it has no codec',
    fix: "pass 'socket.remoteAddress'",
    path: 'add(socket)',
    related: [
      { file: '../node_modules/@types/node/net.d.ts', line: 112, column: 5, message: "'Socket' is declared here" },
      { file: 'src/b.ts', line: 3, column: 1, message: "also reached by 'put(s)'" },
    ],
  },
)
const noFile = createDiagnostic('WV9001', undefined, { message: "'strictNullChecks' is off.", why: 'why', fix: 'do' })
const warning = createDiagnostic(
  'WV1014',
  { file: 'src/cart.ts', text, start: 0, end: 6 },
  { message: 'm', why: 'w', fix: 'f' },
)
const options = { root: '/app', readFile: (path: string) => (path === '/app/src/cart.ts' ? text : undefined) }

describe('formatDiagnostics', () => {
  test('what, the code around it, why, and what to do', () => {
    expect(
      formatDiagnostics([socket], options),
    ).toBe(`src/cart.ts:4:14 WV2006 'add(socket)' is a 'Socket', which cannot leave its process.
  3 | export interface Cart extends Component {
  4 | \tadd(socket: Socket): Promise<void>
    | \t            ~~~~~~
  why  it holds an open handle, so it has no codec   (net.d.ts:112)
       src/b.ts:3  also reached by 'put(s)'
  fix  pass 'socket.remoteAddress'
`)
  })

  test('without a file, without its text, a warning, none', () => {
    expect(formatDiagnostics([noFile], options)).toBe("WV9001 'strictNullChecks' is off.\n  why  why\n  fix  do\n")
    expect(formatDiagnostics([warning], { ...options, readFile: () => undefined })).toBe(
      'src/cart.ts:1:1 WV1014 warning m\n  why  w\n  fix  f\n',
    )
    expect(formatDiagnostics([], options)).toBe('')
  })

  test('paints only what it is given paint for', () => {
    const wrap = (name: string) => (part: string) => `<${name}>${part}</${name}>`
    const paint = { error: wrap('e'), warning: wrap('w'), place: wrap('p'), dim: wrap('d') }
    const painted = formatDiagnostics([socket], { ...options, paint })
    expect(painted).toContain('<p>src/cart.ts:4:14 </p><e>WV2006</e>')
    expect(painted).toContain('<e>~~~~~~</e>')
    expect(painted.replace(/<\/?[ewpd]>/g, '')).toBe(formatDiagnostics([socket], options))
  })

  test('a span over several lines is underlined to the end of its first', () => {
    const long = createDiagnostic(
      'WV2006',
      { file: 'src/cart.ts', text, start: text.indexOf('export'), end: text.length },
      { message: 'm', why: 'w', fix: 'f' },
    )
    expect(formatDiagnostics([long], options)).toContain(
      `    | ${'~'.repeat('export interface Cart extends Component {'.length)}\n`,
    )
  })
})

describe('a long line', () => {
  const shownFor = (before: number, after: number): string[] => {
    const long = `${'a'.repeat(before)}SOCKET${'z'.repeat(after)}\n`
    const span = { file: 'src/long.ts', text: long, start: before, end: before + 6 }
    const found = createDiagnostic('WV2006', span, { message: 'm', why: 'w', fix: 'f' })
    return formatDiagnostics([found], { root: '/app', readFile: () => long }).split('\n')
  }

  test.for([
    [500, 500],
    [500, 0],
    [0, 500],
    [79, 500],
    [80, 81],
    [158, 10],
  ])('is cut around the culprit: %d before, %d after', ([before, after]) => {
    const [, source, underline] = shownFor(before!, after!)
    expect(source!.length).toBeLessThan(175)
    expect(source!.slice(underline!.indexOf('~'), underline!.lastIndexOf('~') + 1)).toBe('SOCKET')
    expect(source!.includes('| …')).toBe(before! >= 80)
    expect(source!.endsWith('…')).toBe(after! > 110)
  })

  test('is whole as long as it fits', () => {
    expect(shownFor(100, 54)[1]).toBe(`  1 | ${'a'.repeat(100)}SOCKET${'z'.repeat(54)}`)
  })
})

describe('toJson', () => {
  test('lines and columns of both ends', () => {
    expect(toJson([socket, noFile], options)).toEqual([
      {
        code: 'WV2006',
        severity: 'error',
        file: 'src/cart.ts',
        line: 4,
        column: 14,
        endLine: 4,
        endColumn: 20,
        message: socket.message,
        why: socket.why,
        fix: socket.fix,
        path: 'add(socket)',
        docs: 'docs/diagnostics/WV2006.md',
        related: socket.related,
        fixes: [],
      },
      expect.objectContaining({ code: 'WV9001', file: null, line: 1, column: 1 }),
    ])
  })
})

test('sorted by file, position and code', () => {
  expect(sortDiagnostics([socket, warning, noFile]).map(({ code }) => code)).toEqual(['WV9001', 'WV1014', 'WV2006'])
})

test('the catalogue: names are unique, texts are sentences', () => {
  const entries = Object.values(CATALOGUE)
  expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length)
  for (const { explanation } of entries) expect(explanation).toMatch(/[.]$/)
})
