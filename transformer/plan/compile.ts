/** What late.ts loads later; a bundle imports it at once. */
import { analyse } from '../analyse/index.ts'
import { loadProject } from '../checker/load.ts'
import { createView6 } from '../checker/view6.ts'
import { generateApp } from '../codegen/app.ts'
import { createDiagnostic } from '../diagnostics/create.ts'
import { provideCompiler } from './late.ts'

export const COMPILER = { analyse, loadProject, createView6, generateApp, createDiagnostic }

provideCompiler(COMPILER)
