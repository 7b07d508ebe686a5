/**
 * Many fixes at once. In go diagnostics with their fixes and the texts they were made for; out come new texts by file and the list
 * of what was applied. A fix is applied whole or not at all: one that touches what another has touched waits for the next round.
 */
import type { Diagnostic, Edit, Fix } from '../diagnostic.ts'

export interface AppliedFix {
  readonly diagnostic: Diagnostic
  readonly fix: Fix
}

export interface FixedTexts {
  /** New texts by file, from the root. */
  readonly texts: ReadonlyMap<string, string>
  readonly applied: readonly AppliedFix[]
}

export interface FixRequest {
  /** Of each diagnostic its best fix, or none. */
  readonly choose: (diagnostic: Diagnostic) => Fix | undefined
  /** Text of a file from the root; undefined when there is none. */
  readonly read: (file: string) => string | undefined
}

export function applyFixes(diagnostics: readonly Diagnostic[], { choose, read }: FixRequest): FixedTexts {
  const taken = new Map<string, Edit[]>()
  const applied: AppliedFix[] = []
  for (const diagnostic of diagnostics) {
    const fix = choose(diagnostic)
    if (!fix || !fits(fix, taken, read)) continue
    for (const edit of fix.edits) {
      const edits = taken.get(edit.file) ?? []
      // Two fixes that both bring in one import bring it in once.
      if (!edits.some((each) => isSame(each, edit))) taken.set(edit.file, [...edits, edit])
    }
    applied.push({ diagnostic, fix })
  }
  const texts = new Map([...taken].map(([file, edits]) => [file, applyEdits(read(file) ?? '', edits)]))
  return { texts, applied }
}

/** The best fix, where it needs nobody's choice: what comes second does, and so do several of one kind (which class, which unit). */
export function unquestionedFix({ fixes: [best, second] = [] }: Diagnostic): Fix | undefined {
  return best === undefined || best.choice === true || second?.id === best.id ? undefined : best
}

function fits(fix: Fix, taken: ReadonlyMap<string, readonly Edit[]>, read: FixRequest['read']): boolean {
  return fix.edits.every((edit) => {
    const text = read(edit.file)
    if (text === undefined ? edit.end > 0 : edit.end > text.length) return false
    // It was to be a new file, and somebody has made it meanwhile.
    if (text !== undefined && fix.id === 'implement') return false
    return (taken.get(edit.file) ?? []).every((other) => isSame(edit, other) || !overlap(edit, other))
  })
}

/** Insertions at one place overlap too: which of them comes first would be chance. */
const overlap = (a: Edit, b: Edit): boolean => a.start === b.start || (a.start < b.end && b.start < a.end)

/** Word for word the same, and harmless when it is done once: an insertion may be meant twice, an import never is. */
const isSame = (a: Edit, b: Edit): boolean =>
  a.start === b.start &&
  a.end === b.end &&
  a.text === b.text &&
  (a.start < a.end || /\bimport\b|^,? (type )?\w+$/.test(a.text))

/** `edits` don't overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start || b.end - a.end)
    .reduce((changed, { start, end, text: by }) => changed.slice(0, start) + by + changed.slice(end), text)
}
