// Type checks the package and every fixture that has a tsconfig; prints all of them before it fails.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
let failed = false
for (const project of ['.', ...globSync('fixtures/*/tsconfig.json', { cwd: root })]) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', project, '--noEmit'], { cwd: root, stdio: 'inherit' })
  console.log(`${status === 0 ? 'ok    ' : 'failed'} ${project === '.' ? 'weavets' : dirname(project)}`)
  failed ||= status !== 0
}
process.exit(failed ? 1 : 0)
