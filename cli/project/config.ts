/**
 * `weave.config.ts` against the application, as the commands need it: as diagnostics with a place in the file
 * (`weave check`), or as one error before anything is started (`weave run`, `weave dev`).
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkConfigAgainst, ownConfig } from '../../deployer/config/application.ts'
import { type ConfigProblem, sentenceOf } from '../../deployer/config/problem.ts'
import { checkConfig } from '../../deployer/config/settings.ts'
import { CONFIG_FILES, loadConfigFile } from '../../runtime/config/config-file.ts'
import type { WeaveConfig } from '../../runtime/config/configuration.ts'
import { WeaveError } from '../../runtime/errors.ts'
import type { Outline } from '../../runtime/manifest.ts'
import { didYouMean, shortName } from '../../runtime/names.ts'
import type { Code } from '../../transformer/diagnostics/catalogue.ts'
import { createDiagnostic, lineAndColumn, type SpanInText } from '../../transformer/diagnostics/create.ts'
import type { Diagnostic, Fix, Related } from '../../transformer/diagnostics/diagnostic.ts'
import type { EditorConfig } from '../../transformer/editor/config-source.ts'
import { configPlaceOf, readConfigText } from '../../transformer/editor/config-text.ts'
import type { Plan } from '../../transformer/plan.ts'

export function configDiagnostics(plan: Plan): Diagnostic[] {
  const file = CONFIG_FILES.find((name) => existsSync(join(plan.root, name)))
  const config = loadConfigFile(plan.root)
  if (file === undefined || config === undefined)
    return problemsOf(plan, {}).map((each) => convert(plan, each, undefined))
  const text = readFileSync(join(plan.root, file), 'utf8')
  return problemsOf(plan, config).map((each) => convert(plan, each, { file, text }))
}

/** As an editor has the file, saved or not; what isn't known of its values is not reported as missing. */
export function configProblems(plan: Plan, { config, exact, file, text }: EditorConfig): Diagnostic[] {
  const source = file === undefined ? undefined : { file, text }
  const found = problemsOf(plan, config).map((each) => convert(plan, each, source))
  return exact ? found : found.filter((each) => each.code === 'WV3008')
}

/** Throws what is wrong, before a process is started with it: each problem begins with its place in the file. */
export function requireValidConfig(plan: Plan, config?: WeaveConfig): void {
  requireValidFor(plan.root, () => plan.outline(), config)
}

/** The same of an application that is built already. */
export function requireValidFor(
  root: string,
  outline: () => Outline | undefined,
  config: WeaveConfig = loadConfigFile(root) ?? {},
): void {
  const problems = problemsWith(config, outline)
  const file = CONFIG_FILES.find((name) => existsSync(join(root, name)))
  const text = file === undefined ? '' : readFileSync(join(root, file), 'utf8')
  if (problems.length === 0) return
  const sentences = problems.map((problem) => {
    if (file === undefined) return sentenceOf(problem, 'weave.config.ts')
    const { line, column } = lineAndColumn(text, spanOf(text, problem.path).start)
    return sentenceOf(problem, `${file}:${line}:${column}`)
  })
  throw new WeaveError(sentences.join('\n'), { code: 'WV_CONFIG' })
}

function problemsOf(plan: Plan, config: WeaveConfig): ConfigProblem[] {
  return problemsWith(config, () => plan.outline())
}

function problemsWith(config: WeaveConfig, outlineOf: () => Outline | undefined): ConfigProblem[] {
  const problems = checkConfig(config)
  const outline = problems.length > 0 ? undefined : outlineOf()
  return outline === undefined ? problems : checkConfigAgainst(ownConfig(config, outline), outline)
}

