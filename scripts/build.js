// Builds what is published: `dist/` from the sources by tsc, and the tsserver plugin as one file. An unchanged tree is not built again (the stamp holds a
// hash of every input), so `npm run demo` and `npm test` can both begin with this.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleLanguageService } from './language-service.js'
import { prelink } from './prelink.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'dist', '.stamp')

const inputs = globSync(
  [
    '{runtime,transformer,deployer,cli,testing}/**/*.ts',
    'tsconfig*.json',
    'package.json',
    'scripts/{language-service,prelink}.js',
  ],
  {
    cwd: root,
  },
)
const hash = createHash('sha256')
for (const file of inputs.sort())
  hash
    .update(file)
    .update('\0')
    .update(readFileSync(join(root, file)))
    .update('\0')
const wanted = hash.digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  // Beside it first: whoever uses `dist` meanwhile keeps a whole one, and a failed build leaves the last good one.
  const fresh = join(root, `.dist-${process.pid}`)
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const flags = ['-p', 'tsconfig.build.json', '--outDir', fresh]
  const { status } = spawnSync(process.execPath, [tsc, ...flags], { cwd: root, stdio: 'inherit' })
  if (status === 0) {
    await bundleLanguageService(fresh)
    await prelink(fresh)
    writeFileSync(join(fresh, '.stamp'), wanted)
    rmSync(join(root, 'dist'), { recursive: true, force: true })
    renameSync(fresh, join(root, 'dist'))
  } else {
    rmSync(fresh, { recursive: true, force: true })
    process.exitCode = 1
  }
}
