/**
 * `diagnostics` of weave.config.ts: how much a warning matters in this project. In go diagnostics and settings by code; out come
 * the diagnostics as the project wants them, and what is wrong with the settings. Refuses to turn down an error: it means that no
 * code can be generated, or that the program would not be the same in two processes, and no setting changes that.
 */
import type { DiagnosticSetting } from '../../runtime/config/configuration.ts'
import { didYouMean } from '../../runtime/names.ts'
import { CATALOGUE, type Code, isCode } from './catalogue.ts'
import type { Diagnostic } from './diagnostic.ts'

export type DiagnosticSettings = Readonly<Record<string, DiagnosticSetting>>

export function applySeverities(diagnostics: readonly Diagnostic[], settings: DiagnosticSettings): Diagnostic[] {
  return diagnostics.flatMap((each) => {
    const setting = each.severity === 'warning' ? settings[each.code] : undefined
    if (setting === 'off') return []
    return setting === 'error' ? [{ ...each, severity: setting }] : [each]
  })
}

export function isOff(settings: DiagnosticSettings, code: string): boolean {
  return settings[code] === 'off' && isCode(code) && CATALOGUE[code].severity === 'warning'
}

export interface SettingProblem {
  readonly code: Code
  readonly message: string
  readonly why: string
  readonly fix: string
}

export function settingProblems(settings: DiagnosticSettings): SettingProblem[] {
  return Object.entries(settings).flatMap(([code, setting]): SettingProblem[] => {
    if (!isCode(code)) {
      const message = `weave.config.ts: diagnostics: there is no diagnostic '${code}'.`
      return [
        { code: 'WV3008', message, why: 'a misspelt code would be silently without effect', fix: adviceFor(code) },
      ]
    }
    if (setting === 'error' || CATALOGUE[code].severity === 'warning') return []
    const message = `weave.config.ts: diagnostics: '${code}' is an error, and cannot be '${setting}'.`
    const why = `${CATALOGUE[code].title.charAt(0).toLowerCase()}${CATALOGUE[code].title.slice(1)}; without that no code can be generated`
    return [{ code: 'WV3014', message, why, fix: 'remove the setting, and correct what is reported' }]
  })
}

/** By its code or, which people remember better, by its name: `call-in-loop`. */
export function adviceFor(code: string): string {
  const near = nearCode(code)
  return near === undefined ? "'weave explain' lists the codes" : `did you mean '${near}' (${CATALOGUE[near].name})?`
}

export function nearCode(written: string): Code | undefined {
  const codes = Object.keys(CATALOGUE) as Code[]
  const named = codes.find((each) => CATALOGUE[each].name === written.toLowerCase())
  if (named !== undefined) return named
  // Most codes differ from a given one by a digit or two, so of those only one in another case or with a gap is meant.
  const plain = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]/g, '')
  const same = codes.find((each) => plain(each) === plain(written))
  if (same !== undefined || /\d/.test(written)) return same
  const names = codes.map((each) => CATALOGUE[each].name)
  const near = didYouMean(written, names)
  return near === undefined ? undefined : codes[names.indexOf(near)]
}
