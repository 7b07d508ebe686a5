// Joins the modules that a cached build loads into one: looking up, reading and linking two dozen of them took longer than the build's own work. Each stays where
// it is, as a list of what it exports from the joint one, so that whoever imports it gets the very same classes and state.
import { writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'

/** Also decides what `import.meta.url` says to the joined modules, so it is as deep as those that ask. */
const JOINT = 'transformer/plan/joint.js'
const ENTRY = 'transformer/plan.js'

/** `dist`: a folder with a fresh build. */
export async function prelink(dist) {
  const common = {
    absWorkingDir: dist,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    metafile: true,
    write: false,
  }
  // What a process of an application loads stays apart from the transformer.
  const runtime = {
    name: 'runtime',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
        const file = relative(dist, join(resolveDir, path))
        return file.startsWith('runtime/') ? { path: from(JOINT, file), external: true } : undefined
      }),
  }
  const eager = await build({ ...common, entryPoints: [ENTRY], bundle: true, packages: 'external', plugins: [runtime] })
  const modules = Object.keys(eager.metafile.inputs)
  const alone = await build({ ...common, entryPoints: modules, outdir: '.', outbase: '.', allowOverwrite: true })
  const exported = new Map(modules.map((file) => [file, alone.metafile.outputs[file].exports]))

  const contents = modules.map((file) => `export * from ${JSON.stringify(from('joint.js', file))}\n`).join('')
  const { outputFiles, metafile } = await build({
    ...common,
    stdin: { contents, resolveDir: dist },
    bundle: true,
    packages: 'external',
    plugins: [runtime],
  })
  const joined = new Set(Object.values(metafile.outputs)[0].exports)
  const lost = [...exported.values()].flat().find((name) => !joined.has(name))
  if (lost !== undefined)
    throw new Error(`Two of the modules that ${ENTRY} loads export "${lost}": rename one, so that they can be joined.`)
  writeFileSync(join(dist, JOINT), outputFiles[0].contents)
  for (const [file, own] of exported) {
    writeFileSync(join(dist, file), `export { ${own.join(', ')} } from ${JSON.stringify(from(file, JOINT))}\n`)
  }
}

function from(file, to) {
  const path = relative(dirname(file), to).replaceAll('\\', '/')
  return path.startsWith('.') ? path : `./${path}`
}
