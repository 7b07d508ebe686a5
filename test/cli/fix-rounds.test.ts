/** `weave check --fix` with fixes that are wrong: that break a file, that mend nothing, that overlap, that undo each other. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixProject } from '../../cli/check/fix.ts'
import type { OpenedProject } from '../../cli/check.ts'
import { createDiagnostic } from '../../transformer/diagnostics/create.ts'
import type { Diagnostic, Fix } from '../../transformer/diagnostics/diagnostic.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'weave-fix-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const FILE = 'src/a.ts'
const path = (): string => join(root, FILE)
const now = (): string => readFileSync(path(), 'utf8')

/** Where a CI shows colours, they are no part of what is said. */
const reportOf = (opened: OpenedProject, unsafe: boolean): string =>
  stripVTControlCharacters(fixProject(opened, unsafe).report)

/** A project of one file whose reports are what `check` finds in its text; a `}` too many is a syntax error. */
function project(text: string, check: (text: string) => Diagnostic[]): OpenedProject {
  mkdirSync(dirname(path()))
  writeFileSync(path(), text)
  let analyses = 0
  const refresh = () => {
    if (++analyses > 30) throw new Error('it goes on for ever')
    const found = now()
    const broken = found.includes('}}') ? [report('WV9015', found, '}}', [])] : []
    return {
      root,
      analysis: { diagnostics: [...broken, ...check(found)] },
      includes: () => true,
      readFile: () => found,
    }
  }
  return {
    planner: { refresh } as unknown as OpenedProject['planner'],
    diagnose: (plan) => plan.analysis.diagnostics,
  }
}

function report(code: 'WV9015' | 'WV3007', text: string, word: string, fixes: Fix[]): Diagnostic {
  const start = text.indexOf(word)
  return createDiagnostic(
    code,
    { file: FILE, text, start, end: start + word.length },
    { message: `'${word}' is wrong.`, why: '', fix: '', fixes },
  )
}

const replace = (text: string, word: string, by: string, id = by): Fix => {
  const start = text.indexOf(word)
  return { id, title: `Write '${by}'`, safe: true, edits: [{ file: FILE, start, end: start + word.length, text: by }] }
}

const each = (text: string, words: readonly string[], make: (word: string) => Fix[]): Diagnostic[] =>
  words.filter((word) => text.includes(word)).map((word) => report('WV3007', text, word, make(word)))

test('a fix whose report stays is taken back, said, and not made again; the others are', () => {
  const opened = project('one two three', (text) =>
    each(text, ['one', 'two'], (word) => [
      word === 'one' ? replace(text, 'one', 'very one', 'more') : replace(text, 'two', 'TWO'),
    ]),
  )
  const report = reportOf(opened, false)
  expect(now()).toBe('one TWO three')
  expect(report.split('\n')).toEqual([
    "fixed src/a.ts:1:5 WV3007 Write 'TWO'",
    "left src/a.ts:1:1 WV3007 Write 'very one' (it would be reported all the same)",
    '1 fix in 1 file',
    '',
    '',
  ])
})

test('a fix that breaks the syntax is taken back; the others are made', () => {
  const opened = project('one { two }', (text) =>
    each(text, ['one', 'two'], (word) => [
      word === 'one' ? replace(text, 'one', 'ONE') : replace(text, 'two', 'two }}', 'break'),
    ]),
  )
  expect(reportOf(opened, false)).toContain("Write 'two }}' (the file would not parse any more)")
  expect(now()).toBe('ONE { two }')
})

test('of two that overlap one is made, and the other in the next round if it is still asked for', () => {
  const opened = project('one two', (text) => [
    ...each(text, ['one'], () => [replace(text, 'one two', '1 two')]),
    ...each(text, ['two'], () => [replace(text, 'two', '2')]),
  ])
  fixProject(opened, false)
  expect(now()).toBe('1 2')
})

test('two that undo each other end', () => {
  const opened = project('on', (text) => [
    ...each(text, ['on'], () => [replace(text, 'on', 'off')]),
    ...each(text, ['off'], () => [replace(text, 'off', 'on')]),
  ])
  fixProject(opened, false)
  expect(['on', 'off']).toContain(now())
})

test('a choice is left to a person, and so is one of several of a kind', () => {
  const opened = project('one two', (text) =>
    each(text, ['one', 'two'], (word) =>
      word === 'one'
        ? [{ ...replace(text, 'one', '1'), choice: true }]
        : [replace(text, 'two', '2', 'number'), replace(text, 'two', '3', 'number')],
    ),
  )
  expect(reportOf(opened, true)).toBe('Nothing could be mended.\n')
  expect(now()).toBe('one two')
})
