import { defineConfig } from 'weavets'

/** Under the CLI; test/e2e/tally.ts has others. */
const { replicas = 1, ...desk } = JSON.parse(process.env.TALLY ?? '{}')

export default defineConfig({
  name: 'tally',
  entry: 'src/main.ts',
  config: { Desk: { folder: '.weave', workers: 4, keys: 60, calls: 300, ...desk } },
  replicas,
  routing: { rebalanceEveryMs: 600_000 },
  // One call after the other is what is wanted here.
  diagnostics: { WV3016: 'off' },
})
