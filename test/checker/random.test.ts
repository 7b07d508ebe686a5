/** The same analysis from TypeScript 6 and 7.1 of programs that nobody wrote, edited at random. `WEAVE_SEED` and `WEAVE_STEPS` for others, and more. */
import { afterAll, test } from 'vitest'
import { randomFrom } from '../../bench/compile/generate.ts'
import { Folder } from '../plan/folder.ts'
import { RandomProgram, WEAVETS } from '../plan/random-program.ts'
import { analyseWith, closeAll, expectSame, openWith, TYPESCRIPT_6, TYPESCRIPT_7 } from './both.ts'

const first = Number(process.env.WEAVE_SEED ?? 1)
const steps = Number(process.env.WEAVE_STEPS ?? 8)

afterAll(closeAll)

test.each([first + 2000, first + 2001])('seed %i', { timeout: 60_000 + steps * 5_000 }, (seed) => {
  const program = new RandomProgram(randomFrom(seed))
  const folder = new Folder({ 'package.json': '{ "name": "random", "type": "module" }' })
  try {
    folder.write({ 'node_modules/weavets/index.d.ts': WEAVETS })
    let written = program.texts()
    write(folder, written)
    const root = folder.root
    const projects = [TYPESCRIPT_6, TYPESCRIPT_7].map((typescript) => openWith(typescript, { root }))
    for (let at = 0; at < steps; at++) {
      if (!Object.values(written).some(declaresTwice)) {
        const [six, seven] = projects.map((project) => analyseWith(project, { root }))
        expectSame(seven!, six!)
      }
      const { texts } = program.step()
      written = { ...written, ...texts }
      write(folder, texts)
      for (const [name, text] of Object.entries(texts))
        if (/tsx?$/.test(name)) for (const project of projects) project.overlay(folder.path(name), text)
    }
  } finally {
    folder.remove()
  }
})

/** A class whose name the file gives to something else too: an error, of which the two compilers make different things. */
function declaresTwice(text = ''): boolean {
  const names = [...text.matchAll(/^(?:export )?(?:abstract )?(class|interface|type) (\w+)/gm)]
  return names.some(([, kind, name]) => kind === 'class' && names.filter((other) => other[2] === name).length > 1)
}

function write(folder: Folder, texts: Readonly<Record<string, string | undefined>>): void {
  for (const [name, text] of Object.entries(texts)) {
    if (text === undefined) folder.remove(name)
    else folder.write({ [name]: text })
  }
}
