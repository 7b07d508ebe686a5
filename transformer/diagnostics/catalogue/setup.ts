/** WV9xxx: how weave is installed, configured and called; nothing here is about the program itself. */
import { type CatalogueEntry, error, warning } from './entry.ts'

const APP = `export class Shop implements Main {
  async main() {}
}

await run(Shop)`

const BUILD = `import { build } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { weave } from 'weavets/esbuild'

const licence = {
  name: 'licence',
  setup({ onLoad }) {
    onLoad({ filter: /main\\.ts$/ }, async ({ path }) => {
      return { contents: '/*! MIT */ ' + (await readFile(path, 'utf8')), loader: 'ts' }
    })
  },
}

const options = { entryPoints: ['src/main.ts'], bundle: true, format: 'esm', platform: 'node', packages: 'external' }
await build({ ...options, outdir: 'dist', plugins: [licence, weave()] })`

const MANIFEST = '{ "format": 1, "version": "0000000000000000" }'

const GENERATED = {
  'src/main.ts': `import './weave.gen.ts'
import { Shop } from './shop.ts'

await run(Shop)`,
  'src/stock.ts': `export interface Stock extends Component {
  left(): Promise<number>
}

export class MemoryStock implements Stock {
  async left() { return 3 }
}`,
}
const SHOP = `import type { Stock } from './stock.ts'

export class Shop implements Main {
  async main() {
    const stock: Stock = get<Stock>()
    console.log(await stock.left())
  }
}`

const DECORATED = `const Injectable = (): ClassDecorator => () => {}

@Injectable()
export class Clock {}

export class Shop implements Main {
  async main() {}
}

await run(Shop)`
const decorators = (metadata: boolean): string => {
  const options = `"experimentalDecorators": true, "emitDecoratorMetadata": ${metadata}`
  return `{ "compilerOptions": { "strict": true, "module": "nodenext", "types": ["node"], ${options} }, "include": ["src"] }`
}

