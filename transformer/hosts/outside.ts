/**
 * Sources that the tsconfig leaves out (tests, often) and that a host meets all the same. In goes such a file and the plan that
 * doesn't have it; out come all files to add to the program, so that a project's tests cost one analysis and not one each.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan } from '../plan.ts'

/** What a file must say to be worth adding to the program. */
const CONCERNS_US = /\bweavets\b|\.get\s*</

export function concernsUs(text: string): boolean {
  return CONCERNS_US.test(text)
}

const SKIPPED = /^(\.|node_modules$|dist$|build$|out$|coverage$)/
/** Folders and files looked at, so that a project at the root of something huge costs a bounded time. */
const ENTRIES_MAX = 20_000

/** `path`, and every other file under the project's root that concerns us and isn't in the plan. */
export function outsiders(path: string, plan: Plan): string[] {
  const found = new Set([path])
  const folders = [plan.root]
  let left = ENTRIES_MAX
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (--left < 0) return [...found]
      const each = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!SKIPPED.test(entry.name)) folders.push(each)
      } else if (/\.[cm]?tsx?$/.test(entry.name) && !/\.d\.[cm]?ts$/.test(entry.name) && !plan.includes(each)) {
        if (concernsUs(readFileSync(each, 'utf8'))) found.add(each)
      }
    }
  }
  return [...found].sort()
}
