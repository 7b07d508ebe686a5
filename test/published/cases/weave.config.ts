import { defineConfig } from 'weavets'

export default defineConfig({
  entry: 'app.ts',
  // Where these packages' types say nothing, it is JSON.
  types: {
    '@octokit/webhooks-types': 'json',
    'openapi-types': 'json',
    // Functions of one server's own extension.
    'openapi-types.OpenAPIV3.Document.x-express-openapi-additional-middleware': 'omit',
    'openapi-types.OpenAPIV2.Document.x-express-openapi-additional-middleware': 'omit',
    '@types/mdast': 'json',
    '@types/topojson-specification': 'json',
  },
})
