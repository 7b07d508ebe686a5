import { defineConfig } from 'weavets'

export default defineConfig({
  name: 'menu',
  entry: 'src/main.ts',
  listeners: { web: { port: 0 } },
  // One call after the other is what is wanted here.
  diagnostics: { WV3016: 'off' },
})
