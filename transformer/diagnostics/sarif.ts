/**
 * Diagnostics in the two forms that CI systems read: SARIF 2.1.0 (code scanning, most dashboards) and the workflow commands of GitHub
 * Actions, which annotate a pull request. Both are plain text; positions are 1-based lines and columns in UTF-16 units.
 */
import { CATALOGUE, type CatalogueEntry, docsPage, isCode } from './catalogue.ts'
import type { Diagnostic } from './diagnostic.ts'
import { type JsonDiagnostic, toJson } from './json.ts'

export interface ReportOptions {
  readonly root: string
  readFile(path: string): string | undefined
  /** Version of this package. */
  readonly version: string
}

export function toSarif(diagnostics: readonly Diagnostic[], options: ReportOptions): object {
  const found = toJson(diagnostics, options)
  const rules = [...new Set(found.map((each) => each.code))].sort()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'weave', semanticVersion: options.version, rules: rules.map(rule) } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { ROOT: { description: { text: "The project's root." } } },
        results: found.map((each) => result(each, rules.indexOf(each.code))),
      },
    ],
  }
}

function rule(code: string): object {
  const entry: CatalogueEntry | undefined = isCode(code) ? CATALOGUE[code] : undefined
  if (!entry || !isCode(code)) return { id: code }
  return {
    id: code,
    name: entry.name,
    shortDescription: { text: entry.title },
    fullDescription: { text: entry.explanation },
    help: { text: `${entry.explanation} (weave explain ${code}; ${docsPage(code)})` },
    defaultConfiguration: { level: entry.severity },
  }
}

function result(found: JsonDiagnostic, ruleIndex: number): object {
  const reasons = [found.message, found.why && `Why: ${found.why}.`, found.fix && `Fix: ${found.fix}.`]
  return {
    ruleId: found.code,
    ruleIndex,
    level: found.severity,
    message: { text: reasons.filter(Boolean).join(' ') },
    locations: found.file === null ? [] : [location(found.file, found)],
    relatedLocations: found.related
      .filter(({ file }) => !file.startsWith('../') && !file.includes('node_modules/'))
      .map(({ file, line, column, message }, at) => ({
        id: at + 1,
        ...location(file, { line, column }),
        message: { text: message },
      })),
  }
}

interface Region {
  readonly line: number
  readonly column: number
  readonly endLine?: number
  readonly endColumn?: number
}

function location(file: string, { line, column, endLine, endColumn }: Region): object {
  return {
    physicalLocation: {
      artifactLocation: { uri: encodeURI(file), uriBaseId: 'ROOT' },
      region: {
        startLine: line,
        startColumn: column,
        ...(endLine === undefined || endColumn === undefined ? {} : { endLine, endColumn }),
      },
    },
  }
}

/** `::error file=src/cart.ts,line=4,col=14,title=WV2006::…`, one line each. */
export function toGithub(diagnostics: readonly Diagnostic[], options: ReportOptions): string {
  return toJson(diagnostics, options)
    .map(({ severity, code, file, line, column, endLine, endColumn, message, why, fix }) => {
      const place =
        file === null
          ? ''
          : `file=${property(file)},line=${line},col=${column},endLine=${endLine},endColumn=${endColumn},`
      const text = [message, why && `why: ${why}`, fix && `fix: ${fix}`].filter(Boolean).join('\n')
      return `::${severity} ${place}title=${property(code)}::${data(text)}\n`
    })
    .join('')
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
