/** Comments that suppress a warning, what is wrong with them, and the severities of weave.config.ts. */
import { describe, expect, test } from 'vitest'
import { sentenceOf } from '../../deployer/config/problem.ts'
import { checkConfig } from '../../deployer/config/settings.ts'
import type { Diagnostic } from '../../transformer/diagnostics/diagnostic.ts'
import { applyEdits } from '../../transformer/diagnostics/fixes/apply.ts'
import type { DiagnosticSettings } from '../../transformer/diagnostics/severity.ts'
import { openPlan } from '../../transformer/plan.ts'
import { analyseProgram, lineIn, PRELUDE, writeFiles } from './project.ts'

const shown = (found: readonly Diagnostic[]): string[] =>
  found.map((each) => `${each.severity} ${each.code} ${lineIn(each)}`)
const report = (program: string, diagnostics = {}): string[] => shown(analyseProgram(program, { diagnostics }))

describe('a suppression', () => {
  test.for([
    [
      'on the line before',
      'export function go(log: Log) {\n  // weave-ignore WV3007: fire and forget\n  log.note("x")\n}\n',
    ],
    [
      'at the end of the line',
      'export function go(log: Log) {\n  log.note("x") // weave-ignore WV3007: fire and forget\n}\n',
    ],
    [
      'in a block comment',
      'export function go(log: Log) {\n  /* weave-ignore WV3007: fire and forget */\n  log.note("x")\n}\n',
    ],
    [
      'over several lines',
      'export function go(log: Log) {\n  /* weave-ignore WV3007: fire\n     and forget */\n  log.note("x")\n}\n',
    ],
    [
      'on the same line, before',
      'export function go(log: Log) {\n  /* weave-ignore WV3007: why not */ log.note("x")\n}\n',
    ],
    [
      'with other comments between',
      'export function go(log: Log) {\n  // weave-ignore WV3007: fire and forget\n  // It is only a note.\n\n  log.note("x")\n}\n',
    ],
    [
      'with @ and a dash',
      'export function go(log: Log) {\n  // @weave-ignore WV3007 -- fire and forget\n  log.note("x")\n}\n',
    ],
    [
      'of several codes',
      'export async function go(log: Log, all: string[]) {\n  // weave-ignore WV3007, WV3016: fire and forget\n  for (const each of all) { log.note(each); await log.note(each) }\n}\n',
    ],
  ])('works %s', ([, program]) => {
    expect(report(program!)).toEqual([])
  })

  test('two of them before one line', () => {
    const body =
      '  // weave-ignore WV3007: a\n  // weave-ignore WV3016: b\n  for (const each of all) { log.note(each); await log.note(each) }\n'
    expect(report(`export async function go(log: Log, all: string[]) {\n${body}}\n`)).toEqual([])
  })

  test('speaks of one line and one code', () => {
    const body = '  // weave-ignore WV3007: once\n  log.note("x")\n  log.note("y")\n'
    expect(report(`export function go(log: Log) {\n${body}}\n`)).toEqual(['warning WV3007 4'])
    expect(report('export function go(log: Log) {\n  // weave-ignore WV3016: wrong one\n  log.note("x")\n}\n')).toEqual(
      ['warning WV9021 2', 'warning WV3007 3'],
    )
  })

  test('needs a reason', () => {
    const program = 'export function go(log: Log) {\n  // weave-ignore WV3007\n  log.note("x")\n}\n'
    const [found] = analyseProgram(program)
    expect(shown([found!])).toEqual(['warning WV9020 2'])
    expect(found!.message).toBe("'WV3007' is suppressed without a reason.")
    expect(report(program.replace('WV3007', 'WV3007:'))).toEqual(['warning WV9020 2'])
  })

  test('of no effect is reported, and can be removed', () => {
    const program =
      'export async function go(log: Log) {\n  // weave-ignore WV3007: was once\n  await log.note("x") // weave-ignore WV3016: not a loop\n}\n'
    const found = analyseProgram(program)
    expect(shown(found)).toEqual(['warning WV9021 2', 'warning WV9021 3'])
    const edits = found.flatMap(({ fixes }) => fixes![0]!.edits)
    expect(found.every(({ fixes }) => fixes![0]!.safe)).toBe(true)
    expect(applyEdits(PRELUDE + program, edits)).toBe(
      `${PRELUDE}export async function go(log: Log) {\n  await log.note("x")\n}\n`,
    )
  })

  test('of an unknown code, with the code that was meant', () => {
    const of = (code: string) =>
      analyseProgram(`export async function go(log: Log) {\n  // weave-ignore ${code}: why\n  await log.note("x")\n}\n`)
    expect(shown(of('WV3777'))).toEqual(['warning WV9022 2'])
    expect(of('wv3007')[0]).toMatchObject({ code: 'WV9022', fix: "did you mean 'WV3007' (floating-call)?" })
    expect(of('floating-call')[0]).toMatchObject({ code: 'WV9022', fix: "did you mean 'WV3007' (floating-call)?" })
    expect(of('flaoting-call')[0]!.fixes![0]!.edits[0]!.text).toBe('WV3007')
    expect(shown(analyseProgram('// weave-ignore\nexport {}\n'))).toEqual(['warning WV9022 1'])
  })

  test('of an error is refused', () => {
    const program = 'export interface Bad extends Component {\n  // weave-ignore WV1001: no\n  add(): number\n}\n'
    const found = analyseProgram(program)
    expect(shown(found)).toEqual(['warning WV9022 2', 'error WV1001 3'])
    expect(found[0]!.message).toBe("'WV1001' is an error, and an error cannot be suppressed.")
  })

  test('in a string or template is text', () => {
    expect(
      report(
        `export const a = '// weave-ignore WV3007'\nexport const b = \`\n// weave-ignore WV3007 \${a}\n// weave-ignore nothing\`\n`,
      ),
    ).toEqual([])
  })

  test('quoted in another comment is prose', () => {
    expect(
      report('/**\n * Write `// weave-ignore WV3007: why`.\n */\n// Such as // weave-ignore WV3007\nexport {}\n'),
    ).toEqual([])
  })

  test('of an older warning', () => {
    const program =
      'export class Notes implements Log {\n  // weave-ignore WV1016: kept as a note\n  /** @idempotent */\n  async note(_text: string) {}\n}\n'
    expect(report(program)).toEqual([])
  })
})