export const SETUP = {
  WV9001: error(
    'not-strict',
    'strictNullChecks must be on',
    "Without it the type checker itself can't tell 'string | null' from 'string', so no codec could either. Turn on `strict` in tsconfig.json.",
    {
      wrong: {
        'src/main.ts': APP,
        'tsconfig.json':
          '{ "compilerOptions": { "strict": false, "module": "nodenext", "types": ["node"] }, "include": ["src"] }',
      },
      right: {
        'src/main.ts': APP,
        'tsconfig.json':
          '{ "compilerOptions": { "strict": true, "module": "nodenext", "types": ["node"] }, "include": ["src"] }',
      },
    },
  ),
  WV9002: error(
    'untransformed',
    'A file reached the runtime without weave',
    'weave generates code when the program is built or loaded. A file that was loaded by something that knows nothing of weave has none of it. Add the plugin of the build in use, or start Node with `--import weavets/register`; `weave doctor` shows what is missing.',
    {
      wrong: { 'src/main.ts': APP, 'vite.config.ts': "export default { build: { ssr: 'src/main.ts' } }" },
      right: {
        'src/main.ts': APP,
        'vite.config.ts': `import { weave } from 'weavets/vite'

export default { plugins: [weave()], build: { ssr: 'src/main.ts' } }`,
      },
      command: { wrong: 'weave doctor', right: 'weave doctor' },
    },
  ),
  WV9003: error(
    'two-copies',
    'There are several copies of weavets',
    'What one copy registers, another does not know: `get<Cart>()` of a package that has its own copy finds no application. Let all packages of the project ask for one version; a package that shares components has weavets in `peerDependencies`.',
    {
      wrong: {
        'src/main.ts': APP,
        'node_modules/shop-kit/package.json':
          '{ "name": "shop-kit", "version": "1.0.0", "dependencies": { "weavets": "0.0.9" } }',
        'node_modules/shop-kit/node_modules/weavets/package.json': '{ "name": "weavets", "version": "0.0.9" }',
      },
      right: {
        'src/main.ts': APP,
        'node_modules/shop-kit/package.json':
          '{ "name": "shop-kit", "version": "1.0.0", "peerDependencies": { "weavets": "*" } }',
      },
      command: { wrong: 'weave doctor', right: 'weave doctor' },
    },
  ),
  WV9004: warning(
    'typescript-version',
    "The project's TypeScript is not the one that weave uses",
    'weave analyses with the TypeScript of the project where that has an interface that lasts: 5.6 to 6.x, and 7.1 and later. With another version it uses the one that it brings, so a type may be read in another way than the editor and `tsc` read it.',
    {
      wrong: {
        'src/main.ts': APP,
        'node_modules/typescript/package.json':
          '{ "name": "typescript", "version": "5.4.5", "main": "./lib/typescript.js" }',
      },
      right: { 'src/main.ts': APP },
      command: { wrong: 'weave doctor', right: 'weave doctor' },
    },
  ),
  WV9005: error(
    'loaded-elsewhere',
    'Another plugin took a file before weave',
    'The file needs generated code. A bundler gives a file to the first plugin that answers for it, and hands on changed text: weave must come first.',
    {
      wrong: { 'src/main.ts': APP, 'build.mjs': BUILD },
      right: { 'src/main.ts': APP, 'build.mjs': BUILD.replace('[licence, weave()]', '[weave(), licence]') },
      command: { wrong: 'node build.mjs', right: 'node build.mjs' },
    },
  ),
  WV9006: warning(
    'stale-output',
    'A built output is older than the sources',
    'The version in the manifest is the hash of the sources that it was built from. The sources have changed since, so what is deployed from this output is not what they say.',
    {
      wrong: { 'src/main.ts': APP, 'dist/weave.manifest.json': MANIFEST },
      right: { 'src/main.ts': APP },
      command: { wrong: 'weave doctor', right: 'weave doctor' },
    },
  ),
  WV9007: error(
    'internal',
    'weave could not analyse this',
    'An error inside weave, not in your program. Please report it with the code that it points to.',
  ),
  WV9010: error(
    'no-run',
    'The entry does not start an application',
    "The entry file must call `run(Root)` from weavets. Set `entry` in weave.config.ts if it isn't src/main.ts.",
    {
      wrong: {
        'src/main.ts': APP,
        'src/start.ts': "[|import { Shop } from './main.ts'|]\nexport { Shop }",
        'weave.config.ts': "export default { entry: 'src/start.ts' }",
      },
      right: { 'src/main.ts': APP, 'weave.config.ts': "export default { entry: 'src/main.ts' }" },
    },
  ),
  WV9011: error(
    'weavets-not-found',
    'weavets is not part of the program',
    'No file of the program imports the types of weavets, or the import was not found. Install it, and let tsconfig.json include the sources of the application.',
    {
      wrong: { 'src/main.ts': "console.log('open')", 'weave.config.ts': "export default { entry: 'src/main.ts' }" },
      right: { 'src/main.ts': APP, 'weave.config.ts': "export default { entry: 'src/main.ts' }" },
    },
  ),
  WV9012: error(
    'config-unreadable',
    'weave.config.ts can not be loaded',
    'Node loads it synchronously and strips its types, so it may not await at top level, and has no enums, namespaces or parameter properties.',
    {
      wrong: { 'src/main.ts': APP, 'weave.config.ts': "export default { name: await Promise.resolve('shop') }" },
      right: { 'src/main.ts': APP, 'weave.config.ts': "export default { name: 'shop' }" },
    },
  ),
  WV9013: error(
    'tsconfig',
    'tsconfig.json has errors',
    'What it includes is what weave analyses, so with a wrong one a component may be overlooked.',
    {
      wrong: {
        'src/main.ts': APP,
        'tsconfig.json':
          '{ "compilerOptions": { "strict": true, "module": "es2999", "types": ["node"] }, "include": ["src"] }',
      },
      right: {
        'src/main.ts': APP,
        'tsconfig.json':
          '{ "compilerOptions": { "strict": true, "module": "nodenext", "types": ["node"] }, "include": ["src"] }',
      },
    },
  ),
  WV9014: error(
    'no-doc-comments',
    'Doc comments were not parsed',
    'weave finds its own types by doc tags. ts-patch reads them because the package.json of weavets asks for it; a compiler host of your own must set `jsDocParsingMode` to `ParseAll`.',
  ),
  WV9015: error(
    'syntax',
    'A source file has errors of syntax',
    'What the parser could not read may hide a component or change one. Correct these errors first; `tsc --noEmit` shows them all.',
    { wrong: 'export const price = [|;|]', right: 'export const price = 9' },
  ),
  WV9016: warning(
    'several-entries',
    'Several files start an application',
    'weave.config.ts, the manifest and `weave build` belong to one application. Where several files call `run` and none is src/main.ts, say which one is meant: `entry` in weave.config.ts, or `--entry`.',
    {
      wrong: {
        'src/office.ts': APP.replaceAll('Shop', 'Office'),
        'src/shop.ts': APP,
        'tsconfig.json':
          '{ "compilerOptions": { "strict": true, "module": "nodenext", "types": ["node"] }, "include": ["src"] }',
      },
      right: {
        'src/office.ts': APP.replaceAll('Shop', 'Office'),
        'src/shop.ts': APP,
        'weave.config.ts': "export default { entry: 'src/shop.ts' }",
      },
    },
  ),
  WV9017: error(
    'needs-transform',
    'It needs a transform, and weave.gen.ts is used without one',
    "Where nothing rewrites the program, a component is named by a string, `get('Cart')`, and implementations are imported by the generated file. Reported by `weave generate` alone.",
    {
      wrong: { ...GENERATED, 'src/shop.ts': SHOP },
      right: { ...GENERATED, 'src/shop.ts': SHOP.replace('get<Stock>()', "get('Stock')") },
      command: { wrong: 'weave generate', right: 'weave generate' },
    },
  ),
  WV9018: warning(
    'decorator-metadata',
    'The types of decorators are not emitted',
    "Frameworks such as NestJS and TypeORM inject by the types that `emitDecoratorMetadata` makes tsc write down. esbuild, by which `weave run`, `dev`, `build`, `deploy` and weavets/register compile, knows no types and leaves them out, so what is injected is undefined. `weave tsc` writes them, and `weave deploy --build dist` deploys what it wrote. What is constructed by hand, `provide<Orders>(() => new OrdersService(pool))`, needs none. `diagnostics: { WV9018: 'off' }` in weave.config.ts where nothing reads them.",
    {
      wrong: { 'src/main.ts': DECORATED, 'tsconfig.json': decorators(true) },
      right: { 'src/main.ts': DECORATED, 'tsconfig.json': decorators(false) },
      command: { wrong: 'weave check', right: 'weave check' },
    },
  ),
} as const satisfies Record<string, CatalogueEntry>
