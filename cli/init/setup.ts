/**
 * `weave init` in a project that has a program: the lines to insert, and what stands in the way of weave there. What can't break the
 * program is a change; what may (its module system, its strictness, its scripts) is left to its owner, with the exact edit.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Ast, Ts } from '../../transformer/checker/view6-types.ts'
import { Failure } from '../errors.ts'
import { packageVersion } from '../project/version.ts'
import { type Change, create, emptyConfig, emptyEntry, GITIGNORE, type Proposal, projectTsconfig } from './files.ts'
import { insertJson } from './json-edit.ts'
import { type PackageManifest, type ProjectFolder, parseManifest } from './project.ts'

/** One entry for both: editors read `name`, tspc reads `transform`; tsc passes over it. */
const PLUGIN = { name: 'weavets/language-service', transform: 'weavets/transform', transformProgram: true }

export async function proposeSetup(project: ProjectFolder): Promise<Proposal> {
  const { loadTypeScript } = await import('../../transformer/checker/load.ts')
  const setup = new Setup(project, loadTypeScript(project.folder))
  setup.belongsHere()
  setup.dependency()
  setup.tsconfig()
  setup.program()
  setup.ignored()
  setup.bundler()
  const { changes, notes, left } = setup
  if (changes.length > 0 && !project.hasBoundary)
    notes.push(
      "no file here declares a component yet: let one interface extend Component (import type { Component } from 'weavets'), here or in a package that this one uses",
    )
  return { changes, notes, left, next: 'npm install && npx weave check' }
}

class Setup {
  readonly changes: Change[] = []
  readonly notes: string[] = []
  readonly left: string[] = []
  readonly #project: ProjectFolder
  readonly #ts: Ts
  readonly #manifest: string
  readonly #package: PackageManifest

  constructor(project: ProjectFolder, ts: Ts) {
    this.#project = project
    this.#ts = ts
    this.#manifest = project.manifest ?? '{}'
    this.#package = parseManifest(this.#manifest)
  }

