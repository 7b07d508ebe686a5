/**
 * Which files an edit reaches: in go the links of a program before and after it; out come the files of which an answer may be
 * another one now. Undefined means all of them.
 */
import type { FileLinks } from '../../checker/view.ts'

type Files = ReadonlyMap<string, FileLinks>

export function affectedBy(before: Files, after: Files): ReadonlySet<string> | undefined {
  if (before.size !== after.size) return undefined
  const importers = new Map<string, string[]>()
  const pending: string[] = []
  for (const [path, now] of after) {
    const then = before.get(path)
    if (then === undefined) return undefined
    const edited = then.version !== now.version
    if (edited && (now.fixed || now.global || then.global)) return undefined
    // The same text may mean another file, when `paths` or a package.json says so.
    if (edited || !equal(then.imports, now.imports)) pending.push(path)
    for (const each of now.imports) {
      const known = importers.get(each)
      if (known === undefined) importers.set(each, [path])
      else known.push(path)
    }
  }
  const affected = new Set<string>()
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (affected.has(path)) continue
    // What it says of things that nobody imports may be another thing now, though it is as it was itself.
    if (after.get(path)?.global) return undefined
    affected.add(path)
    pending.push(...(importers.get(path) ?? []))
  }
  return affected
}

const equal = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each, at) => each === b[at])
