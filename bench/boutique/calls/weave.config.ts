import { defineConfig } from 'weavets'

export default defineConfig({
  name: 'boutique-calls',
  entry: 'main.ts',
  config: { CartCache: { cartsMax: 100_000 } },
})
