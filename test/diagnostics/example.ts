/**
 * Examples of the catalogue as projects: marks taken out and remembered, the imports of weavets added as the first line. What an
 * example's diagnostics must be is a list like `src/shop.ts:3:14-19 WV3005`.
 */
import type { Sources } from '../../transformer/diagnostics/catalogue.ts'
import type { Diagnostic } from '../../transformer/diagnostics/diagnostic.ts'

export interface ExampleFiles {
  readonly files: Readonly<Record<string, string>>
  /** `src/shop.ts 120 131`: the marked places. */
  readonly marks: readonly string[]
}

const TYPES = ['Codec', 'Component', 'Config', 'Json', 'Key', 'Lifecycle', 'Listener', 'Logger', 'Main', 'Shared']
const VALUES = ['get', 'provide', 'run']

export function exampleFiles(sources: Sources): ExampleFiles {
  const marks: string[] = []
  const files: Record<string, string> = {}
  for (const [path, marked] of Object.entries(typeof sources === 'string' ? { 'src/example.ts': sources } : sources)) {
    let text = `${path.startsWith('src/') ? prelude(marked) : ''}${marked}\n`
    for (let start = text.indexOf('[|'); start !== -1; start = text.indexOf('[|')) {
      const end = text.indexOf('|]', start) - 2
      text = text.slice(0, start) + text.slice(start + 2, end + 2) + text.slice(end + 4)
      marks.push(`${path} ${start} ${end}`)
    }
    files[path] = text
  }
  return { files, marks }
}

function prelude(text: string): string {
  const code = text.replace(/\[\||\|\]/g, '').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
  const used = (name: string) => new RegExp(`(?<![.\\w$])${name}\\b`).test(code)
  const names = [
    ...TYPES.filter(used).map((name) => `type ${name}`),
    ...VALUES.filter((name) => new RegExp(`(?<![.\\w$])${name}\\s*[<(]`).test(code)),
  ]
  return names.length === 0 ? '' : `import { ${names.join(', ')} } from 'weavets'\n`
}

/** `WV3005 src/shop.ts 120 131` */
export function places(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code, file, start, end }) =>
    `${code} ${file === undefined ? '' : `${file} ${start} ${end}`}`.trim(),
  )
}
