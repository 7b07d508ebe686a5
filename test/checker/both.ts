/**
 * TypeScript 6 and 7.1 on the same project. What the analysis makes of either must be the same bytes: models, diagnostics with
 * their texts, places and fixes, and the files it all depends on.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { type AnalyseOptions, analyse } from '../../transformer/analyse/index.ts'
import { loadProject } from '../../transformer/checker/load.ts'
import type { CheckedProject, OpenProjectOptions } from '../../transformer/checker/project.ts'
import type { Analysis } from '../../transformer/model.ts'

export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
export const TYPESCRIPT_6 = join(repository, 'node_modules/typescript')
export const TYPESCRIPT_7 = join(repository, 'node_modules/typescript-7')

const opened: CheckedProject[] = []
export function openWith(typescript: string, options: Partial<OpenProjectOptions> & { root: string }): CheckedProject {
  const project = loadProject({ tsconfig: join(options.root, 'tsconfig.json'), files: [], ...options, typescript })
  opened.push(project)
  return project
}

export function closeAll(): void {
  for (const project of opened.splice(0)) project.close()
}

export function analyseWith(project: CheckedProject, options: AnalyseOptions): Analysis {
  return analyse(project.refresh(), options)
}

/** In parts, so that a failure shows where they part. */
export function expectSame(seven: Analysis, six: Analysis): void {
  const plain = (value: unknown): unknown => JSON.parse(text(value))
  expect(plain(seven.diagnostics)).toEqual(plain(six.diagnostics))
  expect(plain(seven.model.definitions)).toEqual(plain(six.model.definitions))
  expect(plain(seven.model)).toEqual(plain(six.model))
  expect(text(seven)).toBe(text(six))
}

/** Where a TypeScript keeps its library, and in which line of it a thing is declared, is its own; nothing else may differ. */
const text = (value: unknown): string =>
  JSON.stringify(value ?? null, (_, each: unknown) => {
    const { file } = Object(each) as { file?: unknown }
    const library = typeof file === 'string' && LIBRARY.test(file)
    return library ? { message: (each as { message: string }).message, file: file.replace(LIBRARY, 'LIB/') } : each
  })
const LIBRARY = /^.*node_modules\/(?:typescript|@typescript\/typescript-[^/]+)\/lib\//
