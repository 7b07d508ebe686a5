// Joins modules of `dist` that are loaded together: to find, read and link one takes Node a third of a millisecond and more, whatever is in it. Each stays where
// it is, as a list of what it exports from the joint one, so that whoever imports it gets the very same classes and state.
//
//   transformer/plan/joint.js   what a cached build loads: two dozen modules took longer than the build's own work
//   runtime/joint-shared.js     what processes of an application and their deployer load
//   runtime/joint.js            what only processes of an application load: with the other a hundred modules, half of a process's start
//
// Runtime modules that the transformer or the CLI loads stay alone: a build that is answered from the cache wants three of them, and nothing of the rest.
import { writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'

const COMMON = { format: 'esm', platform: 'node', target: 'node22.18', metafile: true, write: false }
const PLAN = 'transformer/plan.js'
/** The runtime as an application sees it. */
const RUNTIME = ['runtime/index.js', 'runtime/internal.js']

/** `dist`: a folder with a fresh build. */
export async function prelink(dist) {
  const entryPoints = [PLAN, ...RUNTIME, 'deployer/index.js', 'deployer/ingress-process.js', 'cli/main.js']
  const options = { ...COMMON, absWorkingDir: dist, bundle: true, splitting: true, outdir: '.', packages: 'external' }
  const { metafile } = await build({ ...options, entryPoints })
  const graph = new Map(Object.entries(metafile.inputs).map(([file, { imports }]) => [file, imports]))
  const isRuntime = (file) => file.startsWith('runtime/')

  const plan = reached(graph, [PLAN], (file) => !isRuntime(file))
  await joinModules(dist, { joint: 'transformer/plan/joint.js', modules: plan })

  // Whatever anybody else loads of the runtime, and what that loads.
  const importedBy = (isImporter) =>
    reached(
      graph,
      [...graph]
        .filter(([file]) => isImporter(file))
        .flatMap(([, imports]) => imports.map(({ path }) => path))
        .filter(isRuntime),
    )
  const alone = importedBy((file) => /^(transformer|cli)\//.test(file))
  const deployers = importedBy((file) => file.startsWith('deployer/')).filter((file) => !alone.includes(file))
  const applications = reached(graph, RUNTIME).filter((file) => !alone.includes(file) && !deployers.includes(file))
  await joinModules(dist, { joint: 'runtime/joint-shared.js', modules: deployers })
  await joinModules(dist, { joint: 'runtime/joint.js', modules: applications })
}

/** What is loaded with `from` at once; what is imported later isn't among it. */
function reached(graph, from, isWanted = () => true) {
  const files = new Set(from)
  for (const file of files)
    for (const { path, kind } of graph.get(file) ?? [])
      if (kind === 'import-statement' && graph.has(path) && isWanted(path)) files.add(path)
  return [...files]
}

/** `joint` is in the folder in which it has to be for what its modules make of `import.meta.url`. */
async function joinModules(dist, { joint, modules }) {
  const options = { ...COMMON, absWorkingDir: dist }
  const alone = await build({ ...options, entryPoints: modules, outdir: '.', outbase: '.', allowOverwrite: true })
  const exported = new Map(modules.map((file) => [file, alone.metafile.outputs[file].exports]))
  // Two modules may export the same name.
  const names = [...exported.values()].flat()
  const isTwice = (name) => names.indexOf(name) !== names.lastIndexOf(name)
  const inJoint = (file, name) => (isTwice(name) ? `${name}_of_${file.replace(/\W/g, '_')}` : name)
  const others = {
    name: 'others',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
        const file = relative(dist, join(resolveDir, path))
        const isOurs = kind === 'import-statement' && modules.includes(file)
        return isOurs ? undefined : { path: from(joint, file), external: true }
      }),
  }
  const contents = [...exported].map(([file, own]) => {
    const list = own.map((name) => (isTwice(name) ? `${name} as ${inJoint(file, name)}` : name)).join(', ')
    return `${list === '' ? 'import' : `export { ${list} } from`} ${JSON.stringify(`./${file}`)}\n`
  })
  const stdin = { contents: contents.join(''), resolveDir: dist }
  const { outputFiles } = await build({ ...options, stdin, bundle: true, packages: 'external', plugins: [others] })
  writeFileSync(join(dist, joint), outputFiles[0].contents)
  for (const [file, own] of exported) {
    const list = own.map((name) => (isTwice(name) ? `${inJoint(file, name)} as ${name}` : name)).join(', ')
    writeFileSync(
      join(dist, file),
      `${list === '' ? 'import' : `export { ${list} } from`} ${JSON.stringify(from(file, joint))}\n`,
    )
  }
}

function from(file, to) {
  const path = relative(dirname(file), to).replaceAll('\\', '/')
  return path.startsWith('.') ? path : `./${path}`
}
