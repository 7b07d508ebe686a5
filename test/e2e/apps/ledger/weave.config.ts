import { defineConfig } from 'weavets'

// Who deploys it gives each deployment a folder of its own.
export default defineConfig({
  name: 'ledger',
  entry: 'src/main.ts',
  config: { Ledger: { folder: '.' }, Counter: { folder: '.' }, Office: { folder: '.', workers: 8 } },
})
