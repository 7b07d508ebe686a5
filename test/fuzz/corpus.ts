/** The kept inputs of each target, one a line in base64url: what earlier runs found. They are run first, so nothing is found twice. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from './loop.ts'

const pathOf = (target: string): string => join(import.meta.dirname, 'corpus', `${target}.txt`)

export function readCorpus(target: string): Uint8Array[] {
  const path = pathOf(target)
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => Buffer.from(line, 'base64url'))
}

export function writeCorpus({ name, seeds }: Target, kept: readonly Uint8Array[]): void {
  const own = new Set(seeds.map(lineOf))
  const lines = new Set(kept.map(lineOf).filter((line) => !own.has(line)))
  writeFileSync(pathOf(name), `${[...lines].sort().join('\n')}\n`)
}

const lineOf = (input: Uint8Array): string => Buffer.from(input).toString('base64url')
