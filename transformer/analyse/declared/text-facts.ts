/**
 * What a file's text says about it at a glance, so that most files are never looked into. Kept as long as the file's object is, which a
 * warm view hands in again: to search all texts of a project after each keystroke costs more than all else that is done then.
 */
import type { SourceFile } from '../../checker/view.ts'

const known = new WeakMap<SourceFile, Map<string, boolean>>()

/** `pattern` has no `g`. */
export function matches(file: SourceFile, pattern: RegExp): boolean {
  let facts = known.get(file)
  if (facts === undefined) {
    facts = new Map()
    known.set(file, facts)
  }
  let found = facts.get(pattern.source)
  if (found === undefined) {
    found = pattern.test(file.text)
    facts.set(pattern.source, found)
  }
  return found
}

const namesByFile = new WeakMap<SourceFile, Map<string, ReadonlySet<string>>>()

/** The distinct names that `pattern`, which has a `g`, finds in its first group. */
export function namesIn(file: SourceFile, pattern: RegExp): ReadonlySet<string> {
  let facts = namesByFile.get(file)
  if (facts === undefined) {
    facts = new Map()
    namesByFile.set(file, facts)
  }
  let names = facts.get(pattern.source)
  if (names === undefined) {
    names = new Set(Array.from(file.text.matchAll(pattern), ([, name]) => name!))
    facts.set(pattern.source, names)
  }
  return names
}

export function mentionsAny(file: SourceFile, pattern: RegExp, names: ReadonlySet<string>): boolean {
  for (const name of namesIn(file, pattern)) if (names.has(name)) return true
  return false
}