  /** At the root of a workspace there is seldom a program, and what is set up there is set up for none of its packages. */
  belongsHere(): void {
    const { config, read } = this.#project
    const { workspaces } = this.#package
    if (workspaces === undefined || config !== undefined || read(this.#likelyEntry()) !== undefined) return
    const where = Array.isArray(workspaces) ? ` (one of ${workspaces.join(', ')})` : ''
    throw new Failure('this is the root of a workspace, and no program starts here.', {
      next: `Run "weave init FOLDER" with the folder of the package that starts the program${where}.`,
    })
  }

  dependency(): void {
    const range = `^${packageVersion()}`
    if (this.#dependsOn('weavets')) return
    const after = insertJson(this.#ts, this.#manifest, { path: ['dependencies'], key: 'weavets', value: range })
    this.#edit('package.json', this.#manifest, after, `in package.json, under "dependencies": "weavets": "${range}"`)
  }

  /** What `tsc` and editors need to see weavets at all, and what a build by tsc needs to go through the transformer. */
  tsconfig(): void {
    const text = this.#project.read('tsconfig.json')
    if (text === undefined) {
      this.changes.push(create(projectTsconfig(this.#package.type === 'module')))
      const missing = ['typescript', '@types/node'].filter((name) => !this.#has(name))
      if (missing.length > 0)
        this.left.push(
          `for tsc and the editor: npm install --save-dev ${missing.map((name) => VERSIONED[name]).join(' ')}`,
        )
      return
    }
    const { options } = this.#parsed(text)
    if (!canResolve(this.#ts, this.#project.folder, options)) {
      const edit = '"module": "nodenext" (or, for a bundler, "module": "esnext" and "moduleResolution": "bundler")'
      this.left.push(
        `tsconfig.json resolves modules in the old way (node10 or classic), which doesn't see 'weavets'; under "compilerOptions": ${edit}`,
      )
    }
    if (!isStrict(this.#ts, options)) {
      this.left.push(
        'without strictNullChecks, types don\'t say what may be undefined; in tsconfig.json, under "compilerOptions": "strictNullChecks": true',
      )
    }
    this.#plugin(text)
    if (options.noEmit !== true) this.#buildScript()
  }

  /** For the editor, and for a build by tspc; nobody else looks at it. */
  #plugin(tsconfig: string): void {
    if (tsconfig.includes(PLUGIN.name)) return
    if (tsconfig.includes(PLUGIN.transform)) {
      this.left.push(
        `the editor can show boundary errors too; in tsconfig.json, beside "transform": "${PLUGIN.transform}": "name": "${PLUGIN.name}"`,
      )
      return
    }
    const after = insertJson(this.#ts, tsconfig, { path: ['compilerOptions', 'plugins'], value: PLUGIN })
    const otherwise = `in tsconfig.json, under "compilerOptions": "plugins": [${JSON.stringify(PLUGIN)}]`
    this.#edit('tsconfig.json', tsconfig, after, otherwise)
  }

  #buildScript(): void {
    const scripts = Object.entries(this.#package.scripts ?? {}).filter(([, text]) => PLAIN_TSC.test(text))
    const script = scripts.find(([name]) => name === 'build') ?? scripts[0]
    if (script === undefined) return
    const [name, text] = script
    const install = this.#dependsOn('ts-patch') ? '' : `, after npm install --save-dev ts-patch ${TYPESCRIPT}`
    this.left.push(
      `"${name}" in package.json runs tsc, which passes over the plugin; change it to ${JSON.stringify(text.replace(PLAIN_TSC, '$1tspc'))}${install} (or build with "weave build")`,
    )
  }

  /** The config, the entry that it names, and whether Node takes that for a module. */
  program(): void {
    const { config, read } = this.#project
    const entry = config?.entry ?? this.#likelyEntry()
    if (config === undefined) this.changes.push(create(emptyConfig(entry, this.#package.type === 'commonjs')))
    const text = read(entry)
    const isModule = this.#package.type === 'module' || /\.m[jt]sx?$/.test(entry)
    if (text === undefined) this.changes.push(create(emptyEntry(entry, isModule)))
    else if (!text.includes('weavets')) {
      const call = isModule ? 'await run(TheClass)' : 'void run(TheClass)'
      const why = isModule ? '' : `; "await" there takes "type": "module" in package.json`
      this.left.push(
        `${entry} doesn't call run; let a class implement Main, and end the file with: ${call}   (import { type Main, run } from 'weavets'${why})`,
      )
    } else if (!isModule && /\bawait run\b/.test(text)) {
      this.left.push(
        `package.json has no "type": "module", so tsc and node may take ${entry} for CommonJS, where "await run(…)" is an error; write "void run(…)", or add "type": "module". "weave run" and "weave build" work without`,
      )
    }
  }

  ignored(): void {
    const ignored = this.#project.read('.gitignore')
    if (ignored === undefined) this.changes.push(create({ path: '.gitignore', text: GITIGNORE }))
    else if (!/^\/?\.weave\/?$/m.test(ignored)) {
      const gap = ignored === '' || ignored.endsWith('\n') ? '' : '\n'
      this.#edit('.gitignore', ignored, `${ignored}${gap}.weave/\n`, '')
    }
  }

  bundler(): void {
    for (const name of ['vitest.config', 'vite.config'].flatMap((base) => ENDINGS.map((ending) => base + ending))) {
      const text = this.#project.read(name)
      if (text === undefined) continue
      if (!text.includes('weavets/vite')) {
        this.left.push(
          `in ${name}, add weave() from 'weavets/vite' to "plugins", so that tests and builds go through it`,
        )
      }
      return
    }
  }

  /** The file that most likely starts the program. */
  #likelyEntry(): string {
    const { main } = this.#package
    const candidates = [
      'src/main.ts',
      'src/index.ts',
      'src/server.ts',
      'src/app.ts',
      'main.ts',
      'index.ts',
      'server.ts',
    ]
    if (typeof main === 'string' && main.endsWith('.ts')) candidates.unshift(main)
    return candidates.find((name) => this.#project.read(name) !== undefined) ?? 'src/main.ts'
  }

  #dependsOn(name: string): boolean {
    const { dependencies = {}, devDependencies = {} } = this.#package
    return name in dependencies || name in devDependencies
  }

  /** Of its own, or from the workspace around it. */
  #has(name: string): boolean {
    if (this.#dependsOn(name)) return true
    try {
      createRequire(join(this.#project.folder, 'package.json')).resolve(`${name}/package.json`)
      return true
    } catch {
      return false
    }
  }

  /** With what it extends; an error in it is TypeScript's to report. */
  #parsed(text: string): Ast.ParsedCommandLine {
    const path = join(this.#project.folder, 'tsconfig.json')
    const { config = {} } = this.#ts.parseConfigFileTextToJson(path, text)
    return this.#ts.parseJsonConfigFileContent(config, this.#ts.sys, this.#project.folder, undefined, path)
  }

  #edit(path: string, before: string, after: string | undefined, otherwise: string): void {
    if (after === undefined) this.left.push(`${otherwise} (the file could not be read)`)
    else if (after !== before) this.changes.push({ kind: 'edit', path, before, after })
  }
}

/** The last line that takes plugins. */
const TYPESCRIPT = 'typescript@6'
const VERSIONED: Readonly<Record<string, string>> = { typescript: TYPESCRIPT, '@types/node': '@types/node' }
const ENDINGS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']
/** A command `tsc` that emits. */
const PLAIN_TSC = /(^|&&\s*|;\s*|npx\s+)tsc\b(?!.*--noEmit)/

/** As weave check sees it. */
function isStrict(ts: Ts, { strict, strictNullChecks }: Ast.CompilerOptions): boolean {
  return strictNullChecks ?? strict ?? Number.parseInt(ts.version, 10) >= 6
}

/** Asks TypeScript itself, about a package that has nothing but `exports`: weavets may not be installed yet. */
function canResolve(ts: Ts, folder: string, options: Ast.CompilerOptions): boolean {
  const installed = `${folder.replaceAll('\\', '/')}/node_modules/weavets`
  const manifest = { name: 'weavets', type: 'module', exports: { '.': { types: './dist/index.d.ts' } } }
  const files = new Map([
    [`${installed}/package.json`, JSON.stringify(manifest)],
    [`${installed}/dist/index.d.ts`, ''],
  ])
  const host: Ast.ModuleResolutionHost = {
    fileExists: (path) => files.has(path),
    readFile: (path) => files.get(path),
    directoryExists: (path) => path === folder || path.startsWith(`${folder}/`),
  }
  return ts.resolveModuleName('weavets', join(folder, 'main.ts'), options, host).resolvedModule !== undefined
}
