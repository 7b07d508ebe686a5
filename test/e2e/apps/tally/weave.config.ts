import { defineConfig } from 'weavets'

export default defineConfig({
  name: 'tally',
  entry: 'src/main.ts',
  // Under the CLI; test/e2e/tally.ts has others.
  config: {
    Desk: {
      folder: process.env.TALLY_FOLDER ?? '.weave',
      workers: 4,
      keys: 60,
      calls: Number(process.env.TALLY_CALLS ?? 300),
    },
  },
  // One call after the other is what is wanted here.
  diagnostics: { WV3016: 'off' },
})
