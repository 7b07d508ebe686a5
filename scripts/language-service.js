// Bundles the tsserver plugin, one CommonJS file with nothing to resolve but Node's own modules. tsserver `require`s a plugin from inside
// whatever Node an editor brings (VS Code: Electron's), where `require` of an ES module may be missing and type stripping is.
// It looks for the file by Node's old rules, which know no "exports": that is why language-service/package.json exists.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Into `folder`, as `language-service.cjs`. */
export async function bundleLanguageService(folder) {
  await build({
    absWorkingDir: root,
    entryPoints: ['cli/language-service.ts'],
    outfile: join(folder, 'language-service.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Never loaded by the plugin, which is handed the compiler that the editor runs.
    external: ['typescript', 'typescript/*', 'ts-morph', 'esbuild'],
    define: {
      'import.meta.url': 'moduleUrl',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
    banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href" },
    footer: { js: 'module.exports = module.exports.default' },
    logLevel: 'warning',
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await bundleLanguageService(process.argv[2] ?? join(root, 'dist'))
