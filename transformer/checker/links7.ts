/**
 * What an answer about a file of a TypeScript 7 program may depend on; the twin of links6.ts. Imports are read from the text
 * (specifiers.ts) and found among the program's own files; only what isn't found there is asked of the compiler, which says how
 * this program resolved it. Too many links cost time and too few would keep a shape that holds no more, so doubt is a link to
 * everything.
 *
 * Nothing is read or asked before somebody looks at a link: the only analysis of a build doesn't. What was found lives as long as the
 * file has the same text and the program the same files. A program that was left answers from what is known.
 */
import { posix } from 'node:path'
import { candidatesOf, isRelative, mayAugment, specifiersIn } from './specifiers.ts'
import type { FileLinks, Links, SourceFile } from './view.ts'
import { type Answers7, Request } from './view7-answers.ts'
import type { Program, Ts7 } from './view7-api.ts'

export interface Links7Input {
  readonly ts7: Ts7
  readonly program: Program
  readonly answers: Answers7
  readonly files: readonly SourceFile[]
}

interface Current {
  readonly input: Links7Input
  readonly files: ReadonlyMap<string, FileLinks>
}

export class Links7 {
  readonly #stampOf: (path: string) => string
  #paths: ReadonlySet<string> = new Set()
  readonly #imports = new Map<string, { readonly version: string; readonly imports: readonly string[] }>()
  readonly #globals = new Map<string, { readonly version: string; readonly global: boolean }>()
  readonly #resolved = new Map<string, string>()
  #options = ''
  /** Another number after a change that may give any import another meaning. */
  #generation = 0
  #current: Current | undefined

  /** `stampOf`: of a file that isn't the user's, what says whether it was written. */
  constructor(stampOf: (path: string) => string) {
    this.#stampOf = stampOf
  }

