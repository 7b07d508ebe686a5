/**
 * The README as a program: its code blocks that begin with a file name are the files. Tests write them out and run
 * them, so that what a newcomer copies is what was tested.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { repository } from './deployment.ts'

const BLOCK = /^```(\w+)\n(.*?)^```$/gms
const NAMED = /^\/\/ (\S+\.ts)\n/

interface Block {
  language: string
  text: string
}

function blocks(): Block[] {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8')
  return [...readme.matchAll(BLOCK)].map(([, language, text]) => ({ language: language!, text: text! }))
}

/** The first block that holds `needle`; a test that names a snippet which the README no longer has must fail. */
export function snippet(language: string, needle: string): string {
  const found = blocks().find((block) => block.language === language && block.text.includes(needle))
  if (!found) throw new Error(`README.md has no ${language} block with "${needle}"`)
  return found.text
}

/** Writes the README's files below `folder` and gives their names. */
export function writeReadmeProgram(folder: string): string[] {
  const files = blocks().flatMap(({ text }) => {
    const name = NAMED.exec(text)?.[1]
    return name === undefined ? [] : [{ name, text }]
  })
  for (const { name, text } of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return files.map(({ name }) => name)
}

/** What the README's program prints, wherever it runs. */
export const README_OUTPUT = '2 × mug\n1 × watch\n'
