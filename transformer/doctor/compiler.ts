/**
 * Which TypeScript analyses the project, and whether its tsconfig lets it. In go the project's root; out come findings about the
 * compiler, its options, the editor's plugin and ts-patch. Reads the tsconfig as TypeScript does, `extends` included.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { chooseTypeScript, loadTypeScript } from '../checker/load.ts'
import type { Ast, Ts } from '../checker/view6-types.ts'
import { bad, count, type Finding, ok } from './finding.ts'
import { readPackage } from './packages.ts'

export function compilerFindings(root: string): Finding[] {
  const { compiler } = chooseTypeScript({ root })
  const where = relative(root, compiler.path).startsWith('..') ? '' : ` in ${relative(root, compiler.path)}`
  const used = `TypeScript ${compiler.version}${where}: ${compiler.why}`
  const own = resolvedFrom(root, 'typescript')
  const unused = own !== undefined && !/own$/.test(compiler.why)
  const finding = unused
    ? bad('typescript', 'warning', {
        code: 'WV9004',
        message: `${used}.`,
        fix: 'install TypeScript 5.6 to 6.x, or 7.1 and later, so that the editor, tsc and weave agree: npm install -D typescript@6',
      })
    : ok('typescript', used)
  return [finding, ...patchFindings(root, own)]
}

function resolvedFrom(root: string, name: string): string | undefined {
  try {
    return dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`))
  } catch {
    return undefined
  }
}

/** What a patched `typescript.js` begins with. */
const PATCH_MARK = 'tsp-module'
const HEAD_BYTES = 4096

function patchFindings(root: string, typescript: string | undefined): Finding[] {
  const patch = resolvedFrom(root, 'ts-patch')
  const version = typescript && readPackage(typescript)?.version
  const patched = typescript !== undefined && isPatched(join(typescript, 'lib', 'typescript.js'))
  if (version !== undefined && Number.parseInt(version, 10) >= 7 && patch !== undefined) {
    return [
      bad('ts-patch', 'problem', {
        code: 'WV9004',
        message: `ts-patch ${readPackage(patch)?.version} can not work with TypeScript ${version}.`,
        fix: 'remove ts-patch, and build with "weave tsc" in place of tspc',
      }),
    ]
  }
  if (patched) {
    return [
      bad('ts-patch', 'warning', {
        message: 'node_modules/typescript is patched; a new install of packages takes the patch away without a word.',
        fix: 'run "npx ts-patch uninstall", and build with "weave tsc" or tspc, which patch nothing on disk',
      }),
    ]
  }
  if (patch === undefined) return []
  return [ok('ts-patch', `ts-patch ${readPackage(patch)?.version}; tspc works, and so does "weave tsc" without it`)]
}

function isPatched(file: string): boolean {
  if (!existsSync(file)) return false
  const head = Buffer.alloc(HEAD_BYTES)
  const descriptor = openSync(file, 'r')
  try {
    return head.subarray(0, readSync(descriptor, head)).includes(PATCH_MARK)
  } finally {
    closeSync(descriptor)
  }
}

interface PluginEntry {
  readonly name?: string
  readonly transform?: string
  readonly transformProgram?: boolean
}

export function tsconfigFindings(root: string): Finding[] {
  const ts = loadTypeScript(root)
  const path = join(root, 'tsconfig.json')
  if (!existsSync(path)) {
    return [
      bad('tsconfig', 'warning', {
        message: 'There is no tsconfig.json; weave takes all sources below the project, strictly.',
        fix: 'write one ("weave init" shows what it takes), so that editor and tsc see the same program',
      }),
    ]
  }
  const found: Ast.Diagnostic[] = []
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (each: Ast.Diagnostic) => found.push(each) }
  const parsed = ts.getParsedCommandLineOfConfigFile(path, {}, host)
  const errors = [...found, ...(parsed?.errors ?? [])]
  if (!parsed || errors.length > 0) {
    const text = errors.map((each) => ts.flattenDiagnosticMessageText(each.messageText, ' '))
    return [
      bad('tsconfig', 'problem', {
        code: 'WV9013',
        message: `tsconfig.json: ${text[0] ?? 'it can not be read'}`,
        fix: 'correct it',
      }),
    ]
  }
  const { options } = parsed
  const findings = [...optionFindings(ts, options), ...editorFindings(root, options)]
  const sound = findings.every((each) => each.check !== 'tsconfig')
  return sound ? [ok('tsconfig', `tsconfig.json, ${count(parsed.fileNames.length, 'file')}`), ...findings] : findings
}

function optionFindings(ts: Ts, options: Ast.CompilerOptions): Finding[] {
  const findings: Finding[] = []
  const strict = options.strictNullChecks ?? options.strict ?? Number.parseInt(ts.version, 10) >= 6
  if (!strict) {
    findings.push(
      bad('tsconfig', 'problem', {
        code: 'WV9001',
        message: '"strictNullChecks" is off.',
        fix: 'set "strict": true in tsconfig.json',
      }),
    )
  }
  const { ModuleResolutionKind: Kind } = ts
  const resolution = options.moduleResolution
  if (resolution === Kind.Node10 || resolution === Kind.Classic) {
    findings.push(
      bad('tsconfig', 'problem', {
        message: `"moduleResolution" is "${resolution === Kind.Classic ? 'classic' : 'node10'}", which does not read "exports" of package.json: 'weavets/vite' and the like are not found.`,
        fix: 'set "module": "nodenext" (for Node.js) or "moduleResolution": "bundler"',
      }),
    )
  }
  return findings
}

const pluginsOf = (options: Ast.CompilerOptions): readonly PluginEntry[] =>
  Array.isArray(options.plugins) ? (options.plugins as PluginEntry[]) : []

function editorFindings(root: string, options: Ast.CompilerOptions): Finding[] {
  // That of the editor: 7.0, which can't be asked anything, runs no plugins either.
  const own = resolvedFrom(root, 'typescript')
  const version = (own && readPackage(own)?.version) ?? chooseTypeScript({ root }).compiler.version
  const native = Number.parseInt(version, 10) >= 7
  const plugins = pluginsOf(options)
  const named = plugins.some((each) => each.name === 'weavets/language-service')
  if (native) return [ok('editor', 'TypeScript 7 runs no plugins; let the editor start "weave lsp --stdio"')]
  const findings: Finding[] = []
  if (named) findings.push(ok('editor', 'tsconfig.json names the plugin "weavets/language-service"'))
  else {
    findings.push(
      bad('editor', 'warning', {
        message: 'The editor does not show boundary errors: tsconfig.json does not name the plugin.',
        fix: `add { "name": "weavets/language-service" } to "plugins" in "compilerOptions", and let the editor use the workspace's TypeScript`,
      }),
    )
  }
  if (named && !usesWorkspace(root)) {
    findings.push(
      bad('editor', 'warning', {
        message: "VS Code loads plugins of the project only with the project's own TypeScript.",
        fix: 'set "typescript.tsdk": "node_modules/typescript/lib" in .vscode/settings.json, and choose "Use Workspace Version"',
      }),
    )
  }
  return findings
}

/** Only where there are settings of VS Code at all is it in use. */
function usesWorkspace(root: string): boolean {
  const settings = join(root, '.vscode', 'settings.json')
  return (
    !existsSync(join(root, '.vscode')) ||
    (existsSync(settings) && /typescript\.tsdk"|js\/ts\.tsdk/.test(readFileSync(settings, 'utf8')))
  )
}