  of(input: Links7Input): Links {
    const options = `${input.ts7.version} ${this.#generation} ${JSON.stringify(input.program.getCompilerOptions())}`
    const paths = new Set(input.files.map(({ path }) => path))
    const isSame = paths.size === this.#paths.size && input.files.every(({ path }) => this.#paths.has(path))
    if (!isSame || options !== this.#options) this.#forget()
    this.#paths = paths
    this.#options = options
    const files = new Map(input.files.map((file) => [file.path, this.#linksOf(file)]))
    this.#current = { input, files }
    return { options, files }
  }

  /** To be told before a snapshot goes: what the files were that are edited is asked now. */
  leave(edited: readonly string[]): void {
    const current = this.#current
    if (current === undefined) return
    for (const path of edited) void current.files.get(path)?.global
    this.#current = undefined
  }

  /** After a change that no file of the program tells. */
  invalidate(): void {
    this.#generation++
  }

  #forget(): void {
    this.#imports.clear()
    this.#globals.clear()
    this.#resolved.clear()
  }

  #linksOf(file: SourceFile): FileLinks {
    const { path } = file
    const fixed = isFixed(file)
    const version = file.origin === 'lib' ? 'library' : fixed ? this.#stampOf(path) : file.text
    const imports = importsNothing(file) ? () => [] : () => this.#importsOf(path, version)
    const isGlobal = () => fixed || this.#isGlobal(path, version)
    let global: boolean | undefined
    return {
      version,
      fixed,
      get imports() {
        return imports()
      },
      get global() {
        global ??= isGlobal()
        return global
      },
    }
  }

  /** Of a file that nobody asked about while that was possible, it is in doubt. */
  #isGlobal(path: string, version: string): boolean {
    const known = this.#globals.get(path)
    if (known?.version === version) return known.global
    if (this.#current !== undefined) this.#findGlobals(this.#current)
    const found = this.#globals.get(path)
    return found?.version === version ? found.global : true
  }

  #findGlobals({ input: { files, answers } }: Current): void {
    const open = files.filter((file) => !isFixed(file) && this.#globals.get(file.path)?.version !== file.text)
    answers.load(answers.module.requests(open.map(({ path }) => path)))
    for (const { path, text } of open) {
      const global = !TYPESCRIPT.test(path) || mayAugment(text) || answers.module.get(path) === undefined
      this.#globals.set(path, { version: text, global })
    }
  }

  #importsOf(path: string, version: string): readonly string[] {
    const known = this.#imports.get(path)
    if (known?.version === version) return known.imports
    if (this.#current !== undefined) this.#find(this.#current)
    const found = this.#imports.get(path)
    return found?.version === version ? found.imports : [...this.#paths]
  }

  /** The imports of all files that are new or were written. */
  #find({ input, files }: Current): void {
    const unresolved: Unresolved[] = []
    for (const file of input.files) {
      const { path } = file
      const version = files.get(path)!.version as string
      if (importsNothing(file) || this.#imports.get(path)?.version === version) continue
      const { text } = file
      const { imported, required, referenced, doubtful } = specifiersIn(text)
      const imports: string[] = doubtful ? [...this.#paths] : []
      this.#imports.set(path, { version, imports })
      if (doubtful) continue
      imports.push(...referenced.map((each) => posix.resolve(posix.dirname(path), each)))
      const names = { imported: [...imported, ...impliedBy(file, input)], required }
      for (const [how, each] of Object.entries(names).flatMap(([how, all]) =>
        all.map((name) => [how, name] as const),
      )) {
        const found = isRelative(each) ? candidatesOf(path, each).filter((one) => this.#paths.has(one)) : []
        if (found.length > 0) imports.push(...found)
        else unresolved.push({ path, name: each, imports, key: keyOf({ path, text, how, name: each }) })
      }
    }
    this.#resolve(unresolved, input)
  }

  /** Asked for one file of a folder, then for all of those in which that file doesn't import the name. */
  #resolve(unresolved: readonly Unresolved[], input: Links7Input): void {
    const first = new Map<string, Unresolved>()
    for (const each of unresolved) if (!this.#resolved.has(each.key)) first.set(each.key, each)
    this.#ask([...first.values()], input)
    this.#ask(
      unresolved.filter((each) => !this.#resolved.has(each.key) && first.get(each.key) !== each),
      input,
    )
    for (const { key, imports } of unresolved) {
      const path = this.#resolved.get(key)
      if (path !== undefined && this.#paths.has(path)) imports.push(path)
    }
  }

  #ask(unresolved: readonly Unresolved[], { ts7, program, answers }: Links7Input): void {
    const { None, CommonJS, ESNext } = ts7.sync.ModuleKind
    answers.load(
      unresolved.flatMap(({ path, name, key }) =>
        [None, CommonJS, ESNext].map((mode) =>
          Request.of(program.getResolvedModule.gen(path, name, mode), (module) => {
            if (module !== undefined) this.#resolved.set(key, module.resolvedFileName)
          }),
        ),
      ),
    )
  }
}

interface Unresolved {
  readonly path: string
  readonly name: string
  readonly imports: string[]
  /** Of those whose answer is the same. */
  readonly key: string
}

/** A name means one thing in a folder, if it is looked up in one way. */
function keyOf({ path, text, how, name }: { path: string; text: string; how: string; name: string }): string {
  const where = text.includes('resolution-mode') ? path : posix.join(posix.dirname(path), posix.extname(path))
  return JSON.stringify([where, how, name])
}

/** JSX imports what makes its elements, without a word of it in the text. */
function impliedBy({ path, text }: SourceFile, { program }: Links7Input): string[] {
  if (!/\.[jt]sx$/.test(path)) return []
  const written = /@jsxImportSource\s+([^\s*]+)/.exec(text)?.[1]
  const source = written ?? program.getCompilerOptions().jsxImportSource ?? 'react'
  return [`${source}/jsx-runtime`, `${source}/jsx-dev-runtime`]
}

const isFixed = ({ path, origin }: SourceFile): boolean => origin === 'lib' || path.includes('/node_modules/')
/** What describes a platform imports nothing of the project; a package may, where the project is part of a workspace. */
const importsNothing = ({ path, origin }: SourceFile): boolean =>
  origin === 'lib' || path.includes('/node_modules/@types/')
/** JavaScript may add to what other files declare, and a JSON file is no module. */
const TYPESCRIPT = /\.[cm]?tsx?$/
