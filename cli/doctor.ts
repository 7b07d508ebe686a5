/** `weave doctor`: prints what is used and why, a line each, and what to do about what is wrong. Exit code 1 when something doesn't work. */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import pc from 'picocolors'
import type { Finding } from '../transformer/doctor/index.ts'
import { count } from './check.ts'
import { EXIT } from './errors.ts'

export function doctorCommand(): Command {
  return new Command('doctor')
    .option('--json', 'print [{ check, status, code, message, fix }]')
    .action(async ({ json }: { json?: boolean }) => {
      const { examine } = await import('../transformer/doctor/index.ts')
      const findings = examine(process.cwd(), { folder: packageFolder(), nodeVersion: process.versions.node })
      if (findings.some((each) => each.status === 'problem')) process.exitCode = EXIT.failed
      process.stdout.write(json === true ? `${JSON.stringify(findings, null, 2)}\n` : text(findings))
    })
}

/** The nearest package.json above this file: `dist/cli` and `cli` are both below it. */
function packageFolder(folder = dirname(fileURLToPath(import.meta.url))): string {
  return existsSync(`${folder}/package.json`) ? folder : packageFolder(dirname(folder))
}

const MARK: Record<Finding['status'], string> = { ok: pc.green('ok'), warning: pc.yellow('!!'), problem: pc.red('no') }

function text(findings: readonly Finding[]): string {
  const longest = Math.max(...findings.map((each) => each.check.length))
  const lines = findings.flatMap(({ check, status, code, message, fix }) => {
    const first = `${MARK[status]}  ${pc.bold(check.padEnd(longest))}  ${code === undefined ? '' : `${code} `}${message}`
    return fix === undefined ? [first] : [first, `    ${' '.repeat(longest)}  ${pc.dim('fix')}  ${fix}`]
  })
  const problems = findings.filter((each) => each.status === 'problem').length
  const warnings = findings.filter((each) => each.status === 'warning').length
  const end =
    problems + warnings === 0
      ? 'Everything is as it should be.'
      : `${count(problems, 'problem')}, ${count(warnings, 'warning')}.`
  return `${lines.join('\n')}\n\n${end}\n`
}