function convert(plan: Plan, problem: ConfigProblem, source: { file: string; text: string } | undefined): Diagnostic {
  const { path, kind, section, what, fix, declared } = problem
  const code: Code = kind === 'unknown' ? 'WV3008' : 'WV3014'
  const span = source && { ...source, ...spanOf(source.text, path) }
  const reader = code === 'WV3014' ? readerOf(plan, path) : undefined
  if (reader !== undefined && kind === 'missing') {
    return createDiagnostic(code, span ?? reader.place, {
      message: `weave.config.ts has no value for ${path}, which '${reader.className}' takes with its parameter '${reader.parameter}'.`,
      why: `'${reader.parameter}' of the constructor declares it as ${declared}, and not as optional`,
      fix: `write it in weave.config.ts: ${written(path)}`,
      path,
      related: reader.related,
    })
  }
  const sentence = `${section === undefined ? '' : `${section}: `}${what}.`
  return createDiagnostic(code, span, {
    message: sentence.charAt(0).toUpperCase() + sentence.slice(1),
    why: whyOf(code, reader),
    fix: fix ?? `correct "${path}" in weave.config.ts`,
    path,
    related: reader?.related ?? [],
    fixes: [span && correction(span, fix)],
  })
}

/** A guess at what was meant, and so never applied without being asked for. */
function correction(
  span: { file: string; text: string; start: number; end: number },
  hint: string | undefined,
): Fix | undefined {
  const meant = hint === undefined ? undefined : /^did you mean "([^"/]+)"/.exec(hint)?.[1]
  const { file, text, start, end } = span
  const written = text.slice(start, end)
  const [, quote = '', name] = /^(['"]?)([\w$.-]+)\1$/.exec(written) ?? []
  if (meant === undefined || name === undefined || didYouMean(name, [meant]) === undefined) return undefined
  const key = quote === '' && !/^[\w$]+$/.test(meant) ? `'${meant}'` : `${quote}${meant}${quote}`
  return { id: 'correct-name', title: `Write '${meant}'`, safe: false, edits: [{ file, start, end, text: key }] }
}

interface ConfigReader {
  readonly className: string
  readonly parameter: string
  readonly place: SpanInText
  readonly related: readonly Related[]
}

/** The class and the constructor parameter that get the section which `config.Cart.currency` lies in. */
function readerOf(plan: Plan, path: string): ConfigReader | undefined {
  const { components } = plan.analysis.model
  const root = plan.app?.root
  const classes = [
    ...components.map(({ name, implementation }) => ({ name, implementation })),
    ...(root === undefined ? [] : [root]),
  ]
  const section = `${path}.`
  const owner = classes.find(({ name }) => section.startsWith(`config.${shortName(name)}.`))?.implementation
  const dependency = owner?.dependencies.find((each) => each.kind === 'config')
  if (owner === undefined || dependency === undefined) return undefined
  const place = dependency.declaration ?? owner.declaration
  const text = plan.readFile(join(plan.root, place.file)) ?? ''
  const message = `'${dependency.parameter}' of '${owner.className}' is declared here`
  return {
    className: owner.className,
    parameter: dependency.parameter,
    place: { ...place, text },
    related: [{ file: place.file, ...lineAndColumn(text, place.start), message }],
  }
}

function whyOf(code: Code, reader: ConfigReader | undefined): string {
  if (code === 'WV3008') return 'a name that the application does not have would be silently without effect'
  if (reader === undefined) return 'what is read of it when the application starts must be of this form'
  return `'${reader.className}' takes it with its constructor parameter '${reader.parameter}'`
}

/** `config.Cart.currency` → `config: { Cart: { currency: … } }`. */
function written(path: string): string {
  const names = path.split('.')
  return `${names.join(': { ')}: …${' }'.repeat(names.length - 1)}`
}

/** Where `listeners.web.port` is written, or the nearest name around it; the object itself where there is none of them, and the file's start where all is computed. */
function spanOf(text: string, path: string): { start: number; end: number } {
  const tree = readConfigText(text)
  const place = tree && (configPlaceOf(tree, path) ?? { start: tree.start, end: tree.start + 1 })
  return { start: place?.start ?? 0, end: place?.end ?? 0 }
}
