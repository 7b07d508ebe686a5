/** The components of an application among all that a project declares, and what is wrong with their names. */

import type { Fixes } from '../report/fixes.ts'
import type { Reporter } from '../report/report.ts'
import type { FoundComponent } from './find.ts'
import { isTestFile } from './test-files.ts'

export interface DeclaredComponents {
  readonly components: readonly FoundComponent[]
  readonly doubles: readonly { readonly found: FoundComponent; readonly other: FoundComponent }[]
}

/** Those of the application, and those that a file which starts an application declares for itself. */
export function declaredComponents(
  root: string,
  all: readonly FoundComponent[],
  appFiles: ReadonlySet<string>,
): DeclaredComponents {
  const byName = new Map<string, FoundComponent>()
  const doubles: { found: FoundComponent; other: FoundComponent }[] = []
  for (const found of all) {
    if (isTestFile(root, found.file.path) && !appFiles.has(found.file.path)) continue
    const other = byName.get(found.name)
    if (other) doubles.push({ found, other })
    else byName.set(found.name, found)
  }
  return { components: [...byName.values()], doubles }
}

export interface NamesInput {
  readonly reporter: Reporter
  readonly fixes: Fixes
  readonly appFiles: ReadonlySet<string>
}

export function reportComponentNames(
  { components, doubles }: DeclaredComponents,
  { reporter, fixes, appFiles }: NamesInput,
): void {
  for (const { found, other } of doubles) {
    reporter.add('WV1008', found.nameSpan, {
      message: `Two components are called '${found.name}'.`,
      why: 'a name is the path without its extension, and the interface',
      fix: 'rename one of the interfaces, or one of the files',
      related: [{ place: other.nameSpan, message: 'the other one' }],
    })
  }
  for (const found of components) {
    if (found.exported || appFiles.has(found.file.path)) continue
    reporter.add('WV1013', found.nameSpan, {
      message: `The component '${found.shortName}' must be exported.`,
      why: 'other modules, and the manifest, name a component by its interface',
      fix: "add 'export'",
      fixes: [fixes.export(found.symbol)],
    })
  }
}
