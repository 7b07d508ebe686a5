/** What late.ts loads later; a bundle imports it at once. */

import { Memory } from '../analyse/again/memory.ts'
import { analyse } from '../analyse/index.ts'
import { seenBy } from '../cache/notes.ts'
import { loadProject } from '../checker/load.ts'
import { createView6 } from '../checker/view6.ts'
import { generateApp } from '../codegen/app.ts'
import { createManifest, createOutline, serialiseManifest } from '../codegen/manifest.ts'
import { createDiagnostic } from '../diagnostics/create.ts'
import { provideCompiler } from './late.ts'
import { ownSources } from './own.ts'
import { sourcesOf } from './version.ts'

export const COMPILER = {
  analyse,
  Memory,
  seenBy,
  loadProject,
  createView6,
  ownSources,
  sourcesOf,
  generateApp,
  createManifest,
  createOutline,
  serialiseManifest,
  createDiagnostic,
}

provideCompiler(COMPILER)