describe('weave.config.ts', () => {
  const program = 'export function go(log: Log) {\n  log.note("x")\n}\n'

  test('turns a warning off, or into an error', () => {
    expect(report(program)).toEqual(['warning WV3007 2'])
    expect(report(program, { WV3007: 'off' })).toEqual([])
    expect(report(program, { WV3007: 'error' })).toEqual(['error WV3007 2'])
    expect(report(program, { WV3007: 'warning' })).toEqual(['warning WV3007 2'])
  })

  test('an error made of a warning can be suppressed; a suppression of what is off is no mistake', () => {
    const suppressed = program.replace('  log', '  // weave-ignore WV3007: fire and forget\n  log')
    expect(report(suppressed, { WV3007: 'error' })).toEqual([])
    expect(report(suppressed, { WV3007: 'off' })).toEqual([])
    expect(report(suppressed.replace(': fire and forget', ''), { WV9020: 'off' })).toEqual([])
    expect(report(suppressed.replace('WV3007', 'WV3016'), { WV9021: 'error' })).toEqual([
      'error WV9021 2',
      'warning WV3007 3',
    ])
  })

  test('cannot turn an error down, nor name a code that does not exist', () => {
    const found = analyseProgram('export interface Bad extends Component { add(): number }\n', {
      diagnostics: { WV1001: 'off', WV3700: 'error', 'call-in-lop': 'off' },
    })
    expect(found.map(({ code, message, fix }) => `${code} ${message} ${fix}`)).toEqual([
      "WV3008 weave.config.ts: diagnostics: there is no diagnostic 'WV3700'. 'weave explain' lists the codes",
      "WV3008 weave.config.ts: diagnostics: there is no diagnostic 'call-in-lop'. did you mean 'WV3016' (call-in-loop)?",
      "WV3014 weave.config.ts: diagnostics: 'WV1001' is an error, and cannot be 'off'. remove the setting, and correct what is reported",
      expect.stringMatching(/^WV1001 /),
    ])
  })

  test('reaches the analysis through a plan, and its cache', () => {
    const planned = (diagnostics: DiagnosticSettings): string[] => {
      const planner = openPlan({ from: writeFiles({ 'src/shop.ts': PRELUDE + program }), config: { diagnostics } })
      try {
        return shown(planner.refresh().analysis.diagnostics)
      } finally {
        planner.close()
      }
    }
    expect(planned({})).toEqual(['warning WV3007 2'])
    expect(planned({ WV3007: 'error' })).toEqual(['error WV3007 2'])
    expect(planned({ WV3007: 'off' })).toEqual([])
  })

  test('is checked like the rest of it', () => {
    expect(checkConfig({ diagnostics: { WV3016: 'error', WV2011: 'off' } })).toEqual([])
    expect(checkConfig({ diagnostics: { WV3016: 'none' } }).map((each) => sentenceOf(each, 'weave.config.ts'))).toEqual(
      ['weave.config.ts: "diagnostics.WV3016" must be "off", "warning" or "error"; it is the string "none".'],
    )
  })
})
