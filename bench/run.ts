/**
 * `npm run bench [name …]`: runs the benches one after the other (never side by side: two cores) and prints their tables
 * with the machine they were made on. What is committed in bench/README.md is this output.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { basename, join } from 'node:path'

const wanted = process.argv.slice(2)
const benches = globSync('*.bench.ts', { cwd: import.meta.dirname })
  .map((file) => basename(file, '.bench.ts'))
  .sort()
const unknown = wanted.filter((name) => !benches.includes(name))
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are ${benches.join(', ')}`)
  process.exit(2)
}

const gibibytes = Math.round(totalmem() / 2 ** 30)
console.log(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${gibibytes} GiB, ${new Date().toISOString().slice(0, 10)}`,
)
for (const name of wanted.length > 0 ? wanted : benches) {
  console.log(`\n## ${name}\n`)
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.bench.ts`)], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
